import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { JobWorker } from '../../jobs/contract.ts';
import type { Change, NewJob } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import { RUNS } from '../tables.ts';
import type { FaultPoint } from './fault-points.ts';
import { jobIdOf } from './records.ts';
import type { RunRecord } from './records.ts';
import { RUN_JOB } from './run-executor.ts';
import type { RunExecutor } from './run-executor.ts';

const RUN_PRIORITY = 5;

/** What starts a run, for a changeset of somebody else; any worker takes it up. Fails when the run exists. */
export function startChanges(run: RunRecord, dueAt: number): readonly Change[] {
  return [
    { op: 'put', table: RUNS, value: run as unknown as JsonObject, expect: 0 },
    { op: 'job', job: jobOf(run, dueAt), ifAbsent: true },
  ];
}

function jobOf(run: RunRecord, dueAt: number): NewJob {
  return {
    id: jobIdOf(run.id),
    kind: RUN_JOB,
    priority: run.priority ?? RUN_PRIORITY,
    dueAt,
    ...(run.gates === undefined || run.gates.length === 0 ? {} : { gates: run.gates }),
    ...(run.position === undefined ? {} : { order: run.position }),
  };
}

/** Starts runs in a commit of their own. */
export interface RunStarter {
  /**
   * One commit; when the worker has room the run begins here at once.
   *
   * @param extra committed with it
   * @returns false when one of the changes did not hold, so that nothing was started
   */
  start(tenant: OpenTenant, run: RunRecord, extra?: readonly Change[]): Promise<boolean>;
}

/** @returns a starter that hands its runs to the worker of this process */
export function createRunStarter(options: {
  readonly worker: JobWorker;
  readonly executor: RunExecutor;
  readonly clock: Clock;
  readonly fault: FaultPoint;
  readonly changed: (tenantId: string, run: RunRecord) => void;
}): RunStarter {
  const { worker, executor, clock, fault, changed } = options;
  return {
    start: async (tenant, run, extra = []) => {
      const tenantId = tenant.tenant.id;
      const dueAt = clock.now();
      // One that has to pass gates is claimed by the store, which knows them.
      const isHere = worker.hasRoom(RUN_JOB) && (run.gates ?? []).length === 0;
      if (isHere) {
        // One that only computes has ended before anybody is told that it has begun: one commit instead of two.
        fault('run.before-start');
        const ended = await executor.executeAtOnce(tenant, run, extra);
        if (ended !== 'not_at_once') {
          fault('run.after-start');
          return ended === 'ended';
        }
      }
      const claimedBy = isHere ? { claimedBy: { workerId: worker.workerId, leaseMs: worker.leaseMs } } : {};
      const job = jobOf(run, dueAt);
      if (!isHere) fault('run.before-start');
      const result = await tenant.state.commit([
        ...extra,
        { op: 'put', table: RUNS, value: run as unknown as JsonObject, expect: 0 },
        { op: 'job', job: { ...job, ...claimedBy } },
      ]);
      if (!result.ok) return false;
      fault('run.after-start');
      changed(tenantId, run);
      if (isHere) {
        executor.expect(tenantId, { record: run, version: 1, steps: [] });
        worker.adopt({
          tenantId,
          id: job.id,
          kind: RUN_JOB,
          priority: job.priority,
          attempts: 0,
          payload: {},
          fence: 1,
          leaseUntil: dueAt + worker.leaseMs,
        });
      }
      return true;
    },
  };
}

/** The change that takes a run up again that was put away without a due time. */
export function resumeChange(runId: string, dueAt: number): Change {
  return { op: 'job', job: { id: jobIdOf(runId), kind: RUN_JOB, priority: RUN_PRIORITY, dueAt } };
}

/** @throws TendrilError CONFLICT when somebody was quicker */
export function assertCommitted(result: { readonly ok: boolean }, details: Readonly<Record<string, unknown>>): void {
  if (!result.ok) throw new TendrilError('CONFLICT', details);
}
