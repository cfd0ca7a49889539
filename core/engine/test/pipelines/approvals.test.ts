import assert from 'node:assert/strict';
import type { Run, RunService } from '../../src/hub.ts';
import type { FaultPoint, RunFaultPoint } from '../../src/pipelines/index.ts';
import { Crash, TENANT } from './run-world.ts';
import type { Process } from './run-world.ts';
import { createWaitsWorld } from './waits-world.ts';
import type { WaitsWorld } from './waits-world.ts';

const HOUR_MS = 3_600_000;
const PIPELINE = `
pipeline: w
trigger: { event: Signup Completed }
steps:
  - id: offer
    approve: { by: sales, title: "Offer for \${{ event.properties.name }}", message: "\${{ event.properties.total }} EUR", timeout: 1h }
    onTimeout: [{ set: { was: late } }]
    onError: { APPROVAL_REJECTED: [{ set: { was: rejected } }] }
  - if: steps.offer.state == "succeeded"
    then: [{ action: crm.a, with: { by: "\${{ steps.offer.output.by }}", at: "\${{ steps.offer.output.decidedAt }}" } }]
`;

interface Asked {
  readonly world: WaitsWorld;
  readonly process: Process;
  readonly runs: RunService;
  readonly runId: string;
  readonly id: string;
}

async function asked(source = PIPELINE, faultPoint?: FaultPoint): Promise<Asked> {
  const world = await createWaitsWorld();
  const process = await world.boot(faultPoint === undefined ? {} : { faultPoint });
  await process.pipelines.service(TENANT).deploy(source);
  await world.append('Signup Completed', { properties: { name: 'Ada', total: 7 } });
  await world.follow(process);
  const [runId = ''] = await world.runIds();
  if (faultPoint === undefined) await world.rest(process, runId);
  return { world, process, runs: process.pipelines.runs(TENANT), runId, id: `${runId}/0` };
}

async function ended({ world, process, runId }: Asked): Promise<Run> {
  await world.runs.engine.time.until(async () => (await world.runs.run(process, runId)).endedAt !== undefined, 1_000);
  return world.runs.run(process, runId);
}

async function reported({ world }: Asked): Promise<readonly string[]> {
  const items = await world.runs.engine.stores.state.outbox.take(100);
  return items.map(({ event }) => event.name).filter((name) => name.startsWith('tendril.approval.'));
}

