import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { JsonObject } from '@tendril/plugin-api';
import { serveEngine } from './engine-hub.ts';
import type { ServedEngine } from './engine-hub.ts';
import type { Answer } from './served.ts';

const LOOK_EVERY_MS = 10;

describe('the server over the engine', function () {
  this.timeout(60_000);
  let served: ServedEngine;
  beforeEach(async () => void (served = await serveEngine(['profiles', 'leads'])));
  afterEach(() => served.close());

  const ask = (method: string, path: string, body?: unknown): Promise<Answer> => served.ask(method, path, { key: served.key, body });
  const send = (path: string, body: unknown): Promise<Answer> => served.ask('POST', path, { key: served.writeKey, body });
  const items = ({ json }: Answer): readonly Record<string, unknown>[] => json['items'] as readonly Record<string, unknown>[];

  async function until(look: () => Promise<boolean>): Promise<void> {
    while (!(await look())) await setTimeout(LOOK_EVERY_MS);
  }

  it('takes events in, once, and shows them with the people that they are about', async () => {
    const batch = [
      { type: 'identify', userId: 'u-1', messageId: 'm-1', traits: { email: 'ada@example.invalid', name: 'Ada' } },
      { type: 'track', userId: 'u-1', messageId: 'm-2', event: 'Signup Completed', properties: { plan: 'pro' } },
    ];
    assert.deepEqual((await send('/v1/batch', { batch })).json, { success: true });
    assert.deepEqual((await send('/v1/batch', { batch })).json, { success: true });
    assert.deepEqual(
      items(await ask('GET', '/v1/events?name=Signup%20Completed')).map(({ id }) => id),
      ['m-2'],
    );
    await until(async () => items(await ask('GET', '/v1/people')).length === 1);
    const [person] = items(await ask('GET', '/v1/people?email=Ada@example.invalid'));
    const detail = await ask('GET', `/v1/people/${String(person?.['id'])}`);
    assert.deepEqual((detail.json['traits'] as JsonObject)['name'], 'Ada');
    assert.deepEqual(
      items({ ...detail, json: detail.json['timeline'] as Record<string, unknown> }).map(({ id }) => id),
      ['m-2', 'm-1'],
    );
    await until(async () => items(await ask('GET', '/v1/leads')).length === 1);
    const overview = await ask('GET', '/v1/overview');
    assert.ok((overview.json['events'] as { total: number }).total >= 2);
  });

  it('quarantines what a schema refuses and replays it when the schema is mended', async () => {
    const schema = (type: string) => ({ schema: { type: 'object', properties: { total: { type } } } });
    assert.equal((await ask('PUT', '/v1/schemas/Order', schema('number'))).json['version'], 1);
    const refused = await send('/v1/track', { userId: 'u', event: 'Order', properties: { total: 'much' } });
    assert.deepEqual([refused.status, refused.json['code']], [422, 'EVENT_INVALID']);
    const [quarantined] = items(await ask('GET', '/v1/events/quarantine'));
    assert.equal(quarantined?.['name'], 'Order');
    await ask('PUT', '/v1/schemas/Order', schema('string'));
    assert.deepEqual((await ask('POST', '/v1/events/quarantine/replay')).json, { accepted: 1, stillInvalid: 0 });
    assert.equal(items(await ask('GET', '/v1/events?name=Order')).length, 1);
  });

  it('refuses calls that are no events, alone and in a batch', async () => {
    assert.ok((await send('/v1/track', { event: 'A' })).status < 500);
    const mixed = await send('/v1/batch', {
      batch: [
        { type: 'track', event: 'A' },
        { type: 'track', userId: 'u', event: 'B', properties: { text: 'x'.repeat(33 * 1024) } },
        { type: 'page', userId: 'u' },
      ],
    });
    assert.equal(mixed.status, 200);
    assert.deepEqual(
      (mixed.json['errors'] as { index: number; code: string }[]).map(({ index }) => index),
      [0, 1],
    );
    assert.equal((mixed.json['errors'] as { code: string }[])[1]?.code, 'EVENT_TOO_LARGE');
  });

  it('answers every list and state of a tenant as the document says', async () => {
    for (const path of [
      'events',
      'events/quarantine',
      'schemas',
      'people',
      'leads',
      'pipelines',
      'runs',
      'approvals',
      'broadcasts',
      'backfills',
      'actions',
      'connections',
      'apps',
      'keys',
      'plugins',
      'consumers',
      'governor',
      'overview',
      'session',
      'tenants',
    ]) {
      const answer = await ask('GET', `/v1/${path}`);
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    }
    assert.equal((await served.ask('GET', '/readyz', { key: served.key })).status, 200);
    assert.match((await served.ask('GET', '/metrics', { key: served.key })).text, /tendril_/);
  });

  it('deploys, settles and pauses a pipeline, and refuses a faulty one with the place of the fault', async () => {
    const source =
      'pipeline: hello\nsettings: { threshold: { type: number, default: 0.5, title: Threshold } }\ntrigger:\n  event: Signup\nsteps:\n  - stop: {}\n';
    const deployed = await ask('POST', '/v1/pipelines', { source });
    assert.deepEqual([deployed.status, deployed.json['id']], [200, 'hello'], deployed.text);
    assert.deepEqual((await ask('PUT', '/v1/pipelines/hello/settings', { settings: { threshold: 0.7 } })).json['settings'], {
      threshold: 0.7,
    });
    assert.equal((await ask('POST', '/v1/pipelines/hello/pause')).json['isPaused'], true);
    assert.equal((await ask('POST', '/v1/pipelines/hello/resume')).json['isPaused'], false);
    const [fault] = items(
      await ask('POST', '/v1/pipelines/validate', { source: source.replace('- stop: {}', '- action: leads.scroe\n    with: {}') }),
    );
    assert.equal(fault?.['line'], 6);
    await send('/v1/track', { userId: 'u-1', event: 'Signup' });
    await until(async () => items(await ask('GET', '/v1/runs?pipeline=hello')).length === 1);
    const [run] = items(await ask('GET', '/v1/runs'));
    assert.equal((await ask('GET', `/v1/runs/${String(run?.['id'])}`)).status, 200);
  });

  it('lets keys be made, rotated and revoked at once', async () => {
    const made = await ask('POST', '/v1/keys', { kind: 'secret', scopes: ['read'] });
    const secret = String(made.json['secret']);
    assert.equal((await served.ask('GET', '/v1/events', { key: secret })).status, 200);
    assert.equal((await served.ask('POST', '/v1/governor/pause', { key: secret })).status, 403);
    assert.equal((await ask('POST', `/v1/keys/${String(made.json['id'])}/rotate`)).status, 201);
    assert.equal((await ask('POST', `/v1/keys/${String(made.json['id'])}/revoke`)).status, 200);
    assert.equal((await served.ask('GET', '/v1/events', { key: secret })).status, 401);
  });

  it('opens a session by the printed link', async () => {
    const opened = await served.ask('GET', `/open?token=${served.server.createLoginToken()}`, { key: null });
    const cookie = opened.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    assert.equal((await served.ask('GET', '/v1/session', { key: null, headers: { cookie } })).json['kind'], 'session');
    assert.equal((await served.ask('GET', `/u/acme.unknown`, { key: null })).status, 404);
  });
});
