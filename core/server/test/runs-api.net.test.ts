import assert from 'node:assert/strict';
import { KEYS } from './fake-hub.ts';
import { lastAsked } from './fake-pipelines.ts';
import { serve } from './served.ts';

describe('the API of runs', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  const last = (name: string): readonly unknown[] => lastAsked(served.hub.asked, name);

  it('finds runs by everything that a filter knows', async () => {
    const query = new URLSearchParams({
      pipeline: 'welcome',
      version: '3',
      state: 'needs_approval',
      person: 'p-1',
      environment: 'staging',
      from: '2026-11-01T00:00:00Z',
      to: '2026-11-02T00:00:00.000+01:00',
      broadcastId: 'bc-1',
      parentId: 'run-0',
      limit: '5',
    });
    assert.equal((await served.ask('GET', `/v1/runs?${query.toString()}`)).status, 200);
    assert.deepEqual(last('list'), [
      {
        pipeline: 'welcome',
        version: 3,
        state: 'needs_approval',
        person: 'p-1',
        environment: 'staging',
        from: Date.parse('2026-11-01T00:00:00Z'),
        to: Date.parse('2026-11-01T23:00:00Z'),
        broadcastId: 'bc-1',
        parentId: 'run-0',
        limit: 5,
      },
    ]);
    for (const bad of ['state=done', 'from=yesterday', 'version=x', 'colour=red'])
      assert.equal((await served.ask('GET', `/v1/runs?${bad}`)).json['code'], 'INPUT_INVALID', bad);
  });

  it('shows what is masked to admins only', async () => {
    assert.equal((await served.ask('GET', '/v1/runs/run-1?unmasked=true')).status, 200);
    assert.deepEqual(last('get'), ['run-1', { unmasked: true }]);
    const refused = await served.ask('GET', '/v1/runs/run-1?unmasked=true', { key: KEYS.reader });
    assert.deepEqual([refused.status, refused.json['code']], [403, 'KEY_SCOPE_MISSING']);
    assert.equal((await served.ask('GET', '/v1/runs/run-1?unmasked=false', { key: KEYS.reader })).status, 200);
    assert.deepEqual(last('get'), ['run-1', { unmasked: false }]);
  });

  it('cancels a run that has not ended', async () => {
    const body = { mode: 'after_step', reason: 'sent by mistake' };
    const { json } = await served.ask('POST', '/v1/runs/run-1/cancel', { key: KEYS.actor, body });
    // Whoever may act need not be one who may read: no steps.
    assert.deepEqual(
      [json['state'], json['reason'], json['steps'], json['settings']],
      ['cancelled', 'sent by mistake', undefined, undefined],
    );
    assert.deepEqual(last('cancel'), ['run-1', body]);
    const again = await served.ask('POST', '/v1/runs/run-1/cancel');
    assert.deepEqual([again.status, again.json['code']], [409, 'RUN_ENDED']);
    assert.equal((await served.ask('POST', '/v1/runs/none/cancel')).json['code'], 'RUN_UNKNOWN');
    assert.equal((await served.ask('POST', '/v1/runs/run-1/cancel', { body: { mode: 'soon' } })).status, 422);
  });

  it('does a run again, whole or from a step', async () => {
    assert.deepEqual((await served.ask('POST', '/v1/runs/run-1/replay')).json, { runId: 'run-1-again' });
    const body = { fromStep: 'mail', version: 'current' };
    assert.equal((await served.ask('POST', '/v1/runs/run-1/replay', { body })).status, 200);
    assert.deepEqual(last('replay'), ['run-1', body]);
    assert.equal((await served.ask('POST', '/v1/runs/none/replay')).json['code'], 'RUN_UNKNOWN');
    assert.equal((await served.ask('POST', '/v1/runs/run-1/replay', { body: { version: 7 } })).status, 422);
  });

  it('does many runs again, dry first, and never all of them by mistake', async () => {
    const filter = { state: 'failed', from: '2026-11-01T00:00:00.000Z' };
    const dry = await served.ask('POST', '/v1/runs/replay', { body: { filter, isDry: true } });
    assert.deepEqual(dry.json, { matched: 2, started: 0, refused: { INPUT_INVALID: 1 }, runIds: [] });
    await served.ask('POST', '/v1/runs/replay', { body: { filter, fromStep: 'mail', limit: 10 } });
    assert.deepEqual(last('replayMany'), [
      { state: 'failed', from: Date.parse('2026-11-01') },
      { fromStep: 'mail', limit: 10, isDry: false },
    ]);
    assert.equal((await served.ask('POST', '/v1/runs/replay', { body: { filter: {} } })).status, 422);
    assert.equal((await served.ask('POST', '/v1/runs/replay')).json['code'], 'REQUEST_MALFORMED');
  });
});