describe('an approval', () => {
  it('shows who is asked for what, and goes on when it is given', async () => {
    const one = await asked();
    const { runs, runId, id, world } = one;
    assert.equal((await runs.get(runId))?.state, 'needs_approval');
    const askedAt = Date.UTC(2026, 0, 1);
    const shown = {
      id,
      runId,
      path: '0',
      pipeline: 'w',
      by: 'sales',
      title: 'Offer for Ada',
      message: '7 EUR',
      personId: 'p1',
      isTest: false,
    };
    assert.deepEqual((await runs.approvals()).items, [{ ...shown, askedAt, until: askedAt + HOUR_MS }]);
    assert.deepEqual(await reported(one), ['tendril.approval.requested']);
    await runs.decide(id, { isApproved: true, by: 'eve', comment: 'fine' });
    assert.deepEqual((await runs.approvals()).items, []);
    const run = await ended(one);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(run.steps[0]?.output, { by: 'eve', comment: 'fine', decidedAt: '2026-01-01T00:00:00.000Z' });
    assert.deepEqual(world.runs.world.requests.at(-1)?.input, { by: 'eve', at: '2026-01-01T00:00:00.000Z' });
    assert.deepEqual(await reported(one), ['tendril.approval.requested', 'tendril.approval.decided']);
    assert.equal(await world.leftovers(), 0);
  });

  it('that is refused fails the step', async () => {
    const handled = await asked();
    await handled.runs.decide(handled.id, { isApproved: false, by: 'eve' });
    assert.equal((await ended(handled)).state, 'succeeded');
    const open = await asked('pipeline: w\ntrigger: { event: Signup Completed }\nsteps: [{ approve: {} }, { action: crm.a }]');
    await open.runs.decide(open.id, { isApproved: false, by: 'eve', comment: 'no' });
    const run = await ended(open);
    assert.equal(run.error?.['code'], 'APPROVAL_REJECTED');
    assert.deepEqual(run.error['details'], { by: 'eve', comment: 'no', decidedAt: '2026-01-01T00:00:00.000Z' });
    assert.equal(open.world.runs.world.effects.length + handled.world.runs.world.effects.length, 0);
  });

  it('is decided once, by whoever is first', async () => {
    const one = await asked();
    const decide = (isApproved: boolean, by: string): Promise<void> => one.runs.decide(one.id, { isApproved, by });
    const [first, second] = await Promise.allSettled([decide(true, 'eve'), decide(false, 'bob')]);
    assert.deepEqual([first.status, second.status].toSorted(), ['fulfilled', 'rejected']);
    await assert.rejects(decide(first.status !== 'fulfilled', 'zoe'), { code: 'CONFLICT' });
    await decide(first.status === 'fulfilled', 'zoe');
    await ended(one);
    await assert.rejects(decide(first.status !== 'fulfilled', 'zoe'), { code: 'CONFLICT' });
    await decide(first.status === 'fulfilled', 'zoe');
    await assert.rejects(one.runs.decide('nothing/0', { isApproved: true, by: 'eve' }), { code: 'NOT_FOUND' });
  });

  it('comes too late when its time is over', async () => {
    const one = await asked();
    one.world.runs.engine.time.freeze(HOUR_MS);
    await assert.rejects(one.runs.decide(one.id, { isApproved: true, by: 'eve' }), { code: 'NOT_FOUND' });
    const run = await ended(one);
    assert.equal(run.steps[0]?.error?.['code'], 'STEP_TIMEOUT');
    await assert.rejects(one.runs.decide(one.id, { isApproved: true, by: 'eve' }), { code: 'NOT_FOUND' });
    assert.equal(one.world.runs.world.effects.length, 0);
    assert.equal(await one.world.leftovers(), 0);
  });

  it('counts when it was given in time, however late the run goes on', async () => {
    const one = await asked();
    one.world.runs.engine.time.freeze(HOUR_MS - 1);
    await one.runs.decide(one.id, { isApproved: true, by: 'eve' });
    one.world.runs.engine.time.freeze(HOUR_MS);
    await ended(one);
    assert.equal(one.world.runs.world.effects.length, 1);
  });

  it('are listed page by page, those first that wait longest', async () => {
    const one = await asked();
    await one.world.runs.engine.time.advance(1_000);
    for (let count = 0; count < 3; count += 1) await one.world.append('Signup Completed', { properties: { name: 'Bob', total: count } });
    await one.world.follow(one.process);
    await one.world.runs.engine.time.until(async () => (await one.runs.approvals()).items.length === 4);
    const first = await one.runs.approvals({ limit: 3 });
    assert.equal(first.items[0]?.id, one.id);
    const rest = await one.runs.approvals({ limit: 3, cursor: first.nextCursor ?? '' });
    assert.equal(new Set([...first.items, ...rest.items].map(({ id }) => id)).size, 4);
  });

  it('is taken away when something else ends the run', async () => {
    const one = await asked(
      'pipeline: w\ntrigger: { event: Signup Completed }\nsteps: [{ parallel: { a: [{ approve: {} }], b: [{ wait: 10m }, { stop: {} }] } }]',
    );
    const [approval] = (await one.runs.approvals()).items;
    const id = approval?.id ?? '';
    assert.equal((await ended(one)).state, 'stopped');
    assert.deepEqual((await one.runs.approvals()).items, []);
    await assert.rejects(one.runs.decide(id, { isApproved: true, by: 'eve' }), { code: 'NOT_FOUND' });
  });

  it('survives a death of the process at any line', async function () {
    this.timeout(120_000);
    for (const point of [
      'approval.before-ask',
      'approval.before-end',
      'step.before-journal',
      'step.after-journal',
      'run.after-suspend',
    ] as const) {
      for (const count of [1, 2]) await dieAndDecide(point, count);
    }
  });
});

async function dieAndDecide(point: RunFaultPoint, count: number): Promise<void> {
  let seen = 0;
  const one = await asked(PIPELINE, (name) => {
    if (name !== point) return;
    seen += 1;
    if (seen === count) throw new Crash(name);
  });
  const { world, runId, id } = one;
  const { time } = world.runs.engine;
  await time.advance(1_000);
  const isOpen = async (): Promise<boolean> => (await one.runs.approvals()).items.length === 1;
  if (seen < count && (await isOpen())) await one.runs.decide(id, { isApproved: true, by: 'eve' });
  await time.advance(1_000);
  const second = await world.boot();
  const alive = { ...one, process: second, runs: second.pipelines.runs(TENANT) };
  await time.until(async () => (await isOpen()) || (await world.runs.run(second, runId)).endedAt !== undefined, 1_000);
  // Whoever does not know whether the decision was kept decides again.
  await alive.runs.decide(id, { isApproved: true, by: 'eve' });
  const run = await ended(alive);
  assert.equal(run.state, 'succeeded', `${point} ${String(count)} ${runId}`);
  assert.equal(world.runs.world.effectsByKey().size, 1);
  assert.equal(await world.leftovers(), 0);
}
