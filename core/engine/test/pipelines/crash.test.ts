import assert from 'node:assert/strict';
import type { ActionDescription } from '../../src/actions/contract.ts';
import { RUN_FAULT_POINTS } from '../../src/pipelines/index.ts';
import type { FaultPoint, RunFaultPoint } from '../../src/pipelines/index.ts';
import { idempotencyKeyOf } from '../../src/pipelines/runs/records.ts';
import type { FakeAction } from './fake-actions.ts';
import { Crash, createRunWorld, TENANT } from './run-world.ts';

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

async function crashOnce(source: string, idempotency: ActionDescription['idempotency'], point: RunFaultPoint, count: number): Promise<boolean> {
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
      assert.ok(covered.has('step.after-call') && covered.has('step.before-journal') && covered.has('run.before-finish') && covered.has('run.after-finish'));
      if (idempotency === 'check' || idempotency === 'none') assert.ok(covered.has('step.before-intent') && covered.has('step.after-intent'));
    });

    it(`in parallel branches does not repeat an effect that is ${idempotency}`, async function () {
      this.timeout(120_000);
      for (const point of ['step.before-call', 'step.after-call', 'step.after-intent', 'step.before-journal', 'step.after-journal'] as const) {
        for (let count = 1; count <= 5; count += 1) if (!(await crashOnce(PARALLEL, idempotency, point, count))) break;
      }
    });
  }
});
