import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import { backoffMs } from '../../backoff.ts';
import type { Random } from '../../environment.ts';
import type { EnvironmentName } from '../../environments.ts';
import { NEVER_MS } from '../../jobs/index.ts';
import type { JobHandler, JobWorker, Lease } from '../../jobs/contract.ts';
import type { LoadedTrigger, SourceHost } from '../../plugins/index.ts';
import type { Change } from '../../ports.ts';
import { queryAll } from '../../tenants/index.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import type { CompiledTrigger } from '../compiled.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import { parseDuration } from '../duration.ts';
import { compileObject, EMPTY_SCOPE } from '../../expressions/index.ts';
import type { Evaluate } from '../../expressions/index.ts';
import type { DeployChanges } from '../pipeline-service.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import { keepError } from '../runs/kept-error.ts';
import { digest } from '../runs/records.ts';
import type { createItemStarts } from './source-items.ts';
import { TRIGGERS } from './tables.ts';
import { readTriggerRow, triggerKey, writeTriggerRow } from './trigger-rows.ts';
import type { SourceRow } from './trigger-rows.ts';

/** What polled sources need. */
export interface SourcesOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly host: SourceHost;
  readonly itemStarts: ReturnType<typeof createItemStarts>;
  readonly clock: Clock;
  readonly random: Random;
  readonly fault: FaultPoint;
}

/** Asking plugins' sources at intervals. */
export interface Sources {
  register(worker: JobWorker): void;
  /** Plans the first poll together with the deployment. */
  readonly deployChanges: DeployChanges;
  /** Asks again what waits for a new login of a connection. */
  wake(tenantId: string, connection: { readonly plugin: string; readonly name: string }): Promise<void>;
}

/** Kind of the jobs that poll. */
export const SOURCE_JOB = 'source';
const PRIORITY = 4;
const CONCURRENCY = 8;
const BACKOFF = { initialMs: 5_000, maxMs: 3_600_000 };
/** How often it is looked whether a source is back that nobody knows just now, in milliseconds. */
const LOOK_AGAIN_MS = 60_000;
const inputs = new WeakMap<CompiledTrigger, Evaluate<JsonObject>>();

/** What a pipeline says to the source that starts it, with its settings in it. */
export function sourceInput({ compiled, settings }: Deployed): JsonObject {
  const { trigger } = compiled;
  const evaluate = inputs.get(trigger) ?? compileObject(trigger.definition.with ?? {});
  inputs.set(trigger, evaluate);
  return evaluate({ ...EMPTY_SCOPE, settings });
}

