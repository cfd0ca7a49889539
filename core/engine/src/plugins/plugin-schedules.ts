import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Schedule } from '@tendril/schemas';
import { compileCron } from '../cron.ts';
import type { JobWorker, Lease } from '../jobs/index.ts';
import type { Change } from '../ports.ts';
import type { TenantOpener } from '../tenants/index.ts';
import type { LoadedPlugin } from './contract.ts';
import { durationMs } from './duration.ts';
import type { RunForTenant } from './plugin-consumers.ts';

/** Jobs of this kind run schedules of plugins. */
export const SCHEDULE_JOB = 'plugins.schedule';

const PRIORITY = 6;
/** A schedule that is buried would stay so: it is tried again, ever more slowly, until it works. */
const ATTEMPTS = Infinity;
const TIMEOUT_MS = 300_000;

/** What schedules need of the host. */
export interface ScheduleOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly enabled: (tenantId: string) => Promise<ReadonlySet<string>>;
  /** As it is in the store, before a job is ended for good. */
  readonly enabledNow: (tenantId: string) => Promise<ReadonlySet<string>>;
  readonly runForTenant: RunForTenant;
}

/** Schedules of plugins, one job per tenant and schedule; the next due time commits with the handler's changes. */
export interface PluginSchedules {
  register(worker: JobWorker): void;
  /** Sees to it that a job is there for each schedule of the enabled plugins; safe to repeat. */
  plan(tenantId: string): Promise<void>;
}

/** @returns schedules that run once they are registered with a worker */
export function createPluginSchedules(options: ScheduleOptions): PluginSchedules {
  const { tenants, clock, plugins, enabled, enabledNow, runForTenant } = options;

  async function plan(tenantId: string): Promise<void> {
    const ids = await enabled(tenantId);
    const { state, tenant } = await tenants.open(tenantId);
    const changes = [...plugins().values()]
      .filter(({ id }) => ids.has(id))
      .flatMap(({ id: plugin, manifest }) =>
        Object.entries(manifest.contributes.schedules ?? {}).flatMap(([id, schedule]): readonly Change[] => {
          const dueAt = nextDue(schedule, tenant.timeZone, clock.now());
          if (dueAt === undefined) return [];
          const times = timesOf(schedule);
          // One of other times is another job; the one before ends itself.
          const job = {
            id: `schedule:${plugin}.${id}:${hash('sha256', times, 'hex').slice(0, 8)}`,
            kind: SCHEDULE_JOB,
            priority: PRIORITY,
            dueAt,
          };
          return [{ op: 'job', ifAbsent: true, job: { ...job, payload: { plugin, id, times, dueAt } } }];
        }),
      );
    if (changes.length > 0) await state.commit(changes);
  }

  async function run({ claim, signal }: Lease): Promise<void> {
    const { tenantId, payload } = claim;
    const { state, tenant } = await tenants.open(tenantId);
    const plugin = typeof payload['plugin'] === 'string' ? plugins().get(payload['plugin']) : undefined;
    const id = typeof payload['id'] === 'string' ? payload['id'] : '';
    const schedule = plugin?.manifest.contributes.schedules?.[id];
    const isCurrent = schedule !== undefined && payload['times'] === timesOf(schedule);
    const isEnabled = async (id: string): Promise<boolean> => (await enabled(tenantId)).has(id) || (await enabledNow(tenantId)).has(id);
    if (plugin === undefined || !isCurrent || !(await isEnabled(plugin.id))) {
      await state.commit([{ op: 'finish', jobId: claim.id, fence: claim.fence }]);
      return;
    }
    // A due time is what the job carries; retries of one keep it and so the key.
    const dueAt = typeof payload['dueAt'] === 'number' ? payload['dueAt'] : 0;
    const { changes } = await runForTenant(
      tenantId,
      {
        plugin,
        handler: `schedule ${id}`,
        ceiling: { effect: 'write', idempotency: 'natural' },
        isTest: false,
        idempotencyKey: hash('sha256', `${tenantId}/${plugin.id}.${id}/${dueAt}`, 'hex').slice(0, 48),
        attempt: claim.attempts + 1,
        timeoutMs: TIMEOUT_MS,
        signal,
      },
      async (runner, call) => {
        const handler = runner.schedule(id);
        if (handler === undefined)
          throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`schedule ${id}`] });
        await handler(call);
      },
    );
    // Times that passed meanwhile are not made up for.
    const next = nextDue(schedule, tenant.timeZone, Math.max(clock.now(), dueAt));
    const { id: jobId, fence } = claim;
    const onward: Change =
      next === undefined
        ? { op: 'finish', jobId, fence }
        : { op: 'reschedule', jobId, fence, dueAt: next, attempts: 0, payload: { ...payload, dueAt: next } };
    const result = await state.commit([...changes, onward]);
    if (!result.ok) throw new TendrilError(result.reason === 'fence' ? 'LEASE_LOST' : 'CONFLICT', { job: claim.id });
  }

  return { plan, register: (worker) => worker.register(SCHEDULE_JOB, run, { concurrency: 2, attempts: ATTEMPTS }) };
}

function timesOf({ every, cron }: Schedule): string {
  return every === undefined ? `cron ${cron ?? ''}` : `every ${every}`;
}

/** In epoch milliseconds; a cron expression is read on the tenant's clocks. `undefined` when there is no such time. */
function nextDue({ every, cron }: Schedule, timeZone: string, after: number): number | undefined {
  if (cron !== undefined) return compileCron(cron, timeZone).next(after);
  const everyMs = durationMs(every ?? '');
  return everyMs > 0 ? after + everyMs : undefined;
}
