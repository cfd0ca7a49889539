import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { enable, startPluginHub } from '../support/plugin-hub.ts';
import type { PluginHub, Side } from '../support/plugin-hub.ts';

describe('event schemas of plugins', function () {
  this.timeout(60_000);
  let served: PluginHub;
  let acme: Side;
  let globex: Side;
  before(async () => {
    served = await startPluginHub(['feedback_box'], 'process');
    acme = await served.side('acme');
    globex = await served.side('globex', []);
  });
  after(() => served.close());

  async function send(side: Side, properties: JsonObject): Promise<string | undefined> {
    const { app } = await served.hub.keys.authenticate(side.write);
    assert.ok(app !== undefined);
    const call = { type: 'track', event: 'Feedback Given', userId: 'u', properties };
    const [outcome] = await side.tenant.ingest.accept(app, [call], { receivedAt: Date.now(), requestId: 'r' });
    return outcome?.status;
  }

  it('hold at ingest, at once, for the tenants that have the plugin enabled', async () => {
    assert.equal(await send(acme, { score: 11 }), 'quarantined');
    assert.equal(await send(acme, { score: 10 }), 'accepted');
    assert.equal(await send(globex, { score: 11 }), 'accepted');
    await enable(globex.tenant, 'feedback_box');
    assert.equal(await send(globex, { score: 11 }), 'quarantined');
    await globex.tenant.plugins.disable('feedback_box');
    assert.equal(await send(globex, { score: 11 }), 'accepted');
  });

  it('are listed with their origin, and give way to the tenant’s own', async () => {
    const list = async (): Promise<JsonObject | undefined> =>
      ((await served.ask('GET', '/v1/schemas', { key: acme.admin })).json['items'] as readonly JsonObject[])[0];
    assert.deepEqual([(await list())?.['plugin'], (await list())?.['version']], ['feedback_box', undefined]);
    await acme.tenant.schemas.put('Feedback Given', { type: 'object', properties: { score: { maximum: 100 } } });
    assert.deepEqual([(await list())?.['plugin'], (await list())?.['version']], [undefined, 1]);
    assert.equal(await send(acme, { score: 11 }), 'accepted');
    assert.equal(await send(acme, { score: 101 }), 'quarantined');
    await acme.tenant.schemas.remove('Feedback Given');
    assert.equal(await send(acme, { score: 11 }), 'quarantined');
  });
});
