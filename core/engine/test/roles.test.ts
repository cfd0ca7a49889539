import assert from 'node:assert/strict';
import { createMemoryStores } from '@tendril/testkit/stores';
import { createMemoryWakeServer } from '@tendril/testkit/wake-ups';
import type { Hub, HubOptions, HubRole } from '../src/index.ts';
import { hubOver, provision, seen, sendAs, until, witness } from './support/hub-scenario.ts';

describe('hubs with roles over the same stores', () => {
  const hubs: Hub[] = [];
  afterEach(async () => {
    await Promise.all(hubs.splice(0).map((hub) => hub.stop()));
  });

  async function start(
    stores: ReturnType<typeof createMemoryStores>,
    roles: readonly HubRole[],
    more: Partial<HubOptions> = {},
    plugins = [witness()],
  ): Promise<Hub> {
    const hub = await hubOver(stores, plugins, more);
    hubs.push(hub);
    await hub.start({ roles });
    return hub;
  }

  async function running(hub: Hub): Promise<number> {
    const metrics = await hub.metrics();
    const values = metrics.find(({ name }) => name === 'tendril_worker_running')?.values ?? [];
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  it('take events in one process and follow them in another, for tenants that come later too', async () => {
    const stores = createMemoryStores();
    const server = createMemoryWakeServer();
    const api = await start(stores, ['api'], { wakeUps: server.connect([]) });
    const worker = await start(stores, ['worker'], { wakeUps: server.connect(['worker']) });
    const { tenant, writeKey } = await provision(api, 'acme');
    await sendAs(api, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm1' }]);
    await until(async () => (await seen(tenant)).includes('m1'));
    await until(async () => (await tenant.events.head()) === 2);
    assert.equal(await running(api), 0);
    assert.ok((await running(worker)) > 0);
    assert.equal((await api.health()).isReady, true);
  });

  it('leave work to those whose plugins are the installation’s', async () => {
    const stores = createMemoryStores();
    const first = await start(stores, ['worker'], { acceptsLock: false });
    const { tenant, writeKey } = await provision(first, 'acme');
    const version = (text: string): ReturnType<typeof witness> => {
      const plugin = witness();
      return { ...plugin, packageJson: { ...plugin.packageJson, version: text } };
    };
    const newer = [version('9.9.9')];
    const refused = await start(stores, ['worker'], { acceptsLock: false }, newer);
    const answers = await start(stores, ['api'], { acceptsLock: false }, newer);
    await first.stop();
    await sendAs(answers, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm1' }]);
    const health = await refused.health();
    assert.equal(health.isReady, false);
    assert.deepEqual(
      health.lock.differences.map(({ plugin, what, here }) => [plugin, what, here]),
      [['witness', 'version', '9.9.9']],
    );
    assert.equal((await answers.health()).isReady, true);
    assert.equal(await running(refused), 0);
    // The operator brings the new version in: those that have it go on without being started again.
    const accepting = await start(stores, ['scheduler'], { acceptsLock: true }, newer);
    await until(async () => (await seen(tenant)).includes('m1'));
    assert.equal((await refused.health()).isReady, true);
    assert.equal((await accepting.health()).isReady, true);
  });
});