/** @returns sources that are polled once they are registered with a worker */
export function createSources({ tenants, deployments, host, itemStarts, clock, random, fault }: SourcesOptions): Sources {
  const polled = (trigger: CompiledTrigger | undefined): LoadedTrigger | undefined => {
    const found = trigger?.kind === 'source' ? host.find(trigger.definition.source ?? '') : undefined;
    return found?.trigger.kind === 'poll' ? found : undefined;
  };

  const deployChanges: DeployChanges = async (record, compiled, { tenantId }) => {
    const { state } = await tenants.open(tenantId);
    const key = triggerKey(SOURCE_JOB, record.id, record.environment);
    const { row, version } = await readTriggerRow<SourceRow>(state, key);
    const isOpen = row !== undefined && !row.isGone;
    // Nobody knows the source just now; what is known of it stays, for when its plugin is back.
    if (isOpen && compiled?.trigger.kind === 'source' && host.find(compiled.trigger.definition.source ?? '') === undefined) return [];
    if (compiled === undefined || polled(compiled.trigger) === undefined)
      return row === undefined || row.isGone ? [] : [writeTriggerRow({ ...row, isGone: true }, version)];
    const { source, connection, with: input } = compiled.trigger.definition;
    const signature = JSON.stringify([source, connection, input]);
    const now = clock.now();
    // It goes on where it stood, also after a pause: what came meanwhile is found then.
    const isKnown = isOpen && row.signature === signature;
    const { blockedOn: _blockedOn, error: _error, ...kept } = row ?? {};
    const fresh = {
      key,
      pipeline: record.id,
      environment: record.environment,
      signature,
      isGone: false,
      last: now,
      isPrimed: false,
      failures: 0,
    };
    const next: SourceRow = { ...fresh, ...(isKnown && kept), nextAt: now };
    return [writeTriggerRow(next, version), jobChange(next, now)];
  };

  const handle: JobHandler = async (lease) => {
    const { claim } = lease;
    const tenant = await tenants.open(claim.tenantId);
    const { pipeline, environment } = claim.payload as unknown as { readonly pipeline: string; readonly environment: EnvironmentName };
    const { row, version } = await readTriggerRow<SourceRow>(tenant.state, triggerKey(SOURCE_JOB, pipeline, environment));
    const deployed = await deployments.find(claim.tenantId, pipeline, environment);
    const trigger = polled(deployed?.compiled.trigger);
    if (row === undefined || row.isGone) {
      // A deployment that comes in between changes the row, and plans anew.
      const guard = row === undefined ? [] : [writeTriggerRow(row, version)];
      await commit(tenant, [...guard, { op: 'finish', jobId: claim.id, fence: claim.fence }], claim.id);
      return;
    }
    if (deployed === undefined || trigger === undefined) {
      // In force, but not in this process: its plugin is broken or was taken out, or the version does not compile. It may be back.
      const dueAt = clock.now() + LOOK_AGAIN_MS;
      const later = writeTriggerRow({ ...row, nextAt: dueAt }, version);
      await commit(tenant, [{ op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt, attempts: 0 }, later], claim.id);
      return;
    }
    const everyMs = Math.max(trigger.everyMs, parseDuration(deployed.compiled.trigger.definition.every ?? '') ?? 0);
    const { row: next, changes } = await poll(lease, tenant, deployed, trigger, row, everyMs);
    fault('source.before-changes');
    await commit(
      tenant,
      [
        { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt: next.nextAt ?? NEVER_MS, attempts: 0 },
        writeTriggerRow(next, version),
        ...changes,
      ],
      claim.id,
    );
    fault('source.after-changes');
  };

  /** One page: its cursor and the runs of its items are committed together. */
  async function poll(
    { claim, signal }: Lease,
    tenant: OpenTenant,
    deployed: Deployed,
    trigger: LoadedTrigger,
    row: SourceRow,
    everyMs: number,
  ): Promise<{ readonly row: SourceRow; readonly changes: readonly Change[] }> {
    const tenantId = tenant.tenant.id;
    const now = clock.now();
    const isAsleep = deployed.record.isPaused || !(await host.isEnabled(tenantId, trigger.plugin.id));
    if (isAsleep) return { row: { ...row, nextAt: now + everyMs }, changes: [] };
    const { blockedOn: _blockedOn, error: _error, nextAt: _nextAt, ...rest } = row;
    try {
      const { output, changes } = await host.poll(tenantId, trigger, row.cursor, {
        input: sourceInput(deployed),
        connectionName: deployed.compiled.trigger.definition.connection,
        isTest: deployed.record.environment !== 'production',
        idempotencyKey: `poll-${digest([tenantId, row.key, JSON.stringify(row.cursor ?? null)].join('\0'), 48)}`,
        attempt: claim.attempts + 1,
        signal,
      });
      const { items, cursor = row.cursor, hasMore = false } = output;
      const isWanted = row.isPrimed || deployed.compiled.trigger.definition.existing === true;
      const starts = await itemStarts(tenant, deployed, { trigger, items, startsNothing: !isWanted });
      const next: SourceRow = {
        ...rest,
        ...(cursor !== undefined && { cursor }),
        // What was there is seen when its last page is.
        isPrimed: row.isPrimed || !hasMore,
        failures: 0,
        last: now,
        nextAt: hasMore ? now : now + everyMs,
      };
      return { row: next, changes: [...changes, ...starts.changes] };
    } catch (error) {
      if (!TendrilError.is(error) || signal.aborted || error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_FULL') throw error;
      return { row: afterFailure(rest, deployed, trigger, error, everyMs), changes: [] };
    }
  }

  function afterFailure(row: SourceRow, deployed: Deployed, trigger: LoadedTrigger, error: TendrilError, everyMs: number): SourceRow {
    const now = clock.now();
    const failures = row.failures + 1;
    const failed = { ...row, failures, error: { ...keepError(error), at: now } };
    if (CATALOGUE[error.code].remedy === 'reconnect') {
      const { connection } = deployed.compiled.trigger.definition;
      // Until somebody has logged in again.
      return { ...failed, blockedOn: connection === undefined ? `plugin:${trigger.plugin.id}` : `connection:${connection}` };
    }
    const { retryAfterMs } = error.details;
    const waitMs = Math.max(everyMs, backoffMs(failures, BACKOFF, random), typeof retryAfterMs === 'number' ? retryAfterMs : 0);
    return { ...failed, nextAt: now + waitMs };
  }

  return {
    deployChanges,
    register: (worker) => {
      worker.register(SOURCE_JOB, handle, { concurrency: CONCURRENCY, attempts: Infinity, role: 'scheduler' });
    },
    wake: async (tenantId, { plugin, name }) => {
      const { state } = await tenants.open(tenantId);
      for (const { value, version } of await queryAll(state, TRIGGERS)) {
        const row = value as unknown as SourceRow;
        if (row.blockedOn !== `connection:${name}` && row.blockedOn !== `plugin:${plugin}`) continue;
        const { blockedOn: _blockedOn, ...rest } = row;
        const now = clock.now();
        // When somebody was quicker it is awake already.
        await state.commit([writeTriggerRow({ ...rest, nextAt: now }, version), jobChange(row, now)]);
      }
    },
  };
}

function jobChange({ key, pipeline, environment }: SourceRow, dueAt: number): Change {
  return { op: 'job', job: { id: key, kind: SOURCE_JOB, priority: PRIORITY, dueAt, payload: { pipeline, environment } } };
}

async function commit(tenant: OpenTenant, changes: readonly Change[], jobId: string): Promise<void> {
  const result = await tenant.state.commit(changes);
  if (!result.ok) throw new TendrilError(result.reason === 'fence' ? 'LEASE_LOST' : 'CONFLICT', { jobId });
}
