import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';

const PAYLOAD = 'x'.repeat(8000);
const batch = (name: string): readonly object[] =>
  Array.from({ length: 20 }, (_, index) => ({
    type: 'track',
    messageId: `${name}-${index}`,
    userId: 'u',
    event: 'Written',
    properties: { payload: PAYLOAD },
  }));

/** Message ids in the log, all pages. */
async function idsInLog(hub: RunningHub): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const page: { items: readonly { id: string }[]; nextCursor?: string } = await hub.api(
      'GET',
      `/v1/events?name=Written&limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    for (const { id } of page.items) ids.add(id);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}

describe('a hub whose disk is full', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-disk-'));
  let isMounted = false;
  let hub: RunningHub | undefined;
  before(async function () {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
    isMounted = mounted.status === 0;
    // Only root may mount a small file system.
    if (!isMounted) this.skip();
    hub = await startHub({ dataDir: join(folder, 'data'), flags: ['--empty'] });
  });
  after(async () => {
    await hub?.stop();
    removeDataDir(join(folder, 'data'));
    if (isMounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('says so, keeps what it acknowledged, lives, and goes on when there is room again', async () => {
    assert.ok(hub);
    const acknowledged: string[] = [];
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 4_000_000)));
    let refusal = 200;
    for (let count = 0; refusal === 200 && count < 200; count += 1) {
      refusal = await hub.send(batch(`full-${count}`));
      if (refusal === 200) acknowledged.push(`full-${count}-0`);
    }
    assert.ok([507, 503, 429].includes(refusal), `answered ${refusal}`);
    assert.equal((await fetch(`${hub.url}/healthz`)).status, 200);
    rmSync(join(folder, 'ballast'));
    const running = hub;
    await eventually(
      () => running.send(batch('room')),
      (status) => status === 200,
      60_000,
    );
    const ids = await idsInLog(running);
    assert.deepEqual(
      [...acknowledged, 'room-0'].filter((id) => !ids.has(id)),
      [],
    );
    assert.equal(running.process.exitCode, null);
  });
});

describe('a hub whose database somebody else holds', function () {
  this.timeout(120_000);
  let hub: RunningHub;
  const folder = mkdtempSync(join(tmpdir(), 'tendril-locked-'));
  before(async () => {
    mkdirSync(folder, { recursive: true });
    hub = await startHub({ dataDir: folder, flags: ['--empty'] });
  });
  after(async () => {
    await hub.stop();
    removeDataDir(folder);
  });

  it('asks to try again, and takes it when the lock is gone', async () => {
    assert.equal(await hub.send(batch('before')), 200);
    const other = new Database(join(folder, 'log.db'));
    other.exec('BEGIN IMMEDIATE');
    const startedAt = performance.now();
    const status = await hub.send(batch('locked'));
    const tookMs = performance.now() - startedAt;
    assert.equal((await fetch(`${hub.url}/healthz`)).status, 200);
    other.exec('ROLLBACK');
    other.close();
    assert.ok([503, 429].includes(status), `answered ${status} after ${Math.round(tookMs)} ms`);
    await eventually(
      () => hub.send(batch('locked')),
      (again) => again === 200,
    );
    const ids = await idsInLog(hub);
    assert.deepEqual(
      ['before-0', 'locked-0'].filter((id) => !ids.has(id)),
      [],
    );
  });
});
