import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSandboxControl } from '@tendril/testkit/sandboxes';
import { figure, missingServers, openInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { createProbes } from '../support/probes.ts';
import { eventually } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';

const LEASE_MS = 10_000;
const CONNECTED = 'tendril_wake_ups_connected';

describe('several processes whose servers and workers fail', function () {
  this.timeout(240_000);
  const probes = createProbes();
  let installation: Installation;
  let proxy: TcpProxy;
  let api: RunningHub;
  let near: RunningHub;
  /** Reaches Redis through the proxy. */
  let far: RunningHub;

  before(async function () {
    const missing = await missingServers();
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${missing}\n`);
      this.skip();
    }
    installation = await openInstallation();
    proxy = await openTcpProxy(installation.redis.port);
    api = await installation.start('api');
    near = await installation.start('worker', { TENDRIL_GRACE_MS: '200' });
    far = await installation.start('worker', { TENDRIL_GRACE_MS: '200', REDIS_URL: `redis://127.0.0.1:${String(proxy.port)}` });
    // Two of them: what keeps time is done once all the same.
    await Promise.all([installation.start('scheduler'), installation.start('scheduler')]);
    await probes.deploy(api);
    for (const hub of [near, far]) await reaches(hub, 1);
  });
  after(async () => {
    await Promise.allSettled([installation?.close(), proxy?.close()]);
  });

  function reaches(hub: RunningHub, connected: 0 | 1): Promise<number> {
    return eventually(
      () => figure(hub, CONNECTED),
      (value) => value === connected,
    );
  }

  /** A worker that has runs in hand. */
  async function findBusy(): Promise<RunningHub | undefined> {
    for (const worker of [near, far]) if ((await figure(worker, 'tendril_worker_running', 'kind="run"')) > 0) return worker;
    return undefined;
  }

  /** Lets Salesforce answer late, its effect done at once: what the hub does meanwhile meets a run within a call. */
  async function answerLate(count: number, delayMs: number): Promise<void> {
    const { services } = JSON.parse(readFileSync(join(installation.dataDir, 'sandbox', 'sandboxes.json'), 'utf8')) as {
      services: { salesforce: { url: string } };
    };
    await createSandboxControl(services.salesforce.url).fault('slow', { count, delayMs });
  }

  it('lose nothing when Redis forgets everything', async () => {
    const sending = probes.send(api, 'flushed', 60);
    for (let flush = 0; flush < 20; flush += 1) await installation.redis.flush();
    await sending;
    await probes.settle(api, installation);
  });

  it('lose nothing when Redis is away, and use it again when it is back', async () => {
    await probes.send(api, 'before', 20);
    await installation.redis.kill();
    await probes.send(api, 'away', 40);
    await probes.settle(api, installation);
    for (const hub of [api, near, far]) await reaches(hub, 0);
    await installation.redis.start();
    for (const hub of [api, near, far]) await reaches(hub, 1);
    await probes.send(api, 'back', 20);
    await probes.settle(api, installation);
  });

  it('lose nothing when one worker cannot reach Redis, and nobody tells it', async () => {
    proxy.block();
    await probes.send(api, 'blocked', 40);
    await reaches(far, 0);
    await probes.send(api, 'noticed', 20);
    await probes.settle(api, installation);
    assert.equal(await figure(near, CONNECTED), 1);
    proxy.unblock();
    await reaches(far, 1);
    await probes.send(api, 'unblocked', 20);
    await probes.settle(api, installation);
  });

  it('lose nothing that was acknowledged when MariaDB is killed and comes back', async () => {
    const sending = probes.send(api, 'killed', 60);
    await installation.database.kill();
    await sending;
    await installation.database.start();
    await eventually(
      async () => (await fetch(`${api.url}/readyz`)).status,
      (status) => status === 200,
    );
    await probes.resend(api);
    await probes.settle(api, installation, 4 * LEASE_MS + 30_000);
  });

  it('do nothing twice when a worker stands still past its lease and goes on', async () => {
    await answerLate(60, 1_500);
    await probes.send(api, 'frozen', 60);
    const frozen = await eventually(findBusy, (busy) => busy !== undefined);
    assert.ok(frozen);
    frozen.process.kill('SIGSTOP');
    await probes.send(api, 'meanwhile', 20);
    // The other one takes over what the frozen one holds, the log's followers among it.
    await probes.settle(api, installation, 4 * LEASE_MS + 30_000);
    frozen.process.kill('SIGCONT');
    await probes.send(api, 'thawed', 20);
    await probes.settle(api, installation, 4 * LEASE_MS + 30_000);
    assert.equal(frozen.process.exitCode, null);
  });

  it('do nothing twice when a worker has to stop within a step', async () => {
    await answerLate(60, 3_000);
    await probes.send(api, 'leaving', 60);
    const leaving = await eventually(findBusy, (busy) => busy !== undefined);
    assert.ok(leaving);
    await leaving.stop();
    await probes.settle(api, installation, 4 * LEASE_MS + 30_000);
  });
});
