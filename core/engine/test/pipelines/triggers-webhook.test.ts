import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { FaultPoint } from '../../src/pipelines/index.ts';
import type { WebhookAnswer } from '../../src/hub.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import { WEBHOOKS } from '../../src/pipelines/triggers/tables.ts';
import { queryAll } from '../../src/tenants/index.ts';
import type { FakeAction } from './fake-actions.ts';
import { Crash, createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

function source(webhook: string, more = ''): string {
  return `pipeline: hook\ntrigger: { webhook: ${webhook} }\n${more}steps: [ { id: kept, set: { done: true } }, { action: crm.a } ]`;
}

interface Hooked {
  readonly world: RunWorld;
  readonly process: Process;
  readonly path: string;
}

async function deployed(
  webhook: string,
  more = '',
  options: { readonly faultPoint?: FaultPoint; readonly fakes?: Readonly<Record<string, FakeAction>> } = {},
): Promise<Hooked> {
  const world = await createRunWorld();
  const process = await world.boot({ 'crm.a': {}, ...options.fakes }, options);
  const { webhookPath = '' } = await process.pipelines.service(TENANT).deploy(source(webhook, more));
  return { world, process, path: webhookPath };
}

interface Sent {
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: JsonObject;
}

function send({ world, process, path }: Hooked, sent: Sent = {}): Promise<WebhookAnswer> {
  return process.pipelines.triggers.webhooks.receive({
    path: sent.path ?? path,
    headers: { 'content-type': 'application/json', ...sent.headers },
    query: sent.query ?? {},
    rawBody: Buffer.from(sent.body ?? '{"n":1}'),
    receivedAt: world.engine.time.now(),
    requestId: 'r1',
  });
}

async function refused(sending: Promise<unknown>): Promise<string> {
  try {
    await sending;
  } catch (error) {
    assert.ok(TendrilError.is(error));
    return error.code;
  }
  return 'nothing';
}

async function runs({ world }: Hooked): Promise<readonly JsonObject[]> {
  return (await queryAll(world.tenant.state, RUNS)).map(({ value }) => value);
}

describe('a webhook', () => {
  it('has an address that stays over versions, and another one when it is rotated', async () => {
    const hooked = await deployed('{}');
    const service = hooked.process.pipelines.service(TENANT);
    assert.match(hooked.path, /^\/hooks\/acme\/[A-Za-z0-9_-]{32}$/);
    assert.equal((await service.deploy(source('{}', 'title: New\n'))).webhookPath, hooked.path);
    await service.undeploy('hook');
    assert.equal(await refused(send(hooked)), 'NOT_FOUND');
    await service.deploy(source('{}'));
    assert.equal((await send(hooked)).kind, 'accepted');
    const { webhookPath } = await hooked.process.pipelines.triggers.webhookService(TENANT).rotate('hook');
    assert.equal(await refused(send(hooked)), 'NOT_FOUND');
    assert.equal((await send(hooked, { path: webhookPath })).kind, 'accepted');
    assert.equal((await service.get('hook'))?.webhookPath, webhookPath);
    const staging = await service.deploy(source('{}'), { environment: 'staging' });
    assert.notEqual(staging.webhookPath, webhookPath);
  });

  it('is at no other address', async () => {
    const hooked = await deployed('{}');
    const token = hooked.path.slice(-32);
    for (const path of [
      '/hooks/acme/',
      `/hooks/other/${token}`,
      `/hooks/acme/${token.slice(1)}A`,
      `/hooks/acme/${token}/`,
      `/hooks/_hub/${token}`,
      `/x${hooked.path}`,
    ])
      assert.equal(await refused(send(hooked, { path })), 'NOT_FOUND', path);
    // Nor does the answer tell which tenants there are.
    await assert.rejects(
      send(hooked, { path: `/hooks/other/${token}` }),
      (error) => TendrilError.is(error) && Object.keys(error.details).length === 0,
    );
  });

  it('takes a form that names one field as often as fits, without taking long', async () => {
    const hooked = await deployed('{}');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await send(hooked, { headers, body: `${'a&'.repeat(120_000)}b=1` });
    const [run] = await runs(hooked);
    const { a, b } = (run?.['input'] as { readonly body: { readonly a: readonly string[]; readonly b: string } }).body;
    assert.deepEqual([a.length, b], [120_000, '1']);
  });

  it('hands over body, headers and query, without what proves who sent it', async () => {
    const hooked = await deployed('{ verify: { scheme: bearer } }');
    await hooked.process.pipelines.triggers.webhookService(TENANT).setSecret('hook', 's3cret');
    const headers = { authorization: 'Bearer s3cret', cookie: 'a=b', 'x-request-from': 'shop' };
    await send(hooked, { headers, query: { a: '1', b: ['2', '3'] } });
    const [run] = await runs(hooked);
    assert.deepEqual(run?.['input'], {
      body: { n: 1 },
      headers: { 'content-type': 'application/json', 'x-request-from': 'shop' },
      query: { a: '1', b: ['2', '3'] },
    });
    const [row] = await queryAll(hooked.world.tenant.state, WEBHOOKS);
    assert.equal(row?.value['secret'], 's3cret');
  });

  it('reads JSON, forms and text, and refuses what is none of them or too large', async () => {
    const hooked = await deployed('{}');
    const bodyOf = async (type: string, body: string): Promise<unknown> => {
      const answer = await send(hooked, { headers: { 'content-type': type }, body });
      assert.equal(answer.kind, 'accepted');
      const run = (await runs(hooked)).find(({ id }) => 'runId' in answer && id === answer.runId);
      return (run?.['input'] as JsonObject)['body'];
    };
    assert.deepEqual(await bodyOf('application/json; charset=utf-8', '{"a":[1]}'), { a: [1] });
    assert.deepEqual(await bodyOf('application/cloudevents+json', '"x"'), 'x');
    assert.deepEqual(
      await bodyOf('application/x-www-form-urlencoded', 'a=1&b=2&b=3&__proto__=4'),
      JSON.parse('{"a":"1","b":["2","3"],"__proto__":"4"}'),
    );
    assert.deepEqual(await bodyOf('text/plain', 'hello'), 'hello');
    assert.deepEqual(await bodyOf('application/json', ''), null);
    for (const body of ['{', '{"__proto__":{}}', `${'['.repeat(40)}${']'.repeat(40)}`, '[1e999]'])
      assert.equal(await refused(send(hooked, { body })), 'REQUEST_MALFORMED', body);
    assert.equal(await refused(send(hooked, { body: JSON.stringify('x'.repeat(262_144)) })), 'REQUEST_TOO_LARGE');
  });

  it('takes nothing that does not fit its schema', async () => {
    const hooked = await deployed('{ schema: { type: object, required: [n], properties: { n: { type: integer } } } }');
    assert.equal((await send(hooked)).kind, 'accepted');
    assert.equal(await refused(send(hooked, { body: '{"n":"1"}' })), 'INPUT_INVALID');
    assert.equal((await runs(hooked)).length, 1);
  });

  it('takes only what is signed, and nothing before a secret is set', async () => {
    const hooked = await deployed('{ verify: { scheme: github } }');
    const body = '{"n":1}';
    const headers = { 'x-hub-signature-256': `sha256=${createHmac('sha256', 'key').update(body).digest('hex')}` };
    assert.equal(await refused(send(hooked, { body, headers })), 'WEBHOOK_UNVERIFIED');
    const secrets = hooked.process.pipelines.triggers.webhookService(TENANT);
    await secrets.setSecret('hook', 'key');
    assert.equal((await send(hooked, { body, headers })).kind, 'accepted');
    assert.equal(await refused(send(hooked, { body: '{"n":2}', headers })), 'WEBHOOK_UNVERIFIED');
    // Another process hears of a new secret with the next request.
    const other = await hooked.world.boot({ 'crm.a': {} });
    assert.equal((await send({ ...hooked, process: other }, { body, headers })).kind, 'accepted');
    await secrets.setSecret('hook', 'other');
    assert.equal(await refused(send({ ...hooked, process: other }, { body, headers })), 'WEBHOOK_UNVERIFIED');
    await assert.rejects(secrets.setSecret('hook', ''), (error) => TendrilError.is(error) && error.code === 'INPUT_INVALID');
    await assert.rejects(secrets.setSecret('other', 'x'), (error) => TendrilError.is(error) && error.code === 'PIPELINE_UNKNOWN');
  });

  it('answers a repeated delivery as the first, and starts nothing', async () => {
    const hooked = await deployed('{}');
    const other = { ...hooked, process: await hooked.world.boot({ 'crm.a': {} }) };
    const headers = { 'idempotency-key': 'd1' };
    const answers = await Promise.all([send(hooked, { headers }), send(other, { headers }), send(hooked, { headers, body: '{"n":2}' })]);
    assert.equal(new Set(answers.map((answer) => 'runId' in answer && answer.runId)).size, 1);
    await send(hooked, { headers: { 'idempotency-key': 'd2' } });
    assert.equal((await runs(hooked)).length, 2);
    const named = await deployed('{ idempotencyHeader: X-Delivery }');
    for (const id of ['a', 'a', 'b']) await send(named, { headers: { 'x-delivery': id, 'idempotency-key': 'same' } });
    assert.equal((await runs(named)).length, 2);
  });

  it('tells deliveries apart by the whole of their ids', async () => {
    const hooked = await deployed('{}');
    const id = 'x'.repeat(5_000);
    for (const end of ['a', 'b', 'a']) await send(hooked, { headers: { 'idempotency-key': `${id}${end}` } });
    assert.equal((await runs(hooked)).length, 2);
  });

  it('says what the pipeline says: nothing while it is paused, nothing beyond its limits', async () => {
    const hooked = await deployed('{}', 'rateLimit: { limit: 1, period: 1h }\n');
    assert.equal((await send(hooked)).kind, 'accepted');
    assert.deepEqual(await send(hooked), { kind: 'ignored', reason: 'rate_limit' });
    await hooked.process.pipelines.service(TENANT).pause('hook');
    assert.equal(await refused(send(hooked)), 'PIPELINE_PAUSED');
  });

  it('waits for the result, as long as it says', async () => {
    const hooked = await deployed('{ answer: result, answerWithin: 5s }');
    const answer = await send(hooked);
    assert.equal(answer.kind, 'result');
    // A repeated delivery is told of the first one's end, by whichever process.
    const headers = { 'idempotency-key': 'd1' };
    const first = await send(hooked, { headers });
    const second = await send({ ...hooked, process: await hooked.world.boot({ 'crm.a': {} }) }, { headers });
    assert.deepEqual(second, first);
    const slow = await deployed('{ answer: result, answerWithin: 5s }', '', {
      fakes: { 'crm.a': { run: () => new Promise(() => undefined) } },
    });
    const waiting = send(slow);
    await slow.world.engine.time.advance(6_000);
    assert.equal((await waiting).kind, 'accepted');
  });

  it('is told of the end by another process that does the run', async () => {
    const hooked = await deployed('{ answer: result, answerWithin: 60s }');
    await hooked.process.worker.stop(0);
    const waiting = send(hooked);
    await hooked.world.engine.time.advance(1_000);
    await hooked.world.boot({ 'crm.a': {} });
    await hooked.world.engine.time.advance(5_000);
    assert.equal((await waiting).kind, 'result');
  });

  it('tells that the run failed, without saying how', async () => {
    const hooked = await deployed('{ answer: result }', '', {
      fakes: {
        'crm.a': {
          run: () => {
            throw new TendrilError('INPUT_INVALID', { secret: 'x' });
          },
        },
      },
    });
    const error: unknown = await send(hooked).catch((thrown: unknown) => thrown);
    assert.ok(TendrilError.is(error) && error.code === 'RUN_FAILED');
    assert.equal(JSON.stringify(error.details).includes('secret'), false);
  });

  it('has stored what it has answered, and answered nothing that it has not stored', async () => {
    for (const point of ['run.before-start', 'run.after-start'] as const) {
      const hooked = await deployed('{}', '', {
        faultPoint: (name) => {
          if (name === point) throw new Crash(name);
        },
      });
      await assert.rejects(send(hooked, { headers: { 'idempotency-key': 'd1' } }));
      const second = { ...hooked, process: await hooked.world.boot({ 'crm.a': {} }) };
      await send(second, { headers: { 'idempotency-key': 'd1' } });
      await hooked.world.engine.time.advance(120_000);
      const ended = await runs(hooked);
      assert.deepEqual(
        ended.map(({ state }) => state),
        ['succeeded'],
        point,
      );
      assert.equal(hooked.world.world.effects.length, 1);
    }
  });
});
