import assert from 'node:assert/strict';
import type { JobQueue, NewJob } from '../../src/ports.ts';
import { createJobWorker } from '../../src/jobs/index.ts';
import type { JobHandler, JobWorker, JobWorkerOptions } from '../../src/jobs/index.ts';
import { createTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { FakeTime } from '../support/world.ts';

/** An engine with one tenant. */
export async function acme(): Promise<TestEngine> {
  const engine = await createTestEngine();
  await engine.tenants.admin.create({ id: 'acme', name: 'acme' });
  return engine;
}

/** A worker as a process of its own would have it: it hears nothing of what others commit. */
export function processOf(
  engine: TestEngine,
  workerId: string,
  more: Partial<JobWorkerOptions> & { readonly time?: FakeTime } = {},
): JobWorker {
  const { time = engine.time, ...rest } = more;
  const { jobs } = engine.stores.state;
  const queue: JobQueue = { ...jobs, onDue: () => () => undefined };
  return createJobWorker({
    queue,
    tenants: engine.tenants,
    clock: time,
    timers: time,
    random: engine.random,
    log: engine.log,
    workerId,
    leaseMs: 30_000,
    ...rest,
  });
}

/** A process of a test that can be killed: its clock stops, so that nothing of it goes on. */
export function mortal(engine: TestEngine): FakeTime {
  const time = new FakeTime();
  time.freeze(engine.time.now() - time.now());
  return time;
}

/** Commits a job of kind `work`. */
export async function putJob(engine: TestEngine, id: string, rest: Partial<NewJob> = {}): Promise<void> {
  const { state } = await engine.tenants.open('acme');
  await state.commit([{ op: 'job', job: { id, kind: 'work', priority: 5, dueAt: engine.time.now(), ...rest } }]);
}

/** Ends its jobs, and notes them. */
export function finisher(engine: TestEngine, done: string[]): JobHandler {
  return async ({ claim }) => {
    done.push(claim.id);
    const { state } = await engine.tenants.open(claim.tenantId);
    assert.deepEqual(await state.commit([{ op: 'finish', jobId: claim.id, fence: claim.fence }]), { ok: true });
  };
}
