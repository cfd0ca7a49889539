import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { serveEngine } from './engine-hub.ts';
import type { ServedEngine } from './engine-hub.ts';
import type { Answer } from './served.ts';

const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 30_000;
const LEADS = `pipeline: leads
trigger: { event: Signup Completed, where: event.properties.plan != "free" }
steps:
  - id: score
    action: leads.score
    with: { person: "\${{ profile.id }}" }
`;
const ASKING = `pipeline: asking
input: { type: object, properties: { email: { type: string, format: email } } }
trigger: { manual: {} }
steps:
  - id: told
    set: { email: "\${{ default(input.email, 'nobody') }}" }
  - id: word
    approve: { by: sales, timeout: 2d }
output: { email: "\${{ steps.told.output.email }}" }
`;
const NEWS = 'pipeline: news\ntrigger: { broadcast: {} }\nsteps:\n  - stop: { reason: enough }\n';
const HOURLY = 'pipeline: hourly\ntrigger: { schedule: { cron: "0 * * * *" } }\nsteps:\n  - stop: {}\n';
const HOOK = 'pipeline: hook\ntrigger: { webhook: {} }\nsteps:\n  - stop: {}\n';

// `served.ask` holds every answer against the schema that the document of the API declares for it.
describe('the API of pipelines over the engine', function () {
  this.timeout(60_000);
  let served: ServedEngine;
  before(async () => {
    served = await serveEngine(['profiles', 'leads']);
    for (const source of [LEADS, ASKING, NEWS, HOURLY, HOOK]) assert.equal((await ask('POST', '/v1/pipelines', { source })).status, 200);
    await send('/v1/identify', { userId: 'u-1', traits: { email: 'ada@example.invalid' } });
    await send('/v1/track', { userId: 'u-1', event: 'Signup Completed', messageId: 'm-1', properties: { plan: 'pro' } });
    await send('/v1/track', { userId: 'u-1', event: 'Signup Completed', messageId: 'm-2', properties: { plan: 'free' } });
    await until('/v1/runs?pipeline=leads&state=succeeded', (answer) => items(answer).length === 1);
  });
  after(() => served.close());

  const ask = (method: string, path: string, body?: unknown): Promise<Answer> => served.ask(method, path, { key: served.key, body });
  const send = (path: string, body: unknown): Promise<Answer> => served.ask('POST', path, { key: served.writeKey, body });
  const items = ({ json }: Answer): readonly Record<string, unknown>[] => json['items'] as readonly Record<string, unknown>[];

  async function until(path: string, isSo: (answer: Answer) => boolean): Promise<Answer> {
    const lastAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await ask('GET', path);
      if (isSo(answer)) return answer;
      assert.ok(performance.now() < lastAt, `${path}: ${answer.text}`);
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  it('shows schedules with their next time and webhooks with their address, to whom it concerns', async () => {
    assert.match(String((await ask('GET', '/v1/pipelines/hourly')).json['nextAt']), /T\d\d:00:00\.000Z$/);
    const path = String((await ask('GET', '/v1/pipelines/hook')).json['webhookPath']);
    assert.match(path, /^\/hooks\/acme\//);
    const reader = await served.newKey('read');
    assert.equal((await served.ask('GET', '/v1/pipelines/hook', { key: reader })).json['webhookPath'], undefined);
    assert.equal((await ask('PUT', '/v1/pipelines/hook/webhook/secret', { secret: 'hush' })).status, 204);
    assert.notEqual((await ask('POST', '/v1/pipelines/hook/webhook/rotate')).json['webhookPath'], path);
    assert.equal((await ask('POST', '/v1/pipelines/leads/webhook/rotate')).json['code'], 'PIPELINE_UNKNOWN');
  });

  it('moves versions through environments', async () => {
    assert.equal((await ask('POST', '/v1/pipelines?environment=staging', { source: NEWS.replace('enough', 'more') })).json['version'], 2);
    assert.equal((await ask('POST', '/v1/pipelines/news/promote', { from: 'staging', to: 'production' })).json['version'], 2);
    assert.equal((await ask('POST', '/v1/pipelines/news/rollback')).json['version'], 1);
    const versions = items(await ask('GET', '/v1/pipelines/news/versions'));
    assert.deepEqual(
      versions.map(({ version, environments }) => [version, environments]),
      [
        [2, ['staging']],
        [1, ['production']],
      ],
    );
    assert.equal((await ask('DELETE', '/v1/pipelines/news?environment=staging')).status, 204);
    assert.equal((await ask('GET', '/v1/pipelines/news?environment=staging')).status, 404);
  });

  it('starts by hand, waits for a word, cancels and does again', async () => {
    const started = await ask('POST', '/v1/pipelines/asking/runs', { input: { email: 'ada@example.invalid' } });
    const id = String(started.json['runId']);
    await until(`/v1/runs/${id}`, ({ json }) => json['state'] === 'needs_approval');
    const [approval] = items(await ask('GET', '/v1/approvals'));
    assert.deepEqual([approval?.['id'], approval?.['by']], [`${id}/1`, 'sales']);
    assert.equal((await ask('POST', `/v1/approvals/${id}/1/approve`, { by: 'Ada' })).status, 204);
    const ended = await until(`/v1/runs/${id}`, ({ json }) => json['state'] === 'succeeded');
    assert.deepEqual(ended.json['output'], { email: '[personal]' });
    assert.deepEqual((await ask('GET', `/v1/runs/${id}?unmasked=true`)).json['output'], { email: 'ada@example.invalid' });

    const again = String((await ask('POST', `/v1/runs/${id}/replay`, { fromStep: 'word' })).json['runId']);
    await until(`/v1/runs/${again}`, ({ json }) => json['state'] === 'needs_approval');
    assert.equal((await ask('POST', `/v1/runs/${again}/cancel`, { reason: 'a mistake' })).status, 200);
    const cancelled = await until(`/v1/runs/${again}`, ({ json }) => json['state'] === 'cancelled');
    assert.deepEqual([cancelled.json['replayOf'], cancelled.json['reason']], [id, 'a mistake']);
    assert.equal(items(await ask('GET', '/v1/runs?pipeline=asking&version=1&state=cancelled&environment=production')).length, 1);
    assert.equal((await ask('POST', '/v1/runs/replay', { filter: { state: 'cancelled' }, isDry: true })).json['matched'], 1);
    assert.equal((await ask('POST', '/v1/pipelines/asking/pause', { holdRuns: true })).json['isPaused'], true);
    assert.equal((await ask('POST', '/v1/pipelines/asking/runs')).json['code'], 'PIPELINE_PAUSED');
    assert.equal((await ask('POST', '/v1/pipelines/asking/resume')).json['isPaused'], false);
  });

  it('tells before and after', async () => {
    const event = { event: 'Signup Completed', userId: 'u-1', properties: { plan: 'pro' } };
    const dry = await ask('POST', '/v1/pipelines/dry-run', { source: LEADS, event });
    assert.equal((dry.json['simulation'] as { state: string }).state, 'succeeded', dry.text);
    const rehearsed = await ask('POST', '/v1/pipelines/rehearse', { id: 'leads', lastMs: 86_400_000 });
    const { events, matched } = rehearsed.json['rehearsal'] as { events: number; matched: number };
    assert.deepEqual([events, matched], [2, 1]);
    const streamed = await served.ask('POST', '/v1/pipelines/rehearse', {
      key: served.key,
      body: { source: LEADS, lastMs: 86_400_000 },
      headers: { accept: 'text/event-stream' },
    });
    assert.match(streamed.text, /event: result\ndata: \{"rehearsal":/);
    const why = items(await ask('GET', '/v1/events/m-2/why'));
    assert.deepEqual([why[0]?.['code'], why[0]?.['isStarted']], ['where', false]);
    assert.equal((await ask('GET', '/v1/pipelines/leads/explain?person=userId%3Au-1')).status, 200);
    const from = new Date(Date.now() - 86_400_000).toISOString();
    assert.equal((await ask('POST', '/v1/pipelines/leads/backfills', { from, isDry: true })).json['events'], 2);
    const backfill = await ask('POST', '/v1/pipelines/leads/backfills', { from });
    await until('/v1/backfills', (answer) => items(answer)[0]?.['state'] === 'done');
    assert.equal((await ask('POST', `/v1/backfills/${String(backfill.json['id'])}/cancel`)).status, 200);
  });

  it('sends to many', async () => {
    const [person] = items(await ask('GET', '/v1/people'));
    const sent = await ask('POST', '/v1/pipelines/news/broadcasts', { people: [person?.['id']], isTest: true });
    assert.equal(sent.status, 201, sent.text);
    const path = `/v1/broadcasts/${String(sent.json['id'])}`;
    await until(path, ({ json }) => json['state'] === 'done');
    assert.equal(items(await ask('GET', '/v1/broadcasts?pipeline=news')).length, 1);
    assert.equal(items(await ask('GET', `/v1/runs?broadcastId=${String(sent.json['id'])}`)).length, 1);
    for (const verb of ['pause', 'resume', 'cancel']) assert.equal((await ask('POST', `${path}/${verb}`)).status, 200);
    assert.equal((await ask('POST', '/v1/pipelines/leads/broadcasts')).json['code'], 'INPUT_INVALID');
  });
});
