import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { JsonObject } from '@tendril/plugin-api';
import { startPluginHub, until, WAYS } from '../support/plugin-hub.ts';
import type { PluginHub, Reply, Side } from '../support/plugin-hub.ts';

const SECRET = 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vay4uLi4uLi4uLi4=';

for (const way of WAYS) {
  describe(`webhooks of plugins, in the ${way}`, function () {
    this.timeout(60_000);
    let served: PluginHub;
    let acme: Side;
    let globex: Side;
    before(async () => {
      served = await startPluginHub(['feedback_box'], way);
      acme = await served.side('acme');
      globex = await served.side('globex');
    });
    after(() => served.close());

    async function addressOf(side: Side, webhook: string): Promise<string> {
      const { json } = await served.ask('GET', '/v1/plugins/feedback_box/webhooks', { key: side.admin });
      const found = (json['items'] as readonly JsonObject[]).find(({ id }) => id === webhook);
      return String(found?.['path']);
    }

    function setSecret(side: Side, webhook: string, secret: string): Promise<Reply> {
      return served.ask('PUT', `/v1/plugins/feedback_box/webhooks/${webhook}/secret`, { key: side.admin, body: { secret } });
    }

    function survey(path: string, body: unknown, secret: string, delivery?: string): Promise<Reply> {
      const raw = JSON.stringify(body);
      const signature = createHmac('sha256', secret).update(raw).digest('hex');
      const headers = { 'x-survey-signature': signature, ...(delivery === undefined ? {} : { 'x-survey-delivery': delivery }) };
      return served.ask('POST', path, { raw, headers });
    }

    const scores = async (side: Side): Promise<readonly unknown[]> =>
      (await side.tenant.events.list({ name: 'Feedback Given' })).items.map(({ properties }) => properties['score']);

    it('have an address for each tenant, which refuses everything until there is a secret', async () => {
      const { json } = await served.ask('GET', '/v1/plugins/feedback_box/webhooks', { key: acme.admin });
      const [first, second] = json['items'] as readonly JsonObject[];
      assert.deepEqual(
        [first?.['id'], first?.['event'], first?.['secret'], first?.['isReady']],
        ['survey', 'Feedback Given', 'of_address', false],
      );
      assert.deepEqual([second?.['id'], second?.['event']], ['export', undefined]);
      const path = await addressOf(acme, 'survey');
      assert.match(path, /^\/hooks\/acme\/plugins\/[\w-]{32}$/);
      assert.equal(await addressOf(acme, 'survey'), path);
      assert.notEqual(await addressOf(globex, 'survey'), path);
      assert.equal((await survey(path, { score: 1 }, 'any')).status, 401);
    });

    it('become the declared event, once for each delivery', async () => {
      const path = await addressOf(acme, 'survey');
      assert.equal((await setSecret(acme, 'survey', 'hush')).status, 204);
      const first = await survey(path, { score: 3, comment: 'slow' }, 'hush', 'd-1');
      assert.deepEqual([first.status, first.json], [202, { status: 'accepted' }], first.text);
      assert.equal((await survey(path, { score: 3, comment: 'slow' }, 'hush', 'd-1')).status, 202);
      assert.equal((await survey(path, { score: 9 }, 'hush', 'd-2')).status, 202);
      const seen = await until(
        () => scores(acme),
        ({ length }) => length >= 2,
      );
      assert.deepEqual(seen.toSorted(), [3, 9]);
      assert.deepEqual(await scores(globex), []);
    });

    it('are refused when the proof or the body is wrong', async () => {
      const path = await addressOf(acme, 'survey');
      const wrong = await survey(path, { score: 3 }, 'other');
      assert.deepEqual([wrong.status, wrong.json['code']], [401, 'WEBHOOK_UNVERIFIED']);
      const invalid = await survey(path, { score: 11 }, 'hush');
      assert.deepEqual([invalid.status, invalid.json['code']], [422, 'INPUT_INVALID']);
      const large = await survey(path, { score: 3, comment: 'x'.repeat(40_000) }, 'hush');
      assert.ok(large.status === 422 || large.status === 413, large.text);
      const unknown = await survey(`/hooks/acme/plugins/${'A'.repeat(32)}`, { score: 3 }, 'hush');
      assert.equal(unknown.status, 404);
      const elsewhere = await survey(path.replace('/acme/', '/globex/'), { score: 3 }, 'hush');
      assert.equal(elsewhere.status, 404);
    });

    it('become what the plugin makes of them, also when they come twice at once', async () => {
      const path = await addressOf(globex, 'export');
      assert.equal((await setSecret(globex, 'export', SECRET)).status, 204);
      const raw = JSON.stringify({ answers: [4, 5, 6].map((score) => ({ id: `a${score}`, user: `u${score}`, score })) });
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
      const signature = createHmac('sha256', key).update(`msg_1.${timestamp}.${raw}`).digest('base64');
      const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
      const deliveries = await Promise.all([1, 2, 3].map(() => served.ask('POST', path, { raw, headers })));
      for (const reply of deliveries) assert.equal(reply.status, 202, reply.text);
      const seen = await until(
        () => scores(globex),
        ({ length }) => length >= 3,
      );
      assert.deepEqual(seen.toSorted(), [4, 5, 6]);
      const { items } = await globex.tenant.events.list({ name: 'Feedback Given' });
      assert.deepEqual(items.map(({ identities }) => identities.userId).toSorted(), ['u4', 'u5', 'u6']);
    });

    it('get another address, and are gone while the plugin is disabled', async () => {
      const before = await addressOf(acme, 'survey');
      const { status, json } = await served.ask('POST', '/v1/plugins/feedback_box/webhooks/survey/rotate', { key: acme.admin });
      assert.equal(status, 200);
      const path = String(json['path']);
      assert.notEqual(path, before);
      assert.equal((await survey(before, { score: 3 }, 'hush')).status, 404);
      assert.equal((await survey(path, { score: 8 }, 'hush')).status, 202);
      await acme.tenant.plugins.disable('feedback_box');
      assert.equal((await survey(path, { score: 8 }, 'hush')).status, 404);
      const listed = await served.ask('GET', '/v1/plugins/feedback_box/webhooks', { key: acme.admin });
      assert.deepEqual([listed.status, listed.json['code']], [409, 'PLUGIN_DISABLED']);
    });
  });
}