describe('the API of approvals', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  it('lists what waits, and says who decided', async () => {
    const { json } = await served.ask('GET', '/v1/approvals');
    const [waiting] = json['items'] as readonly Record<string, unknown>[];
    assert.deepEqual([waiting?.['id'], waiting?.['askedAt']], ['run-1/0', '2026-11-01T10:00:00.000Z']);
    const body = { by: 'Ada', comment: 'go ahead' };
    assert.equal((await served.ask('POST', '/v1/approvals/run-1/0/approve', { key: KEYS.deployer, body })).status, 204);
    assert.deepEqual(lastAsked(served.hub.asked, 'decide'), ['run-1/0', { isApproved: true, by: 'Ada (key k6)', comment: 'go ahead' }]);
    assert.equal((await served.ask('POST', '/v1/approvals/run-1/0/approve')).status, 204);
    assert.deepEqual(lastAsked(served.hub.asked, 'decide'), ['run-1/0', { isApproved: true, by: 'key k3' }]);
    const other = await served.ask('POST', '/v1/approvals/run-1/0/reject');
    assert.deepEqual([other.status, other.json['code']], [409, 'CONFLICT']);
    assert.equal((await served.ask('POST', '/v1/approvals/run-1/9/reject')).status, 404);
    assert.equal((await served.ask('POST', '/v1/approvals/run-1/0/approve', { body: { by: 1 } })).status, 422);
  });
});

describe('the API of broadcasts', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  it('sends to people or a segment, and shows how far it is', async () => {
    const body = { people: ['p-1', 'p-2'], perMinute: 60, input: { issue: 7 }, isTest: true };
    const sent = await served.ask('POST', '/v1/pipelines/newsletter/broadcasts?environment=staging', {
      body,
      headers: { 'idempotency-key': 'issue-7' },
    });
    assert.deepEqual([sent.status, sent.json['total'], sent.json['createdAt']], [201, 2, '2026-11-01T10:00:00.000Z']);
    assert.deepEqual(lastAsked(served.hub.asked, 'send'), ['newsletter', { environment: 'staging', ...body, idempotencyKey: 'issue-7' }]);
    assert.equal((await served.ask('GET', '/v1/broadcasts/bc-1')).json['state'], 'running');
    assert.equal(((await served.ask('GET', '/v1/broadcasts?pipeline=newsletter')).json['items'] as unknown[]).length, 1);
    for (const bad of [{ people: [] }, { perMinute: 0 }, { segments: 'all' }])
      assert.equal((await served.ask('POST', '/v1/pipelines/newsletter/broadcasts', { body: bad })).status, 422);
    assert.equal((await served.ask('POST', '/v1/pipelines/other/broadcasts')).json['code'], 'PIPELINE_UNKNOWN');
    const many = Array.from({ length: 100_000 }, (_, index) => `person-${String(index).padStart(20, '0')}`);
    assert.equal((await served.ask('POST', '/v1/pipelines/newsletter/broadcasts', { body: { people: many } })).json['total'], 100_000);
    const tooMany = { people: [...many, 'one-more'] };
    assert.equal((await served.ask('POST', '/v1/pipelines/newsletter/broadcasts', { body: tooMany })).json['code'], 'INPUT_INVALID');
  });

  it('pauses, resumes and cancels', async () => {
    await served.ask('POST', '/v1/pipelines/newsletter/broadcasts');
    assert.equal((await served.ask('POST', '/v1/broadcasts/bc-1/pause')).json['state'], 'paused');
    assert.equal((await served.ask('POST', '/v1/broadcasts/bc-1/resume')).json['state'], 'running');
    assert.equal((await served.ask('POST', '/v1/broadcasts/bc-1/cancel', { body: { withRuns: true } })).json['state'], 'cancelled');
    assert.deepEqual(lastAsked(served.hub.asked, 'cancelBroadcast'), ['bc-1', { withRuns: true }]);
    assert.equal((await served.ask('GET', '/v1/broadcasts/none')).json['code'], 'NOT_FOUND');
    assert.equal((await served.ask('POST', '/v1/broadcasts/none/cancel')).json['code'], 'NOT_FOUND');
  });
});
