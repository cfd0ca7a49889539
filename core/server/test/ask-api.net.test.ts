import assert from 'node:assert/strict';
import { KEYS } from './fake-hub.ts';
import { lastAsked } from './fake-pipelines.ts';
import { serve } from './served.ts';

describe('the API for asking', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  const last = (name: string): readonly unknown[] => lastAsked(served.hub.asked, name);

  it('plays one run of a file or of a deployed pipeline, or tells its faults', async () => {
    const body = { source: 'pipeline: welcome\n', event: { event: 'Order Completed', userId: 'u-1' }, settings: { threshold: 1 } };
    const { json } = await served.ask('POST', '/v1/pipelines/dry-run', { key: KEYS.actor, body });
    const { calls, startedAt } = json['simulation'] as { calls: { at: string; heldBack: string }[]; startedAt: string };
    assert.deepEqual(
      [startedAt, calls[0]?.at, calls[0]?.heldBack],
      ['2026-11-01T10:00:00.000Z', '2026-11-01T10:00:00.000Z', 'quiet hours'],
    );
    assert.deepEqual(last('dryRun'), [{ source: body.source }, { event: body.event, settings: body.settings }]);
    await served.ask('POST', '/v1/pipelines/dry-run', { body: { id: 'welcome', person: { id: 'p', traits: {} } } });
    assert.deepEqual(last('dryRun'), [{ id: 'welcome' }, { person: { id: 'p', traits: {} }, unmasked: true }]);
    const faulty = await served.ask('POST', '/v1/pipelines/dry-run', { body: { source: 'typo' } });
    assert.equal((faulty.json['faults'] as { line: number }[])[0]?.line, 3);
    for (const bad of [{}, { id: 'welcome', source: 'x' }, { id: 'welcome', person: 7 }])
      assert.equal((await served.ask('POST', '/v1/pipelines/dry-run', { body: bad })).status, 422);
  });

  it('rehearses, with the answer as one document', async () => {
    const { json } = await served.ask('POST', '/v1/pipelines/rehearse', { body: { id: 'welcome', lastMs: 1_000, limit: 5 } });
    const { from, runs } = json['rehearsal'] as { from: string; runs: { at: string }[] };
    assert.deepEqual([from, runs[0]?.at], ['2026-11-01T09:59:59.000Z', '2026-11-01T10:00:00.000Z']);
    assert.deepEqual(last('rehearse'), [{ id: 'welcome' }, { lastMs: 1_000, limit: 5, unmasked: true }]);
    // Who may not see personal values in what has happened sees none here.
    await served.ask('POST', '/v1/pipelines/rehearse', { key: KEYS.deployer, body: { id: 'welcome', lastMs: 1_000 } });
    assert.deepEqual(last('rehearse'), [{ id: 'welcome' }, { lastMs: 1_000 }]);
    const smuggled = { id: 'welcome', lastMs: 1_000, unmasked: true };
    assert.equal((await served.ask('POST', '/v1/pipelines/rehearse', { key: KEYS.deployer, body: smuggled })).status, 422);
    for (const path of ['/v1/pipelines/rehearse', '/v1/pipelines/dry-run'])
      assert.equal((await served.ask('POST', path, { key: KEYS.reader, body: { id: 'welcome', lastMs: 1_000 } })).status, 403);
    assert.ok('faults' in (await served.ask('POST', '/v1/pipelines/rehearse', { body: { source: 'typo', lastMs: 1 } })).json);
    assert.equal(
      (await served.ask('POST', '/v1/pipelines/rehearse', { body: { id: 'none', lastMs: 1 } })).json['code'],
      'PIPELINE_UNKNOWN',
    );
    assert.equal((await served.ask('POST', '/v1/pipelines/rehearse', { body: { id: 'welcome' } })).status, 422);
  });

  it('rehearses with progress where that is asked for', async () => {
    const messages = async (id: string): Promise<readonly (readonly [string, Record<string, unknown>])[]> => {
      const { status, text } = await served.ask('POST', '/v1/pipelines/rehearse', {
        body: { id, lastMs: 1_000 },
        headers: { accept: 'text/event-stream' },
      });
      assert.equal(status, 200);
      return [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)].map(([, event = '', data = '']) => [
        event,
        JSON.parse(data) as Record<string, unknown>,
      ]);
    };
    const told = await messages('welcome');
    assert.deepEqual(told[0], ['progress', { done: 1, all: 2 }]);
    assert.deepEqual([told.at(-1)?.[0], Object.keys(told.at(-1)?.[1] ?? {})], ['result', ['rehearsal']]);
    const [problem] = await messages('none');
    assert.deepEqual([problem?.[0], problem?.[1]['code']], ['problem', 'PIPELINE_UNKNOWN']);
    assert.deepEqual(
      served.logged.filter(({ message }) => message === 'request failed'),
      [],
    );
  });

  it('explains for a person, and tells what became of an event', async () => {
    const { json } = await served.ask('GET', '/v1/pipelines/welcome/explain?person=userId%3A7&environment=staging&limit=3');
    assert.equal(json['summary'], 'It was not started.');
    assert.equal((json['starts'] as { at: string }[])[0]?.at, '2026-11-01T10:00:00.000Z');
    assert.deepEqual(last('explain'), ['userId:7', 'welcome', { environment: 'staging', limit: 3 }]);
    assert.equal((await served.ask('GET', '/v1/pipelines/welcome/explain?person=nobody')).status, 404);
    assert.equal((await served.ask('GET', '/v1/pipelines/welcome/explain')).status, 422);
    const why = await served.ask('GET', '/v1/events/m-1/why');
    assert.equal((why.json['items'] as { code: string }[])[0]?.code, 'where');
    assert.equal((await served.ask('GET', '/v1/events/unknown/why')).status, 404);
    // Of digits alone: first a message's id, then a position.
    await served.ask('GET', '/v1/events/41/why');
    assert.deepEqual(last('why'), [41]);
    await served.ask('GET', '/v1/events/42/why');
    assert.deepEqual(last('why'), ['42']);
  });

  it('starts runs for past events when asked, and stops', async () => {
    const body = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z', perMinute: 60 };
    const dry = await served.ask('POST', '/v1/pipelines/welcome/backfills', { body: { ...body, isDry: true } });
    assert.equal(dry.json['from'], '2026-10-01T00:00:00.000Z');
    assert.deepEqual((await served.ask('GET', '/v1/backfills')).json['items'], []);
    await served.ask('POST', '/v1/pipelines/welcome/backfills?environment=staging', { body });
    assert.deepEqual(last('backfill'), [
      'welcome',
      { environment: 'staging', perMinute: 60, from: Date.parse('2026-10-01'), to: Date.parse('2026-11-01') },
    ]);
    assert.equal(((await served.ask('GET', '/v1/backfills')).json['items'] as unknown[]).length, 1);
    assert.equal((await served.ask('POST', '/v1/backfills/b-1/cancel')).json['state'], 'cancelled');
    assert.equal((await served.ask('POST', '/v1/backfills/none/cancel')).json['code'], 'NOT_FOUND');
    assert.equal((await served.ask('POST', '/v1/pipelines/welcome/backfills', { body: { from: 'yesterday' } })).status, 422);
  });
});
