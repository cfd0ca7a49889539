import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxControl, ensureSandboxes, startSandboxes } from '../../src/sandboxes/index.ts';
import type { SandboxesFile } from '../../src/sandboxes/index.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilDead(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function track({ services: { segment } }: SandboxesFile, messageId: string): Promise<Response> {
  return fetch(`${segment.url}/v1/track`, {
    method: 'POST',
    body: JSON.stringify({ writeKey: segment.writeKey, userId: 'u', event: 'E', messageId }),
  });
}

describe('the sandboxes as a process', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-sandboxes-'));
  let running: SandboxesFile;
  before(async () => {
    running = await ensureSandboxes(folder);
  });
  after(async () => {
    process.kill(running.pid, 'SIGTERM');
    await untilDead(running.pid);
    rmSync(folder, { recursive: true, force: true });
  });

  it('are found again while they run', async () => {
    assert.deepEqual(await ensureSandboxes(folder), running);
    assert.notEqual(running.pid, process.pid);
  });

  it('are there once, however many start them', async () => {
    const other = mkdtempSync(join(tmpdir(), 'tendril-sandboxes-'));
    const found = await Promise.all([ensureSandboxes(other), ensureSandboxes(other), ensureSandboxes(other)]);
    assert.equal(new Set(found.map((file) => file.pid)).size, 1);
    await assert.rejects(startSandboxes({ folder: other }), /locked/);
    process.kill(found[0].pid, 'SIGTERM');
    await untilDead(found[0].pid);
    rmSync(other, { recursive: true, force: true });
  });

  it('keep their credentials from others', () => {
    assert.equal(statSync(join(folder, 'sandboxes.json')).mode & 0o077, 0);
  });

  it('survive kill -9: ports, credentials, effects, faults and what was acknowledged are there again', async () => {
    const control = createSandboxControl(running.services.segment.url);
    await control.reset();
    await control.fault('drop_after', { count: 1 });
    await assert.rejects(track(running, 'dropped'));
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => track(running, `message-${String(index % 20)}`)));
    assert.ok(answers.every((answer) => answer.status === 200));
    await control.fault('throttle', { count: 2 });
    const before = await control.status();

    process.kill(running.pid, 'SIGKILL');
    await untilDead(running.pid);
    const first = running;
    running = await ensureSandboxes(folder);

    assert.notEqual(running.pid, first.pid);
    assert.deepEqual(running.ports, first.ports);
    assert.equal(running.services.salesforce.refreshToken, first.services.salesforce.refreshToken);
    assert.deepEqual(await control.status(), before);
    assert.deepEqual([before.effects, before.repeats, before.keys, before.doubled], [21, 20, 21, 0]);
    assert.equal((await track(running, 'dropped')).status, 429);
    // An access token that was issued before the kill still holds.
    const { instanceUrl } = running.services.salesforce;
    const limits = await fetch(`${instanceUrl}/services/data/v63.0/limits`, {
      headers: { authorization: `Bearer ${first.services.salesforce.accessToken}` },
    });
    assert.equal(limits.status, 200);
  });

  it('do not end with Ctrl-C in the terminal of the hub', async () => {
    process.kill(running.pid, 'SIGINT');
    assert.deepEqual(await ensureSandboxes(folder), running);
  });
});

describe('startSandboxes', function () {
  this.timeout(30_000);

  it('takes another port where somebody else has taken its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tendril-sandboxes-'));
    const first = await startSandboxes({ folder });
    await first.close();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(first.ports.hubspot, '127.0.0.1', resolve));
    const second = await startSandboxes({ folder });
    assert.notEqual(second.ports.hubspot, first.ports.hubspot);
    assert.equal(second.ports.salesforce, first.ports.salesforce);
    assert.equal(second.services.hubspot.basePath, `http://127.0.0.1:${String(second.ports.hubspot)}`);
    await second.close();
    await new Promise((resolve) => squatter.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });
});
