import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ActionDescription } from '../../src/actions/contract.ts';
import { RUN_FAULT_POINTS } from '../../src/pipelines/index.ts';
import type { FaultPoint, RunFaultPoint } from '../../src/pipelines/index.ts';
import { idempotencyKeyOf } from '../../src/pipelines/runs/records.ts';
import type { FakeAction } from './fake-actions.ts';
import { Crash, createRunWorld, signup, TENANT } from './run-world.ts';

const THREE_STEPS = `
pipeline: three
trigger: { event: Signup Completed }
steps:
  - { id: one, action: crm.a, with: { n: 1 } }
  - { id: kept, set: { first: "\${{ steps.one.output.done }}" } }
  - if: steps.kept.output.first
    then:
      - { id: two, action: crm.a, with: { n: 2 } }
  - { id: three, action: crm.a, with: { n: 3 } }
`;

const PARALLEL = `
pipeline: wide
trigger: { event: Signup Completed }
steps:
  - parallel:
      left: [ { action: crm.a, with: { n: 1 } }, { action: crm.a, with: { n: 2 } } ]
      right: [ { action: crm.a, with: { n: 3 } } ]
  - { action: crm.a, with: { n: 4 } }
`;

/** Dies at the `count`th time that the line is reached. */
function dieAt(point: RunFaultPoint, count: number): { readonly faultPoint: FaultPoint; readonly hasDied: () => boolean } {
  let seen = 0;
  return {
    faultPoint: (name) => {
      if (name !== point) return;
      seen += 1;
      if (seen === count) throw new Crash(name);
    },
    hasDied: () => seen >= count,
  };
}

async function crashOnce(
  source: string,
  idempotency: ActionDescription['idempotency'],
  point: RunFaultPoint,
  count: number,
): Promise<boolean> {
  const world = await createRunWorld();
  const fakes: Readonly<Record<string, FakeAction>> = { 'crm.a': { idempotency } };
  const death = dieAt(point, count);
  const first = await world.boot(fakes, { faultPoint: death.faultPoint });
  await first.pipelines.service(TENANT).deploy(source);
  const [runId = ''] = await world.trigger(first).catch((error: unknown) => {
    assert.ok(error instanceof Crash);
    return [];
  });
  if (runId === '') return true;
  await world.engine.time.until(async () => death.hasDied() || (await world.run(first, runId)).endedAt !== undefined, 100);
  const second = await world.boot(fakes);
  let run = await world.settle(second, runId);
  for (let decisions = 0; run.state === 'needs_review'; decisions += 1) {
    assert.equal(idempotency, 'none', `${point} ${String(count)}: only what may not be repeated needs review`);
    assert.ok(decisions < 3);
    const step = run.steps.find(({ state }) => state === 'needs_review');
    const happened = world.world.effects.includes(idempotencyKeyOf(TENANT, runId, step?.path ?? ''));
    await second.pipelines.runs(TENANT).resolve(runId, happened ? 'happened' : 'retry', { done: true });
    run = await world.settle(second, runId);
  }
  assert.equal(run.state, 'succeeded', `${point} ${String(count)} ${idempotency}`);
  for (const [key, effects] of world.world.effectsByKey()) assert.equal(effects, 1, `${point} ${String(count)} ${idempotency}: ${key}`);
  assert.equal(world.world.effects.length, run.steps.filter(({ kind }) => kind === 'action').length);
  return death.hasDied();
}

