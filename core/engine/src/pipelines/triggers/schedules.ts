import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import { NEVER_MS } from '../../jobs/index.ts';
import type { JobHandler, JobWorker } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import type { TriggerDefinition } from '../definition.ts';
import type { DeployChanges } from '../pipeline-service.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import { newRunId } from '../runs/records.ts';
import type { RunStart } from '../starts/new-run.ts';
import { RUNS } from '../tables.ts';
import { compileCron } from '../../cron.ts';
import type { CronTimes } from '../../cron.ts';
import { dueTimes } from './due-times.ts';
import type { CatchUp } from './due-times.ts';
import { startsOf } from './prepare-starts.ts';
import type { PrepareStarts } from './prepare-starts.ts';
import { readTriggerRow, triggerKey, writeTriggerRow } from './trigger-rows.ts';
import type { TriggerRow } from './trigger-rows.ts';

/** What schedules need. */
export interface SchedulesOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly prepare: PrepareStarts;
  readonly clock: Clock;
  readonly fault: FaultPoint;
}

/** Starting runs at times. */
export interface Schedules {
  register(worker: JobWorker): void;
  /** Plans the next time together with the deployment. */
  readonly deployChanges: DeployChanges;
}

/** Kind of the jobs that wait for the next time. */
export const SCHEDULE_JOB = 'schedule';
/** Ahead of the runs that are due at the same time, so that no schedule waits for a backlog. */
const PRIORITY = 3;
const CONCURRENCY = 8;
const DAY_MS = 86_400_000;
/** How often it is looked whether a version compiles that did not, in milliseconds. */
const LOOK_AGAIN_MS = 60_000;

interface Plan {
  readonly times: CronTimes;
  readonly catchUp: CatchUp;
  /** A change of it begins anew; a change of `catchUp` does not. */
  readonly signature: string;
}

/** @returns schedules that run once they are registered with a worker */
export function createSchedules({ tenants, deployments, prepare, clock, fault }: SchedulesOptions): Schedules {
  const deployChanges: DeployChanges = async (record, compiled, { tenantId, before }) => {
    const tenant = await tenants.open(tenantId);
    const key = triggerKey(SCHEDULE_JOB, record.id, record.environment);
    const current = await readTriggerRow(tenant.state, key);
    const plan = compiled && planOf(compiled.trigger.definition, tenant);
    if (plan === undefined)
      return current.row === undefined || current.row.isGone ? [] : [writeTriggerRow({ ...current.row, isGone: true }, current.version)];
    const now = clock.now();
    // What passed while it was paused is not caught up; what passed while no process ran is.
    const isResumed = before?.isPaused === true && !record.isPaused;
    if (current.row !== undefined && !current.row.isGone && current.row.signature === plan.signature && !isResumed) return [];
    const nextAt = plan.times.next(now);
    const row: TriggerRow = {
      key,
      pipeline: record.id,
      environment: record.environment,
      signature: plan.signature,
      isGone: false,
      last: now,
      ...(nextAt === undefined ? {} : { nextAt }),
    };
    return [writeTriggerRow(row, current.version), jobChange(row)];
  };

  /** Starts what is due, and plans the next time, in one commit: either both are on disk or neither. */
  const handle: JobHandler = async ({ claim }) => {
    const tenant = await tenants.open(claim.tenantId);
    const { pipeline, environment } = claim.payload as unknown as { readonly pipeline: string; readonly environment: EnvironmentName };
    const key = triggerKey(SCHEDULE_JOB, pipeline, environment);
    const [{ row, version }, deployed] = await Promise.all([
      readTriggerRow(tenant.state, key),
      deployments.find(claim.tenantId, pipeline, environment),
    ]);
    fault('schedule.before-changes');
    const plan = deployed && planOf(deployed.compiled.trigger.definition, tenant);
    if (row === undefined || row.isGone) {
      // A deployment that comes in between changes the row, and plans anew.
      const guard = row === undefined ? [] : [writeTriggerRow(row, version)];
      await commit(tenant, [...guard, { op: 'finish', jobId: claim.id, fence: claim.fence }], claim.id);
      return;
    }
    const now = clock.now();
    if (plan === undefined || deployed === undefined) {
      // In force, but this process cannot compile it. One that can catches up.
      const dueAt = now + LOOK_AGAIN_MS;
      const change: Change = { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt, attempts: 0 };
      await commit(tenant, [change, writeTriggerRow(row, version)], claim.id);
      return;
    }
    const last = lastHandled(row.last, now);
    const due = deployed.record.isPaused ? [] : dueTimes(plan.times, last, now, plan.catchUp);
    const starts = await prepareDue(tenant, deployed, due);
    const handledUntil = Math.max(last, now);
    const nextAt = plan.times.next(handledUntil);
    const { nextAt: _before, ...rest } = row;
    const next: TriggerRow = { ...rest, last: handledUntil, ...(nextAt === undefined ? {} : { nextAt }) };
    await commit(
      tenant,
      [
        { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt: nextAt ?? NEVER_MS, attempts: 0 },
        writeTriggerRow(next, version),
        ...starts,
      ],
      claim.id,
    );
    fault('schedule.after-changes');
  };

  async function prepareDue(tenant: OpenTenant, deployed: Deployed, due: readonly number[]): Promise<readonly Change[]> {
    if (due.length === 0) return [];
    const { id, environment } = deployed.record;
    const starts = due.map((at): RunStart => ({
      // The same however often it is tried, by whichever process.
      id: newRunId(at, ['schedule', id, environment, String(at)].join('\0')),
      startedAt: clock.now(),
      isTest: environment !== 'production',
      input: { scheduledAt: new Date(at).toISOString() },
    }));
    const existing = await tenant.state.get(
      RUNS,
      starts.map((start) => start.id),
    );
    const fresh = starts.filter((_, index) => existing[index] === undefined);
    return fresh.length === 0 ? [] : startsOf(await prepare(tenant, deployed, fresh), clock.now());
  }

  return {
    deployChanges,
    register: (worker) => worker.register(SCHEDULE_JOB, handle, { concurrency: CONCURRENCY, attempts: Infinity, role: 'scheduler' }),
  };
}

function planOf({ schedule }: TriggerDefinition, { tenant }: OpenTenant): Plan | undefined {
  if (schedule === undefined) return undefined;
  const { cron, timeZone = tenant.timeZone, catchUp = 'latest' } = typeof schedule === 'string' ? { cron: schedule } : schedule;
  return { times: compileCron(cron, timeZone), catchUp, signature: JSON.stringify([cron, timeZone]) };
}

/** A clock that was set back a little handles nothing twice; one that had been far ahead must not stop the schedule until then. */
function lastHandled(last: number, now: number): number {
  return last - now > DAY_MS ? now : last;
}

function jobChange({ key, pipeline, environment, nextAt = NEVER_MS }: TriggerRow): Change {
  return { op: 'job', job: { id: key, kind: SCHEDULE_JOB, priority: PRIORITY, dueAt: nextAt, payload: { pipeline, environment } } };
}

async function commit(tenant: OpenTenant, changes: readonly Change[], jobId: string): Promise<void> {
  const result = await tenant.state.commit(changes);
  if (!result.ok) throw new TendrilError(result.reason === 'fence' ? 'LEASE_LOST' : 'CONFLICT', { jobId });
}
