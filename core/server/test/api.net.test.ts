import assert from 'node:assert/strict';
import { KEYS } from './fake-hub.ts';
import { serve } from './served.ts';

describe('the API', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  const items = (json: Record<string, unknown>): readonly Record<string, unknown>[] => json['items'] as readonly Record<string, unknown>[];

  it('lists events in pages, with instants in ISO 8601', async () => {
    const first = await served.ask('GET', '/v1/events?limit=2&name=Order%20Completed', { key: KEYS.reader });
    assert.deepEqual(
      items(first.json).map(({ position }) => position),
      [42, 41],
    );
    assert.equal(items(first.json)[0]?.['occurredAt'], '2026-11-01T10:00:00.000Z');
    const second = await served.ask('GET', `/v1/events?limit=2&cursor=${String(first.json['nextCursor'])}`);
    assert.deepEqual(
      items(second.json).map(({ position }) => position),
      [40, 39],
    );
  });

  it('takes a secret key by Basic too', async () => {
    const authorization = `Basic ${Buffer.from(`${KEYS.reader}:`).toString('base64')}`;
    assert.equal((await served.ask('GET', '/v1/events', { key: null, headers: { authorization } })).status, 200);
  });

  it('shows and replays the quarantine', async () => {
    assert.equal(items((await served.ask('GET', '/v1/events/quarantine')).json).length, 1);
    assert.deepEqual((await served.ask('POST', '/v1/events/quarantine/replay')).json, { accepted: 1, stillInvalid: 0 });
    assert.deepEqual((await served.ask('POST', '/v1/events/quarantine/replay', { body: { ids: ['q-1', 'q-2'] } })).json, {
      accepted: 2,
      stillInvalid: 0,
    });
  });

  it('keeps schemas of event names, slashes and spaces in them', async () => {
    const path = `/v1/schemas/${encodeURIComponent('Cart / Viewed')}`;
    assert.deepEqual((await served.ask('PUT', path, { body: { schema: { type: 'object' } } })).json, { name: 'Cart / Viewed', version: 1 });
    assert.equal((await served.ask('GET', path)).json['version'], 1);
    assert.equal(items((await served.ask('GET', '/v1/schemas')).json).length, 1);
    assert.equal((await served.ask('DELETE', path)).status, 204);
    assert.equal((await served.ask('GET', path)).status, 404);
  });

  it('asks the plugins for people and leads', async () => {
    assert.deepEqual((await served.ask('GET', '/v1/people?limit=5&cursor=abc')).json, { items: [{ id: 'p-1' }], nextCursor: 'next' });
    assert.deepEqual(items((await served.ask('GET', '/v1/people?email=nobody@example.invalid')).json), []);
    assert.deepEqual(items((await served.ask('GET', '/v1/people?email=ada@example.invalid')).json), [{ id: 'p-1' }]);
    const person = await served.ask('GET', '/v1/people/p-1');
    assert.deepEqual(person.json, { id: 'p-1', traits: {}, timeline: { items: [{ id: 'p-1' }], nextCursor: 'next' } });
    assert.equal((await served.ask('GET', '/v1/people/p-1/timeline?limit=3')).status, 200);
    assert.equal((await served.ask('GET', '/v1/people/nobody')).status, 404);
    assert.equal((await served.ask('GET', '/v1/leads')).status, 200);
    assert.equal((await served.ask('GET', '/v1/leads?status=scored&limit=2')).status, 200);
    assert.deepEqual(items((await served.ask('GET', '/v1/leads?person=p-1')).json).length, 1);
    assert.deepEqual(items((await served.ask('GET', '/v1/leads?person=nobody')).json), []);
    assert.equal((await served.ask('GET', '/v1/leads/p-1')).json['id'], 'p-1');
    assert.deepEqual(served.hub.actionCalls[0]?.input, { limit: 5, cursor: 'abc' });
    assert.deepEqual(
      new Set(served.hub.actionCalls.map(({ name }) => name)),
      new Set(['profiles.list', 'profiles.find', 'profiles.get', 'profiles.timeline', 'leads.list', 'leads.get']),
    );
  });

  it('validates, deploys, sets and pauses pipelines', async () => {
    assert.equal((await served.ask('GET', '/v1/pipelines/welcome')).json['code'], 'PIPELINE_UNKNOWN');
    assert.deepEqual(
      items((await served.ask('POST', '/v1/pipelines/validate', { body: { source: 'typo' } })).json)[0]?.['suggestion'],
      'leads.score',
    );
    const refused = await served.ask('POST', '/v1/pipelines', { body: { source: 'typo' } });
    assert.deepEqual([refused.status, refused.json['code']], [422, 'PIPELINE_INVALID']);
    const deployed = await served.ask('POST', '/v1/pipelines', {
      raw: 'pipeline: welcome\n',
      headers: { 'content-type': 'text/yaml; charset=utf-8' },
    });
    assert.equal(deployed.json['source'], 'pipeline: welcome\n');
    assert.equal(deployed.json['deployedAt'], '2026-11-01T10:00:00.000Z');
    assert.deepEqual(
      (await served.ask('PUT', '/v1/pipelines/welcome/settings', { body: { settings: { threshold: 0.7 } } })).json['settings'],
      { threshold: 0.7 },
    );
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/pause')).json['isPaused'], true);
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/resume')).json['isPaused'], false);
    assert.equal(items((await served.ask('GET', '/v1/pipelines')).json).length, 1);
  });

  it('shows runs and takes decisions', async () => {
    assert.equal(
      items((await served.ask('GET', '/v1/runs?state=needs_review&pipeline=welcome&person=p-1')).json)[0]?.['state'],
      'needs_review',
    );
    const run = await served.ask('GET', '/v1/runs/run-1');
    assert.equal((run.json['steps'] as { startedAt: string }[])[0]?.startedAt, '2026-11-01T10:00:00.000Z');
    assert.equal((await served.ask('GET', '/v1/runs/none')).json['code'], 'RUN_UNKNOWN');
    assert.equal((await served.ask('POST', '/v1/runs/run-1/resolve', { body: { decision: 'happened', output: { id: 1 } } })).status, 200);
    assert.equal((await served.ask('POST', '/v1/runs/run-1/resolve', { body: { decision: 'perhaps' } })).status, 422);
  });

  it('lists and calls actions, with the caller and the idempotency key', async () => {
    assert.equal(items((await served.ask('GET', '/v1/actions?limit=1')).json).length, 1);
    assert.equal((await served.ask('GET', '/v1/actions/leads.score')).json['effect'], 'write');
    assert.equal((await served.ask('GET', '/v1/actions/no.such')).json['code'], 'ACTION_UNKNOWN');
    const answer = await served.ask('POST', '/v1/actions/leads.score', {
      body: { input: { person: 'p-1' }, isDryRun: true },
      headers: { 'idempotency-key': 'once', 'x-request-id': 'r-9' },
    });
    assert.deepEqual(answer.json, { output: { probability: 0.7 }, runId: 'run-1' });
    const { principal, ...options } = served.hub.actionCalls.at(-1)?.options ?? {};
    assert.deepEqual(options, { isDryRun: true, requestId: 'r-9', idempotencyKey: 'once' });
    assert.equal((principal as { keyId: string }).keyId, 'k3');
  });

  it('shows what of an action depends on the account', async () => {
    const answer = await served.ask('GET', '/v1/actions/crm.put/fields?connection=eu&refresh=true');
    const [field] = items(answer.json);
    assert.deepEqual([answer.status, field?.['pointer'], field?.['fetchedAt']], [200, '/fields', '2026-11-01T10:00:00.000Z']);
    assert.match(JSON.stringify(field?.['schema']), /"eu"/);
    assert.equal((await served.ask('GET', '/v1/actions/crm.put/fields?nothing=1')).status, 422);
  });

  it('adds, tests and removes connections', async () => {
    const body = { name: 'sales_eu', plugin: 'salesforce', kind: 'oauth2', values: { clientSecret: 'hush' }, isSandbox: true };
    const added = await served.ask('POST', '/v1/connections', { body });
    assert.ok(!added.text.includes('hush'));
    assert.equal((await served.ask('POST', '/v1/connections/sales_eu/test')).json['isWorking'], true);
    assert.equal(items((await served.ask('GET', '/v1/connections')).json).length, 1);
    assert.equal((await served.ask('DELETE', '/v1/connections/sales_eu')).status, 204);
    assert.equal((await served.ask('DELETE', '/v1/connections/sales_eu')).json['code'], 'CONNECTION_UNKNOWN');
    assert.ok(!JSON.stringify(served.logged).includes('hush'));
  });

  it('makes apps and keys, and shows a secret once', async () => {
    const app = await served.ask('POST', '/v1/apps', { body: { name: 'Web', isTest: true, origins: ['https://shop.example'] } });
    assert.equal(app.status, 201);
    assert.equal(items((await served.ask('GET', '/v1/apps')).json).length, 2);
    const key = await served.ask('POST', '/v1/keys', { body: { kind: 'write', appId: app.json['id'] } });
    assert.equal(key.json['secret'], 'sk_new_secret');
    assert.equal((await served.ask('POST', '/v1/keys', { body: { kind: 'secret', scopes: ['read', 'actions'] } })).status, 201);
    assert.equal((await served.ask('POST', '/v1/keys', { body: { kind: 'secret' } })).status, 422);
    assert.ok(!(await served.ask('GET', '/v1/keys')).text.includes('sk_new_secret'));
    assert.equal(
      (await served.ask('POST', '/v1/keys/k3/rotate', { body: { overlapSeconds: 60 } })).json['expiresAt'],
      '2026-11-01T10:01:00.000Z',
    );
    assert.equal((await served.ask('POST', '/v1/keys/k3/rotate')).status, 201);
    assert.equal((await served.ask('POST', '/v1/keys/k3/revoke')).json['revokedAt'], '2026-11-01T10:00:00.000Z');
  });

  it('enables, sets and disables plugins', async () => {
    assert.equal(items((await served.ask('GET', '/v1/plugins')).json).length, 1);
    assert.equal((await served.ask('POST', '/v1/plugins/leads/disable')).json['isEnabled'], false);
    assert.equal((await served.ask('POST', '/v1/plugins/leads/enable')).json['isEnabled'], true);
    assert.equal((await served.ask('PUT', '/v1/plugins/leads/settings', { body: { settings: {} } })).status, 200);
    assert.equal((await served.ask('GET', '/v1/plugins/none')).json['code'], 'PLUGIN_UNKNOWN');
  });

  it('shows agents and channels, and lets an agent tick', async () => {
    const [agent] = items((await served.ask('GET', '/v1/agents')).json);
    assert.deepEqual([agent?.['name'], agent?.['lastTickAt']], ['keeper.watch', '2026-11-01T10:00:00.000Z']);
    const ticked = await served.ask('POST', '/v1/agents/keeper.watch/tick');
    assert.deepEqual([ticked.status, ticked.json['name']], [202, 'keeper.watch']);
    assert.equal((await served.ask('POST', '/v1/agents/keeper.nobody/tick')).json['code'], 'NOT_FOUND');
    assert.equal(items((await served.ask('GET', '/v1/channels')).json)[0]?.['action'], 'email.send');
  });

  it('shows consumers, pauses them and tries what was set aside again', async () => {
    assert.equal(items((await served.ask('GET', '/v1/consumers')).json)[0]?.['lag'], 1);
    assert.equal((await served.ask('POST', '/v1/consumers/profiles.project/pause')).json['isPaused'], true);
    assert.equal((await served.ask('POST', '/v1/consumers/profiles.project/resume')).json['isPaused'], false);
    assert.equal(items((await served.ask('GET', '/v1/consumers/profiles.project/set-aside')).json)[0]?.['at'], '2026-11-01T10:00:00.000Z');
    assert.deepEqual((await served.ask('POST', '/v1/consumers/profiles.project/set-aside/retry')).json, { done: 1, left: 0 });
  });

  it('steers the governor', async () => {
    assert.equal((await served.ask('GET', '/v1/governor')).json['isPaused'], false);
    assert.equal((await served.ask('POST', '/v1/governor/pause')).json['isPaused'], true);
    assert.equal((await served.ask('POST', '/v1/governor/resume')).json['isPaused'], false);
    assert.equal((await served.ask('PUT', '/v1/governor/limits', { body: { dailyCapPerPerson: 1 } })).json['dailyCapPerPerson'], 1);
    assert.equal((await served.ask('PUT', '/v1/governor/limits', { body: {} })).status, 422);
    const whom = '/v1/governor/suppressions?channel=email&address=ada%40example.invalid';
    await served.ask('POST', '/v1/governor/suppressions', { body: { channel: 'email', address: 'ada@example.invalid', reason: 'asked' } });
    assert.equal((await served.ask('GET', whom)).json['isSuppressed'], true);
    assert.equal((await served.ask('DELETE', whom)).status, 204);
    assert.equal((await served.ask('GET', whom)).json['isSuppressed'], false);
  });

  it('gives an overview', async () => {
    const { json } = await served.ask('GET', '/v1/overview', { key: KEYS.reader });
    assert.deepEqual(json['events'], { total: 42, today: 7, perSecond: 0, quarantined: 1 });
    assert.deepEqual([json['people'], json['leads'], json['mails']], [5, null, 1]);
    assert.deepEqual(json['runs'], { needs_review: 1 });
  });

  it('lets only operators of the installation see and make tenants', async () => {
    for (const key of [KEYS.otherAdmin, KEYS.reader]) assert.equal((await served.ask('GET', '/v1/tenants', { key })).status, 403);
    assert.equal((await served.ask('POST', '/v1/tenants', { body: { id: 'globex', name: 'Globex' } })).status, 201);
    const asked = { body: { kind: 'secret', scopes: ['admin'] } };
    assert.match(String((await served.ask('POST', '/v1/tenants/globex/keys', asked)).json['secret']), /./);
    assert.equal((await served.ask('POST', '/v1/tenants/nobody/keys', asked)).status, 404);
    assert.equal((await served.ask('POST', '/v1/tenants/globex/keys', { ...asked, key: KEYS.otherAdmin })).status, 403);
    assert.deepEqual(
      items((await served.ask('GET', '/v1/tenants')).json).map(({ id }) => id),
      ['acme', 'globex'],
    );
    const session = await served.ask('GET', '/v1/session', { key: KEYS.reader });
    assert.deepEqual(
      [(session.json['tenant'] as { id: string }).id, session.json['kind'], session.json['scopes']],
      ['acme', 'secret', ['read']],
    );
  });

  it('shows the sandboxes to their tenant only', async () => {
    assert.equal(items((await served.ask('GET', '/v1/sandbox/mails')).json)[0]?.['subject'], 'Welcome');
    assert.equal((await served.ask('GET', '/v1/sandbox/mails/mail-1')).json['text'], 'Hello');
    assert.equal((await served.ask('GET', '/v1/sandbox/mails/none')).status, 404);
    const html = await served.ask('GET', '/v1/sandbox/mails/mail-1/html');
    assert.match(html.headers.get('content-security-policy') ?? '', /^sandbox; default-src 'none'/);
    assert.deepEqual((await served.ask('GET', '/v1/sandbox/services')).json['items'], ['hubspot', 'salesforce']);
    assert.equal(items((await served.ask('GET', '/v1/sandbox/effects')).json).length, 1);
    assert.equal(items((await served.ask('GET', '/v1/sandbox/effects?service=hubspot')).json).length, 0);
    assert.equal((await served.ask('GET', '/v1/sandbox/mails', { key: KEYS.otherAdmin })).status, 404);
  });

  it('limits how often a key may ask, and says when to come again', async () => {
    const strict = await serve({ limits: { apiPerMinute: 2 } });
    await strict.ask('GET', '/v1/governor');
    await strict.ask('GET', '/v1/governor');
    const third = await strict.ask('GET', '/v1/governor');
    assert.deepEqual([third.status, third.json['code']], [429, 'REQUEST_THROTTLED']);
    assert.ok(Number(third.headers.get('retry-after')) >= 1);
    assert.equal((await strict.ask('GET', '/v1/governor', { key: KEYS.reader })).status, 200);
    await strict.close();
  });
});