describe('a death of the process', () => {
  for (const idempotency of ['key', 'natural', 'check', 'none'] as const) {
    it(`at any line does not repeat an effect that is ${idempotency}`, async function () {
      this.timeout(120_000);
      const covered = new Set<string>();
      for (const point of RUN_FAULT_POINTS) {
        for (let count = 1; count <= 4; count += 1) {
          if (!(await crashOnce(THREE_STEPS, idempotency, point, count))) break;
          covered.add(point);
        }
      }
      assert.ok(
        covered.has('step.after-call') &&
          covered.has('step.before-journal') &&
          covered.has('run.before-finish') &&
          covered.has('run.after-finish'),
      );
      if (idempotency === 'check' || idempotency === 'none')
        assert.ok(covered.has('step.before-intent') && covered.has('step.after-intent'));
    });

    it(`in parallel branches does not repeat an effect that is ${idempotency}`, async function () {
      this.timeout(120_000);
      for (const point of [
        'step.before-call',
        'step.after-call',
        'step.after-intent',
        'step.before-journal',
        'step.after-journal',
      ] as const) {
        for (let count = 1; count <= 5; count += 1) if (!(await crashOnce(PARALLEL, idempotency, point, count))) break;
      }
    });
  }

  it('while a run is put away does not lose it', async function () {
    this.timeout(60_000);
    for (const point of [
      'run.before-load',
      'run.before-suspend',
      'run.after-suspend',
      'step.before-journal',
      'step.after-journal',
    ] as const) {
      for (let count = 1; count <= 4; count += 1) {
        const world = await createRunWorld();
        let calls = 0;
        const fakes: Readonly<Record<string, FakeAction>> = {
          'crm.a': {
            run: (_request, effect) => {
              calls += 1;
              if (calls === 1) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 60_000 });
              effect();
              return { done: true };
            },
          },
        };
        const death = dieAt(point, count);
        const first = await world.boot(fakes, { faultPoint: death.faultPoint });
        await first.pipelines
          .service(TENANT)
          .deploy('pipeline: w\ntrigger: { event: Signup Completed }\nsteps: [{ action: crm.a }, { wait: 10m }, { action: crm.a }]');
        const [runId = ''] = await world.trigger(first);
        await world.engine.time.until(async () => death.hasDied() || (await world.run(first, runId)).endedAt !== undefined, 5_000);
        const second = await world.boot(fakes);
        const run = await world.settle(second, runId, 3_600_000);
        assert.equal(run.state, 'succeeded', `${point} ${String(count)}`);
        assert.equal(world.world.effects.length, 2);
        // A death before the first attempt is on disk makes that one forgotten, never the wait.
        assert.ok((run.endedAt ?? 0) - run.startedAt >= 600_000);
        if (!death.hasDied()) break;
      }
    }
  });

  it('that comes twice still asks before it repeats', async () => {
    for (const point of ['step.before-check', 'step.after-check', 'step.before-journal'] as const) {
      const world = await createRunWorld();
      const fakes: Readonly<Record<string, FakeAction>> = { 'crm.a': { idempotency: 'check' } };
      const first = await world.boot(fakes, { faultPoint: dieAt('step.after-call', 1).faultPoint });
      await first.pipelines.service(TENANT).deploy('pipeline: c\ntrigger: { event: Signup Completed }\nsteps: [{ action: crm.a }]');
      const [runId = ''] = await world.trigger(first);
      await world.engine.time.until(() => world.world.effects.length === 1);
      const death = dieAt(point, 1);
      await world.boot(fakes, { faultPoint: death.faultPoint });
      await world.engine.time.until(() => death.hasDied(), 1_000);
      const third = await world.boot(fakes);
      assert.equal((await world.settle(third, runId)).state, 'succeeded');
      assert.equal(world.world.effects.length, 1);
    }
  });

  it('before the start is committed leaves nothing, and the event starts the run when it comes again', async () => {
    const world = await createRunWorld();
    const first = await world.boot({ 'crm.a': {} }, { faultPoint: dieAt('trigger.before-changes', 1).faultPoint });
    await first.pipelines.service(TENANT).deploy(THREE_STEPS);
    const event = signup(world.engine);
    await assert.rejects(world.trigger(first, event), Crash);
    const second = await world.boot({ 'crm.a': {} });
    const [runId = ''] = await world.trigger(second, event);
    assert.equal((await world.settle(second, runId)).state, 'succeeded');
    assert.deepEqual(await world.trigger(second, event), []);
  });

  it('of the store for a while costs no result', async () => {
    const world = await createRunWorld();
    const process = await world.boot({ 'crm.a': { idempotency: 'none' } });
    await process.pipelines.service(TENANT).deploy(THREE_STEPS);
    let failures = 0;
    const [runId = ''] = await world.trigger(process);
    world.failCommits = () => (failures += 1) % 3 !== 0;
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'succeeded');
    assert.ok(failures > 5);
    assert.equal(world.world.effects.length, 3);
  });
});
