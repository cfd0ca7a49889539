import assert from 'node:assert/strict';
import type { PluginDatum } from '../../src/hub.ts';
import { anyAction, RUN, source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const table = { key: 'id', schema: { type: 'object', properties: { id: { type: 'string' } } }, indexes: {} };
const keeper = (id: string) =>
  source(
    {
      id,
      permissions: { storage: ['kv', 'tables'] },
      contributes: { actions: { fill: anyAction({ effect: 'write', idempotency: 'natural' }) }, tables: { rows: table } },
    },
    (host) =>
      host.action('fill', async (input, call) => {
        for (let at = 0; at < 1_200; at += 1) call.changes.put('rows', { id: `r${at}` });
        await call.changes.flush();
        await call.kv.set('greeting', { text: 'hello' });
        await call.kv.set('gone', 1, 1);
        return input;
      }),
  );

describe('the data of a plugin', () => {
  let fixture: HostFixture | undefined;
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });

  async function start(): Promise<HostFixture> {
    const top = source({ id: 'top', requires: { plugins: { keeper: '*' } } });
    fixture = await startHost([keeper('keeper'), keeper('keeper_two'), top]);
    for (const tenant of ['acme', 'globex'])
      for (const id of ['keeper', 'keeper_two']) await fixture.host.runAction(tenant, fixture.action(`${id}.fill`), {}, RUN);
    fixture.clock.advance(2_000);
    return fixture;
  }
  async function all({ host }: HostFixture, id: string, tenant = 'acme'): Promise<readonly PluginDatum[]> {
    const data: PluginDatum[] = [];
    for await (const datum of host.tenantPlugins(tenant).exportData(id)) data.push(datum);
    return data;
  }

  it('is given out whole: rows, then values that are not over', async () => {
    const data = await all(await start(), 'keeper');
    assert.equal(data.filter((datum) => 'table' in datum && datum.table === 'rows').length, 1_200);
    assert.deepEqual(
      data.filter((datum) => 'key' in datum),
      [{ key: 'greeting', value: { text: 'hello' } }],
    );
  });

  it('is deleted only when the plugin is not enabled, and nothing else with it', async () => {
    const started = await start();
    const plugins = started.host.tenantPlugins('acme');
    await assert.rejects(plugins.deleteData('keeper'), (error: { code: string; details: object }) => {
      assert.deepEqual(error.details, { plugin: 'keeper', dependants: ['top'] });
      return error.code === 'PLUGIN_REQUIRED_BY';
    });
    await plugins.disable('top');
    await assert.rejects(plugins.deleteData('keeper'), { code: 'CONFLICT' });
    await plugins.disable('keeper');
    assert.deepEqual(await plugins.deleteData('keeper'), { deleted: 1_202 });
    assert.deepEqual(await all(started, 'keeper'), []);
    assert.equal((await all(started, 'keeper_two')).length, 1_201);
    assert.equal((await all(started, 'keeper', 'globex')).length, 1_201);
    assert.deepEqual(await plugins.deleteData('keeper'), { deleted: 0 });
  });

  it('that was deleted in part is deleted by the next try', async () => {
    const started = await start();
    const plugins = started.host.tenantPlugins('acme');
    await plugins.disable('top');
    await plugins.disable('keeper');
    const { state } = await started.tenants.open('acme');
    const commit = state.commit.bind(state);
    let commits = 0;
    // The process dies at the second batch.
    state.commit = (changes) => {
      commits += 1;
      return commits === 2 ? Promise.reject(new Error('killed')) : commit(changes);
    };
    await assert.rejects(plugins.deleteData('keeper'), /killed/);
    const left = (await all(started, 'keeper')).length;
    assert.ok(left > 0 && left < 1_201, String(left));
    await plugins.deleteData('keeper');
    assert.deepEqual(await all(started, 'keeper'), []);
  });
});
