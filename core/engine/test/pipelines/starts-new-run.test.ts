import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { compilePipeline } from '../../src/pipelines/compile.ts';
import type { Definition } from '../../src/pipelines/definition.ts';
import type { Deployed } from '../../src/pipelines/deployments.ts';
import { newRun } from '../../src/pipelines/starts/new-run.ts';
import type { RunStart } from '../../src/pipelines/starts/new-run.ts';

function deployed(flow: Partial<Definition>, record: Partial<Deployed['record']> = {}, settings: JsonObject = {}): Deployed {
  const compiled = compilePipeline({ pipeline: 'a', trigger: { manual: {} }, steps: [{ stop: {} }], ...flow });
  return {
    record: {
      id: 'a',
      environment: 'production',
      version: 3,
      isPaused: false,
      holdsRuns: false,
      settings: {},
      deployedAt: 0,
      history: [],
      ...record,
    },
    compiled,
    settings,
  };
}

const START: RunStart = { id: 'r1', startedAt: 7, isTest: false };

function refusalOf(start: () => unknown): JsonObject {
  try {
    start();
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'RUN_NOT_STARTED') return error.details as JsonObject;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a new run', () => {
  it('pins what starts it, and nothing that is not there', () => {
    const run = newRun(deployed({}, {}, { least: 1 }), { ...START, input: { n: 1 }, personId: 'p1', profile: { id: 'p1' } });
    assert.deepEqual(run, {
      id: 'r1',
      pipeline: 'a',
      version: 3,
      environment: 'production',
      state: 'running',
      startedAt: 7,
      isTest: false,
      personId: 'p1',
      input: { n: 1 },
      settings: { least: 1 },
      caller: { kind: 'pipeline', id: 'a' },
      priority: 5,
    });
  });

  it('has the gates of its limits, each for the values of its key', () => {
    const limited = deployed(
      {
        concurrency: { limit: 2 },
        throttle: { limit: 3, period: '1m', burst: 2, key: 'input.shop' },
        serial: { key: 'profile.id + settings.suffix' },
      },
      {},
      { suffix: '!' },
    );
    const run = newRun(limited, { ...START, input: { shop: 7 }, personId: 'p1' });
    assert.deepEqual(run.gates, [
      { kind: 'concurrency', key: 'production/a', limit: 2 },
      { kind: 'throttle', key: 'production/a/7', limit: 3, periodMs: 60_000, burst: 2 },
      { kind: 'serial', key: 'production/a/"p1!"' },
    ]);
    assert.deepEqual(run.serialKeys, ['production/a/"p1!"']);
  });

  it('shares no key with another type of value, environment or with test runs', () => {
    const keyOf = (start: Partial<RunStart>, record: Partial<Deployed['record']> = {}): string | undefined =>
      newRun(deployed({ serial: { key: 'input.k' } }, record), { ...START, ...start }).serialKeys?.[0];
    const keys = [
      keyOf({ input: { k: '1' } }),
      keyOf({ input: { k: 1 } }),
      keyOf({ input: { k: 1 }, isTest: true }),
      keyOf({ input: { k: 1 }, isTest: true, environment: 'staging' }),
      keyOf({ input: { k: 1 } }, { id: 'b' }),
      keyOf({ input: { k: 'x'.repeat(200) } }),
      keyOf({ input: { k: 'y'.repeat(200) } }),
    ];
    assert.equal(new Set(keys).size, keys.length);
    for (const key of keys) assert.ok((key?.length ?? 0) < 100);
  });

  it('is not started when a key cannot be evaluated', () => {
    for (const flow of [
      { serial: { key: 'input.k' } },
      { concurrency: { limit: 1, key: 'input.k' } },
      { throttle: { limit: 1, period: '1m', key: 'input.k' } },
    ]) {
      const details = refusalOf(() => newRun(deployed(flow), START));
      assert.equal(details['code'], 'key_failed');
      assert.equal(details['expression'], 'input.k');
    }
  });

  it('is not started when it would wait for the run that waits for it', () => {
    const serial = deployed({ serial: { key: 'input.k' } });
    const input = { k: 1 };
    assert.equal(refusalOf(() => newRun(serial, { ...START, input, heldSerialKeys: ['production/a/1'] }))['code'], 'serial_held');
    const run = newRun(serial, { ...START, input, heldSerialKeys: ['production/b/1'] });
    assert.deepEqual(run.serialKeys, ['production/b/1', 'production/a/1']);
    assert.deepEqual(newRun(deployed({}), { ...START, heldSerialKeys: ['production/b/1'] }).serialKeys, ['production/b/1']);
  });

  it('has a priority between 0 and 9, the usual one when it cannot be evaluated', () => {
    const of = (priority: number | string, input: JsonObject = {}): number | undefined =>
      newRun(deployed({ priority }), { ...START, input }).priority;
    assert.equal(of(2), 2);
    assert.equal(of('input.n', { n: 12 }), 9);
    assert.equal(of('input.n', { n: -1 }), 0);
    assert.equal(of('input.n', { n: 3.4 }), 3);
    assert.equal(of('input.n', { n: 'soon' }), 5);
    assert.equal(of('input.n'), 5);
  });

  it('keeps the profile only when the pipeline reads it', () => {
    const profile = { id: 'p1', traits: {} };
    assert.equal(newRun(deployed({}), { ...START, profile }).profile, undefined);
    assert.deepEqual(newRun(deployed({ serial: { key: 'profile.id' } }), { ...START, profile }).profile, profile);
  });
});
