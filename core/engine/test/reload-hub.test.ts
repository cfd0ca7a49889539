import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import type { Hub, PluginSource } from '../src/index.ts';
import type { Change, StateStore, Stores } from '../src/ports.ts';
import { FakeIsolation } from './plugins/fake-isolation.ts';
import { source } from './plugins/fixture.ts';
import { hubOver, provision, sendAs, until, witness } from './support/hub-scenario.ts';

/** A consumer that emits what it saw, by version. Its code is made anew for each test, as if from another file. */
function echo(version: string, id = 'echo'): PluginSource {
  return source(
    {
      id,
      permissions: { events: { read: ['Ordered'], write: ['Echoed'] } },
      contributes: {
        consumers: { follow: { title: 'Follow', events: ['Ordered'] } },
        actions: { version: { title: 'Version', effect: 'read', input: { type: 'object' }, output: { type: 'string' } } },
      },
    },
    (host) => {
      host.action('version', async () => version);
      host.consumer('follow', async (events, call) => {
        for (const { id: event } of events) call.changes.emit({ name: 'Echoed', properties: { event, version }, discriminator: event });
      });
    },
    { packageJson: { name: `@acme/plugin-${id}`, version } },
  );
}

/** Stores whose commits of some changes fail for as long as a test wants. */
function failing(isMeant: (change: Change) => boolean): { readonly stores: Stores; isFailing: boolean } {
  const real = createMemoryStores();
  const made = { isFailing: false };
  const state = new Proxy(real.state, {
    get(target, member: keyof StateStore) {
      if (member !== 'tenant') {
        const value: unknown = Reflect.get(target, member, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      return (keys: Parameters<StateStore['tenant']>[0]) => {
        const tenant = target.tenant(keys);
        return Object.assign(Object.create(tenant) as typeof tenant, {
          commit: async (changes: readonly Change[]) => {
            if (made.isFailing && changes.some(isMeant)) throw new TendrilError('STORE_UNAVAILABLE');
            return tenant.commit(changes);
          },
        });
      };
    },
  });
  return Object.assign(made, { stores: { log: real.log, state } });
}

describe('a hub that reloads its plugins', () => {
  let hubs: Hub[] = [];
  afterEach(async () => {
    for (const hub of hubs) await hub.stop();
    hubs = [];
  });

  it('lets consumers of new plugins follow and those of gone ones end, and takes the lock along', async () => {
    const stores = createMemoryStores();
    let found: readonly PluginSource[] = [witness()];
    const hub = await hubOver(stores, found, { findPlugins: async () => found });
    hubs.push(hub);
    await hub.start();
    const { tenant, writeKey } = await provision(hub, 'acme');
    found = [witness(), echo('1.0.0')];
    assert.deepEqual((await hub.plugins.reload()).added, ['echo']);
    await tenant.plugins.enable('echo');
    await sendAs(hub, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm1' }]);
    await until(async () => (await tenant.events.list({ name: 'Echoed' })).items.length === 1);
    assert.equal((await tenant.actions.call('echo.version', {})).output, '1.0.0');
    assert.equal((await hub.health()).lock.isCurrent, true);
    assert.ok((await tenant.consumers.list()).some(({ id }) => id === 'echo.follow'));

    found = [witness()];
    assert.deepEqual((await hub.plugins.reload()).removed, ['echo']);
    assert.ok((await tenant.consumers.list()).every(({ id }) => id !== 'echo.follow'));
    await assert.rejects(tenant.actions.call('echo.version', {}), { code: 'ACTION_UNKNOWN' });
    await sendAs(hub, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm2' }]);
    await until(async () => (await tenant.consumers.list()).every(({ lag }) => lag === 0));
    assert.equal((await tenant.events.list({ name: 'Echoed' })).items.length, 1);

    // Back again, it goes on where it was.
    found = [witness(), echo('1.0.0')];
    await hub.plugins.reload();
    await until(async () => (await tenant.events.list({ name: 'Echoed' })).items.length === 2);
  });

  it('has the next reload complete one that was cut short: consumers follow in their new version', async () => {
    const store = failing((change) => change.op === 'job' && change.job.kind === 'plugins.schedule');
    const isolation = new FakeIsolation(async ({ version, call }) => {
      call.changes.emit({ name: 'Echoed', properties: { version }, discriminator: call.idempotencyKey });
    });
    const versionOf = (version: string, schedules = {}): PluginSource =>
      source(
        {
          id: 'echo',
          permissions: { events: { read: ['Ordered'], write: ['Echoed'] } },
          contributes: { consumers: { follow: { title: 'Follow', events: ['Ordered'] } }, schedules },
        },
        undefined,
        { packageJson: { name: '@acme/plugin-echo', version } },
      );
    const trusted = { ...witness(), isTrusted: true };
    let found: readonly PluginSource[] = [trusted, versionOf('1.0.0')];
    const hub = await hubOver(store.stores, found, { isolation, findPlugins: async () => found });
    hubs.push(hub);
    await hub.start();
    const { tenant, writeKey } = await provision(hub, 'acme');
    const consent = (await tenant.plugins.list()).find(({ id }) => id === 'echo')?.permissionsHash ?? '';
    await tenant.plugins.enable('echo', { consent });

    store.isFailing = true;
    found = [trusted, versionOf('2.0.0', { hourly: { title: 'Hourly', every: '1h' } })];
    await assert.rejects(hub.plugins.reload(), { code: 'STORE_UNAVAILABLE' });
    store.isFailing = false;
    assert.deepEqual(await hub.plugins.reload(), { added: [], changed: [], removed: [], faults: [] });
    await sendAs(hub, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm1' }]);
    await until(async () => (await tenant.events.list({ name: 'Echoed' })).items.length === 1);
    const [echoed] = (await tenant.events.list({ name: 'Echoed' })).items;
    assert.deepEqual(echoed?.properties, { version: '2.0.0' });
  });

  it('makes other processes refuse work until they have the same, which name what they lack', async () => {
    const stores = createMemoryStores();
    let found: readonly PluginSource[] = [witness()];
    const hub = await hubOver(stores, found, { findPlugins: async () => found });
    const other = await hubOver(stores, found, { findPlugins: async () => found, acceptsLock: false });
    hubs.push(hub, other);
    await hub.start({ roles: ['api'] });
    await other.start({ roles: ['worker', 'scheduler'] });
    const { tenant } = await provision(hub, 'acme');
    found = [witness(), echo('1.0.0')];
    await hub.plugins.reload();
    await tenant.plugins.enable('echo');
    await until(async () => !(await other.health()).isReady);
    assert.deepEqual((await other.health()).lock.differences, [{ plugin: 'echo', what: 'missing', installation: '1.0.0' }]);
    const there = await other.tenant('acme');
    await assert.rejects(there.actions.call('echo.version', {}), (error: { code: string; details: object }) => {
      assert.deepEqual(error.details, { plugin: 'echo' });
      return error.code === 'PLUGIN_NOT_INSTALLED_HERE';
    });
    await other.plugins.reload();
    await until(async () => (await other.health()).isReady);
    assert.equal((await there.actions.call('echo.version', {})).output, '1.0.0');
  });

  it('tells tenants of a revoked plugin once, calls it no more, and shows it', async () => {
    const stores = createMemoryStores();
    let found: readonly PluginSource[] = [witness(), echo('1.0.0')];
    const hub = await hubOver(stores, found, { findPlugins: async () => found });
    hubs.push(hub);
    await hub.start();
    const { tenant } = await provision(hub, 'acme');
    await tenant.plugins.enable('echo');
    found = [witness(), { ...echo('1.0.0'), revoked: { reason: 'it steals' } }];
    assert.deepEqual((await hub.plugins.reload()).changed, ['echo']);
    await hub.plugins.reload();
    await assert.rejects(tenant.actions.call('echo.version', {}), { code: 'PLUGIN_REVOKED' });
    assert.deepEqual((await hub.health()).alerts, [{ plugin: 'echo', tenantId: 'acme', state: 'revoked', reason: 'it steals' }]);
    await until(async () => (await tenant.events.list({ name: 'tendril.plugin.revoked' })).items.length === 1);
    const [told] = (await tenant.events.list({ name: 'tendril.plugin.revoked' })).items;
    assert.deepEqual(told?.properties, { plugin: 'echo', version: '1.0.0', reason: 'it steals', dependants: [] });
    assert.deepEqual((await tenant.plugins.list()).find(({ id }) => id === 'echo')?.health, {
      state: 'revoked',
      incidents: 0,
      reason: 'it steals',
    });
    found = [witness(), echo('1.0.0')];
    await hub.plugins.reload();
    assert.equal((await tenant.actions.call('echo.version', {})).output, '1.0.0');
  });
});
