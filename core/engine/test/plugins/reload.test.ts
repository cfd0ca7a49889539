import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import type { PluginSource } from '../../src/plugins/index.ts';
import { FakeIsolation } from './fake-isolation.ts';
import { anyAction, RUN, source, startHost, takeUpJobs } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const contributes = { actions: { go: anyAction() } };

function version(number: string, manifest: JsonObject = {}, more: Partial<PluginSource> = {}, id = 'probe'): PluginSource {
  const packageJson = { name: `@acme/plugin-${id}`, version: number };
  return source({ id, contributes, ...manifest }, undefined, { packageJson, ...more });
}

/** A moment that the test decides. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

describe('reloading plugins', () => {
  let fixture: HostFixture | undefined;
  let isolation = new FakeIsolation();
  let found: readonly PluginSource[] = [];
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });

  async function start(...sources: readonly PluginSource[]): Promise<HostFixture> {
    found = sources;
    isolation = new FakeIsolation();
    return (fixture = await startHost(sources, { isolation, findPlugins: async () => found }));
  }
  async function reload(started: HostFixture, ...sources: readonly PluginSource[]): Promise<readonly string[]> {
    found = sources;
    const { added, changed, removed, faults } = await started.host.catalogue.reload();
    return [
      ...added.map((id) => `+${id}`),
      ...changed.map((id) => `~${id}`),
      ...removed.map((id) => `-${id}`),
      ...faults.map(({ plugin, code }) => `!${plugin} ${code}`),
    ];
  }
  const go = async ({ host, action }: HostFixture): Promise<unknown> => (await host.runAction('acme', action('probe.go'), {}, RUN)).output;

  it('takes up what is new, changed and gone, and nothing else', async () => {
    const started = await start(version('1.0.0'), version('1.0.0', {}, {}, 'same'), version('1.0.0', {}, {}, 'gone'));
    const same = started.host.plugin('same');
    const before = started.host.lock().hash;
    const table = { key: 'id', schema: { type: 'object', properties: { id: { type: 'string' } } }, indexes: {} };
    const fresh = version(
      '1.0.0',
      { contributes: { ...contributes, tables: { rows: table } }, permissions: { storage: ['tables'] } },
      {},
      'fresh',
    );
    assert.deepEqual(await reload(started, version('1.1.0'), version('1.0.0', {}, {}, 'same'), fresh), ['+fresh', '~probe', '-gone']);
    assert.equal(await go(started), '1.1.0');
    assert.equal(started.host.plugin('same'), same);
    assert.notEqual(started.host.lock().hash, before);
    assert.deepEqual(isolation.stopped.toSorted(), ['gone@1.0.0', 'probe@1.0.0']);
    // Its table is there.
    const spec = started.host.plugin('fresh')?.tables.get('rows');
    assert.ok(spec);
    const { state } = await started.tenants.open('acme');
    assert.equal((await state.commit([{ op: 'put', table: spec, value: { id: 'a' } }])).ok, true);
    assert.deepEqual(await reload(started, ...found), []);
  });

  it('notices other code and other manifests of the same version', async () => {
    const coded = (code: string, manifest: JsonObject = {}): PluginSource => version('1.0.0', manifest, { integrity: async () => code });
    const started = await start(coded('a'));
    assert.deepEqual(await reload(started, coded('a')), []);
    assert.deepEqual(await reload(started, coded('b')), ['~probe']);
    assert.deepEqual(await reload(started, coded('b', { title: 'Other' })), ['~probe']);
  });

  it('lets calls that run end where they began, and then stops the old version', async () => {
    const started = await start(version('1.0.0'));
    const [entered, leave] = [gate(), gate()];
    isolation.behaviour = async ({ version: running }) => {
      if (running !== '1.0.0') return running;
      entered.open();
      await leave.opened;
      return running;
    };
    const running = go(started);
    await entered.opened;
    await reload(started, version('2.0.0'));
    assert.deepEqual(isolation.stopped, []);
    assert.equal(await go(started), '2.0.0');
    leave.open();
    assert.equal(await running, '1.0.0');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(isolation.stopped, ['probe@1.0.0']);
  });

  it('changes no rows while calls of the old version may still write some', async () => {
    const tableIn = (number: number): JsonObject => ({
      permissions: { storage: ['tables'] },
      contributes: {
        actions: { go: anyAction({ effect: 'write', idempotency: 'natural' }) },
        tables: {
          rows: {
            key: 'id',
            version: number,
            schema: { type: 'object', properties: { id: { type: 'string' } } },
            indexes: {},
            ...(number > 1 && { migrations: [{ version: 2, set: { isNew: true } }] }),
          },
        },
      },
    });
    const started = await start(version('1.0.0', tableIn(1)));
    const first = started.host.plugin('probe')?.tables.get('rows');
    assert.ok(first);
    const { state } = await started.tenants.open('acme');
    await state.commit([{ op: 'put', table: first, value: { id: 'before' } }]);
    const { opened, open } = gate();
    isolation.behaviour = async () => opened;
    const running = go(started);
    await reload(started, version('2.0.0', tableIn(2)));
    const runDue = await takeUpJobs(started);
    assert.equal(await runDue('plugins.migrate'), 1);
    // As the call that runs does when it ends.
    await state.commit([{ op: 'put', table: first, value: { id: 'meanwhile' } }]);
    open();
    await running;
    started.clock.advance(1_000);
    assert.equal(await runDue('plugins.migrate'), 1);
    const { items } = await state.query(first, { limit: 10 });
    assert.deepEqual(
      items.map(({ value }) => value['isNew']),
      [true, true],
    );
    assert.deepEqual(await started.host.migrations.progress('acme'), []);
  });

  it('refuses a call that found the old version but comes too late, for another try', async () => {
    const started = await start(version('1.0.0'));
    const old = started.action('probe.go');
    await reload(started, version('2.0.0'));
    await assert.rejects(started.host.runAction('acme', old, {}, RUN), (error: { code: string; details: JsonObject }) => {
      assert.equal(error.details['isWithoutEffect'], true);
      return error.code === 'PLUGIN_NOT_INSTALLED_HERE';
    });
  });

  it('leaves the running version in place when the new manifest is faulty', async () => {
    const started = await start(version('1.0.0'), version('1.0.0', { requires: { plugins: { probe: '^1.0.0' } } }, {}, 'top'));
    const top = version('1.0.0', { requires: { plugins: { probe: '^1.0.0' } } }, {}, 'top');
    const faults = await reload(started, version('1.1.0', { titel: 'x' }), top);
    assert.deepEqual(faults, ['!probe MANIFEST_INVALID', '!top PLUGIN_REQUIREMENT_MISSING']);
    assert.equal(await go(started), '1.0.0');
    assert.deepEqual(
      started.host.catalogue.list().map(({ id, version: shown, state }) => `${id} ${shown} ${state}`),
      ['probe 1.0.0 loaded', 'top 1.0.0 loaded'],
    );
    // One that is gone takes those with it that require it.
    assert.deepEqual(await reload(started, top), ['-probe', '-top', '!top PLUGIN_REQUIREMENT_MISSING']);
  });

  it('does not replace code that runs in this process, and says what to do', async () => {
    const trusted = (number: string): PluginSource =>
      source({ id: 'probe', contributes }, (host) => host.action('go', async () => number), {
        packageJson: { name: '@acme/plugin-probe', version: number },
        isTrusted: true,
      });
    const started = await start(trusted('1.0.0'));
    assert.deepEqual(await reload(started, trusted('1.0.0')), []);
    assert.deepEqual(await reload(started, trusted('2.0.0')), ['!probe PLUGIN_FAULTY']);
    assert.equal(started.host.catalogue.faults()[0]?.suggestion, 'restart this process');
    assert.equal(await go(started), '1.0.0');
    // Not even when it was gone in between: Node keeps the module.
    assert.deepEqual(await reload(started), ['-probe']);
    assert.deepEqual(await reload(started, trusted('2.0.0')), ['!probe PLUGIN_FAULTY']);
    assert.deepEqual(await reload(started, trusted('1.0.0')), ['+probe']);
    // One that is trusted no longer leaves the process.
    assert.deepEqual(await reload(started, { ...trusted('2.0.0'), isTrusted: false }), ['~probe']);
  });

  it('comes one after another', async () => {
    const started = await start(version('1.0.0'));
    const order: string[] = [];
    const [first, second] = [gate(), gate()];
    let calls = 0;
    fixture = started;
    const finders = [
      async () => {
        order.push('first begins');
        await first.opened;
        order.push('first ends');
      },
      async () => {
        order.push('second begins');
        second.open();
      },
    ];
    const host = (
      await startHost([version('1.0.0')], {
        isolation: new FakeIsolation(),
        findPlugins: async () => {
          await finders[calls++]?.();
          return [version(`1.${calls}.0`)];
        },
      })
    ).host;
    const both = [host.catalogue.reload(), host.catalogue.reload()];
    first.open();
    await Promise.all([...both, second.opened]);
    assert.deepEqual(order, ['first begins', 'first ends', 'second begins']);
    assert.equal(host.plugin('probe')?.version, '1.2.0');
    await host.stop();
    await assert.rejects(host.catalogue.reload(), { code: 'HUB_STOPPING' });
  });

  it('that cannot make a table known changes nothing, and may be tried again', async () => {
    let isAway = true;
    found = [version('1.0.0')];
    isolation = new FakeIsolation();
    const started = (fixture = await startHost(found, {
      isolation,
      findPlugins: async () => found,
      defineTables: async () => {
        if (isAway) throw new Error('the store is away');
      },
    }));
    found = [version('2.0.0')];
    await assert.rejects(started.host.catalogue.reload(), /away/);
    assert.equal(await go(started), '1.0.0');
    assert.deepEqual(isolation.stopped, ['probe@2.0.0']);
    isAway = false;
    await started.host.catalogue.reload();
    assert.equal(await go(started), '2.0.0');
  });

  it('names a plugin that only other processes have', async () => {
    const { host } = (fixture = await startHost([version('1.0.0')], {
      isolation: new FakeIsolation(),
      isInstalled: (id) => id === 'elsewhere',
    }));
    await assert.rejects(host.tenantPlugins('acme').enable('elsewhere'), (error: { code: string; details: JsonObject }) => {
      assert.deepEqual(error.details, { plugin: 'elsewhere' });
      return error.code === 'PLUGIN_NOT_INSTALLED_HERE';
    });
    await assert.rejects(host.tenantPlugins('acme').enable('nobody'), { code: 'PLUGIN_UNKNOWN' });
  });
});
