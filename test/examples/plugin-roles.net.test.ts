import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@tendril/plugin-api';
import { startPluginHub, until } from '../support/plugin-hub.ts';
import type { PluginHub, Side, Way } from '../support/plugin-hub.ts';

const WAYS: readonly Way[] = ['process', 'child'];

interface Received {
  readonly key: string;
  readonly token: string;
  readonly to: string;
}

/** A gateway that sends a message once per key. */
async function startGateway(): Promise<{
  readonly server: Server;
  readonly url: string;
  readonly requests: Received[];
  readonly sent: Map<string, string>;
}> {
  const requests: Received[] = [];
  const sent = new Map<string, string>();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const key = String(request.headers['idempotency-key']);
      requests.push({ key, token: String(request.headers.authorization), to: (JSON.parse(text) as { to: string }).to });
      sent.set(key, sent.get(key) ?? `m${sent.size + 1}`);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: sent.get(key) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, sent };
}

for (const way of WAYS) {
  describe(`agents, drivers, tables and channels of plugins (${way})`, function () {
    this.timeout(60_000);
    let served: PluginHub;
    let acme: Side;
    let globex: Side;
    let gateway: Awaited<ReturnType<typeof startGateway>>;

    before(async () => {
      gateway = await startGateway();
      served = await startPluginHub(['big_orders', 'hash_embeddings', 'faq_finder', 'sms_gate', '../../plugins/profiles'], way, {
        allowedEgress: [new URL(gateway.url).host],
      });
      const plugins = ['big_orders', 'hash_embeddings', 'faq_finder', 'sms_gate', 'profiles'];
      acme = await served.side('acme', plugins);
      globex = await served.side('globex', plugins);
    });
    after(async () => {
      await served.close();
      gateway.server.close();
    });

    const run = async (side: Side, name: string, input: object): Promise<JsonObject> =>
      (await side.tenant.actions.call(name, input as JsonObject, { idempotencyKey: `t-${Math.random()}` })).output as JsonObject;
    const track = async (side: Side, userId: string, event: string, properties: object): Promise<void> => {
      const answer = await served.ask('POST', '/v1/track', { key: side.write, body: { userId, event, properties } });
      assert.equal(answer.status, 200, answer.text);
    };
    const eventsNamed = async (side: Side, name: string): Promise<readonly JsonObject[]> =>
      ((await served.ask('GET', `/v1/events?name=${encodeURIComponent(name)}`, { key: side.admin })).json['items'] ?? []) as JsonObject[];

    it('an agent decides, acts within its bounds, and its decision is kept', async () => {
      for (let order = 0; order < 6; order += 1) await track(acme, `u${order}`, 'Order Completed', { total: 20 });
      await track(acme, 'big', 'Order Completed', { total: 900 });
      await acme.tenant.agents.tick('big_orders.spotter');
      const [decision] = await until(
        () => eventsNamed(acme, 'tendril.decision.recorded'),
        (events) => events.length > 0,
      );
      const { agent, evidence, action } = decision?.['properties'] as JsonObject;
      assert.deepEqual([agent, action, evidence], ['big_orders.spotter', 'big_orders.mark', { total: 900, mean: 20, orders: 6 }]);
      const [spotted] = await until(
        () => eventsNamed(acme, 'Big Order Spotted'),
        (events) => events.length > 0,
      );
      assert.deepEqual((spotted?.['identities'] as JsonObject)['userId'], 'big');
      const [agentNow] = await acme.tenant.agents.list();
      assert.equal(agentNow?.remaining.calls, 49);
      assert.deepEqual(await eventsNamed(globex, 'Big Order Spotted'), []);
    });

    it('a model answers through the driver that is enabled, and through none when none is', async () => {
      await run(acme, 'faq_finder.learn', { id: 'refund', question: 'How do I get my money back?', answer: 'Within 14 days.' });
      await run(acme, 'faq_finder.learn', {
        id: 'ship',
        question: 'When does my parcel arrive?',
        answer: 'In two days.',
        topic: 'parcels',
      });
      const { answers } = (await run(acme, 'faq_finder.find', { question: 'money back please', limit: 1 })) as { answers: JsonObject[] };
      assert.equal(answers[0]?.['id'], 'refund');
      assert.deepEqual(await run(acme, 'faq_finder.topics', {}), { general: 1, parcels: 1 });
      assert.deepEqual(await run(globex, 'faq_finder.topics', {}), {});
      await run(globex, 'faq_finder.learn', { id: 'refund', question: 'Money?', answer: 'No.' });
      await globex.tenant.plugins.disable('hash_embeddings');
      await assert.rejects(run(globex, 'faq_finder.find', { question: 'money' }), { code: 'MODEL_MISSING' });
    });

    it('a channel sends to the address that was checked, once per key, and to nobody who opted out', async () => {
      const channels = (await served.ask('GET', '/v1/channels', { key: acme.admin })).json['items'] as JsonObject[];
      assert.deepEqual(
        channels.map(({ name, action }) => [name, action]),
        [['sms', 'sms_gate.send']],
      );
      await acme.tenant.connections.add({
        name: 'sms_gate',
        plugin: 'sms_gate',
        kind: 'gateway',
        values: { url: gateway.url, token: 't0ken' },
      });
      await served.ask('POST', '/v1/identify', { key: acme.write, body: { userId: 'ann', traits: { phone: '+4915112345' } } });
      const found = await until(
        () => run(acme, 'profiles.find', { userId: 'ann' }).catch((): JsonObject => ({})),
        ({ person }) => (person as JsonObject | null | undefined)?.['id'] !== undefined,
      );
      const id = (found['person'] as JsonObject)['id'];
      const send = () =>
        acme.tenant.actions.call('sms_gate.send', { person: id, purpose: 'orders', text: 'Hello' }, { idempotencyKey: 'one' });
      const { output } = await send();
      assert.deepEqual((await send()).output, output);
      assert.equal(gateway.sent.size, 1);
      assert.deepEqual(new Set(gateway.requests.map(({ to, token }) => `${to} ${token}`)), new Set(['+4915112345 Bearer t0ken']));
      await acme.tenant.governor.suppress('sms', '+4915112345', 'asked');
      await assert.rejects(run(acme, 'sms_gate.send', { person: id, text: 'Again' }), { code: 'ACTION_HELD_BACK' });
    });
  });
}
