import assert from 'node:assert/strict';
import { checkReadyPipelines } from '@tendril/engine';
import { checkManifests } from '@tendril/engine/plugins';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { findExamples, startPluginHub, until } from '../support/plugin-hub.ts';
import type { PluginHub, Reply, Side } from '../support/plugin-hub.ts';

const NAME = 'feedback_box_follow_up';
const PATH = '/v1/plugins/feedback_box/pipelines';

describe('ready-made pipelines of plugins', function () {
  this.timeout(60_000);
  let served: PluginHub;
  let acme: Side;
  let globex: Side;
  before(async () => {
    served = await startPluginHub(['feedback_box'], 'process');
    acme = await served.side('acme');
    globex = await served.side('globex');
  });
  after(() => served.close());

  const list = async (side: Side): Promise<JsonObject | undefined> =>
    ((await served.ask('GET', PATH, { key: side.admin })).json['items'] as readonly JsonObject[])[0];
  const add = (side: Side, body?: unknown): Promise<Reply> => served.ask('POST', `${PATH}/follow_up`, { key: side.admin, body });

  it('are shown with their settings, and deployed paused', async () => {
    const ready = await list(acme);
    assert.deepEqual([ready?.['state'], ready?.['name'], ready?.['hasNewer']], ['absent', NAME, false]);
    assert.deepEqual(Object.keys((ready?.['settings'] as { properties: object }).properties), ['limit']);
    const wrong = await add(acme, { settings: { limit: 11 } });
    assert.deepEqual([wrong.status, wrong.json['code']], [422, 'INPUT_INVALID']);
    assert.equal((await list(acme))?.['state'], 'absent');
    const added = await add(acme, { settings: { limit: 5 } });
    assert.deepEqual([added.status, added.json], [200, { id: NAME, version: 1, isPaused: true, settings: { limit: 5 } }], added.text);
    assert.deepEqual([(await list(acme))?.['state'], (await list(acme))?.['isPaused']], ['added', true]);
    assert.equal((await list(globex))?.['state'], 'absent');
  });

  it('do what they are for once they are resumed', async () => {
    await acme.tenant.pipelines.resume(NAME);
    const { app } = await served.hub.keys.authenticate(acme.write);
    assert.ok(app !== undefined);
    for (const score of [4, 6])
      await acme.tenant.ingest.accept(app, [{ type: 'track', event: 'Feedback Given', userId: 'u', properties: { score } }], {
        receivedAt: Date.now(),
        requestId: 'r',
      });
    const { items } = await until(
      () => acme.tenant.events.list({ name: 'Customer Unhappy' }),
      (page) => page.items.length > 0,
    );
    assert.deepEqual(
      items.map(({ properties }) => properties['score']),
      [4],
    );
  });

  it('may be added again, and are never overwritten once somebody has changed them', async () => {
    const again = await add(acme);
    assert.deepEqual([again.json['version'], again.json['isPaused'], again.json['settings']], [1, false, { limit: 5 }]);
    const { source } = (await acme.tenant.pipelines.get(NAME)) ?? { source: '' };
    await acme.tenant.pipelines.deploy(source.replace('Note those', 'Report those'));
    assert.equal((await list(acme))?.['state'], 'edited');
    const refused = await add(acme);
    assert.deepEqual([refused.status, refused.json['code']], [409, 'ALREADY_EXISTS']);
    assert.match((await acme.tenant.pipelines.get(NAME))?.source ?? '', /Report those/);
  });

  it('show that the plugin has a newer one, and take it when they are as they were', async () => {
    const [before] = await findExamples(['feedback_box'], 'process');
    assert.ok(before !== undefined);
    const older = {
      ...before,
      read: async (path: string): Promise<string> => (await before.read(path)).replace('default: 7', 'default: 6'),
    };
    const old = await startPluginHub(['feedback_box'], 'process', { plugins: [older] });
    try {
      const side = await old.side('acme');
      assert.equal((await old.ask('POST', `${PATH}/follow_up`, { key: side.admin })).status, 200);
      older.read = (path) => before.read(path);
      const shown = (await old.ask('GET', PATH, { key: side.admin })).json['items'] as readonly JsonObject[];
      assert.deepEqual([shown[0]?.['state'], shown[0]?.['hasNewer']], ['added', true]);
      const taken = await old.ask('POST', `${PATH}/follow_up`, { key: side.admin });
      assert.deepEqual([taken.json['version'], taken.json['isPaused'], taken.json['settings']], [2, true, { limit: 7 }]);
    } finally {
      await old.close();
    }
  });

  it('are checked without a hub, each fault with its line and column', async () => {
    const [source] = await findExamples(['feedback_box'], 'process');
    assert.ok(source !== undefined);
    const check = async (read: (text: string) => string): Promise<readonly string[]> => {
      const broken = {
        ...source,
        read: async (path: string) => (path.endsWith('.yaml') ? read(await source.read(path)) : source.read(path)),
      };
      const [plugin] = (await checkManifests([broken], CONTRACT_VERSION)).plugins;
      assert.ok(plugin !== undefined);
      return (await checkReadyPipelines(plugin)).map(
        ({ file, line, column, message }) => `${file.replace(/^.*feedback_box\//, '')}:${String(line)}:${String(column)} ${message}`,
      );
    };
    assert.deepEqual(await check((text) => text), []);
    const [unknown] = await check((text) => text.replace('settings.limit', 'settings.limt'));
    assert.match(unknown ?? '', /^pipelines\/follow-up\.yaml:5:\d+ .*limt/);
    assert.deepEqual(await check((text) => text.replace('feedback_box_follow_up', 'follow_up')), [
      'pipelines/follow-up.yaml:undefined:undefined must be named after the plugin, so that it meets no other',
    ]);
    assert.equal((await check(() => 'pipeline: [')).length > 0, true);
  });
});
