import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { HubEventInput } from '../../events/index.ts';
import type { RunState } from '../../hub.ts';
import type { JobHandler, Lease } from '../../jobs/contract.ts';
import type { Change, NewEvent, TenantState } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import { compileCall } from '../compile.ts';
import type { CompiledPipeline } from '../compiled.ts';
import { JOURNAL, RUNS } from '../tables.ts';
import type { FaultPoint } from './fault-points.ts';
import { Journal } from './journal.ts';
import { keepError } from './kept-error.ts';
import { Abandoned, Superseded } from './outcome.ts';
import type { Outcome, Waiting } from './outcome.ts';
import { withoutUndefined } from './records.ts';
import type { RunRecord, StepRecord } from './records.ts';
import { idsOf, RunScope, RunScopes } from './run-scope.ts';
import { RunSession } from './run-session.ts';

/** What executing runs needs. */
export interface RunExecutorOptions {
  readonly tenants: TenantOpener;
  readonly actions: ActionPath;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly hubEvent: (input: HubEventInput) => NewEvent;
  readonly fault: FaultPoint;
  /** The compiled version of a pipeline. */
  readonly load: (tenantId: string, pipeline: string, version: number) => Promise<CompiledPipeline>;
  /** Wakes what waits for one of these when it was connected again since; `since` in epoch milliseconds. */
  readonly wakeIfReconnected: (tenantId: string, blockedOn: readonly string[], since: number) => Promise<void>;
  /** What else is committed together with the end of a run. */
  readonly endings: readonly ((run: RunRecord) => readonly Change[])[];
  /** Hears of each committed change of a run's state. */
  readonly changed: (tenantId: string, run: RunRecord) => void;
}

/** A run as it was read, or as it was just written. */
export interface LoadedRun {
  readonly record: RunRecord;
  /** Version of the row. */
  readonly version: number;
  readonly steps: readonly StepRecord[];
}

/** Kind of the jobs that runs are. */
export const RUN_JOB = 'run';
/** The due time of a run that nothing but somebody else wakes, in epoch milliseconds: the last moment of a Date. */
const NEVER_MS = 8_640_000_000_000_000;
const MAX_SUPERSEDED = 20;
const MAX_FAILURES = 20;

/** Executes runs that a worker has claimed. */
export class RunExecutor {
  readonly #options: RunExecutorOptions;
  readonly #fresh = new Map<string, LoadedRun>();

  constructor(options: RunExecutorOptions) {
    this.#options = options;
  }

  /** A run that this process has just started need not be read again. */
  expect(tenantId: string, run: LoadedRun): void {
    this.#fresh.set(`${tenantId}/${run.record.id}`, run);
  }

  /** Does the job of one run. Leaves quietly when the lease is lost. */
  readonly handle: JobHandler = async (lease) => {
    const tenant = await this.#options.tenants.open(lease.claim.tenantId);
    this.#options.fault('run.before-load');
    const run = await this.#loadRun(tenant, lease);
    if (run === undefined || run.record.endedAt !== undefined) {
      await tenant.state.commit([{ op: 'finish', jobId: lease.claim.id, fence: lease.claim.fence }]);
      return;
    }
    try {
      await this.#execute(tenant, lease, run);
    } catch (error) {
      if (error instanceof Abandoned) throw new TendrilError('LEASE_LOST', { runId: run.record.id }, { cause: error });
      if (lease.claim.attempts + 1 < MAX_FAILURES || isSurroundings(error)) throw error;
      // A fault of ours that repeats: the run ends visibly instead of being tried for ever.
      await this.#failForGood(tenant, lease, run, error);
    }
  };

  async #loadRun(tenant: OpenTenant, lease: Lease): Promise<LoadedRun | undefined> {
    const runId = lease.claim.payload['runId'] as string;
    const key = `${lease.claim.tenantId}/${runId}`;
    const fresh = this.#fresh.get(key);
    this.#fresh.delete(key);
    if (fresh !== undefined && lease.claim.fence === 1) return fresh;
    return readRun(tenant.state, runId);
  }

  async #execute(tenant: OpenTenant, lease: Lease, loaded: LoadedRun): Promise<void> {
    const { record } = loaded;
    const tenantId = lease.claim.tenantId;
    const beganAt = this.#options.clock.now();
    const compiled =
      record.call === undefined
        ? await this.#options.load(tenantId, record.pipeline, record.version)
        : compileCall(record.call.action, record.call.connection, record.call.input);
    const scopes = new RunScopes(RunScope.ofRun(record, [...idsOf(compiled.steps), ...idsOf(compiled.onError)]));
    const { actions, timers, random, clock, fault } = this.#options;
    const journal = new Journal({
      state: tenant.state,
      lease,
      timers,
      fault,
      records: loaded.steps,
      listen: scopes.see,
    });
    for (const step of loaded.steps) scopes.see(step.path, step);
    for (let superseded = 0; ;) {
      const session = new RunSession({
        tenantId,
        tenant,
        run: record,
        compiled,
        lease,
        journal,
        scopes,
        actions,
        timers,
        random,
        now: () => clock.now(),
        fault,
      });
      try {
        const outcome = await session.walk();
        const closed = await this.#close(tenant, lease, loaded, journal, outcome);
        // Who connected again before the run was put away has not found it among those that wait.
        if (closed.blockedOn !== undefined) await this.#options.wakeIfReconnected(tenantId, closed.blockedOn, beganAt);
        return;
      } catch (error) {
        superseded += 1;
        if (!(error instanceof Superseded) || superseded > MAX_SUPERSEDED)
          throw error instanceof Superseded ? new TendrilError('CONFLICT', { runId: record.id }) : error;
        journal.reopen();
      }
    }
  }

  async #close(tenant: OpenTenant, lease: Lease, loaded: LoadedRun, journal: Journal, outcome: Outcome): Promise<RunRecord> {
    const record = this.#after(loaded.record, outcome);
    const isEnded = record.endedAt !== undefined;
    if (record.endedAt !== undefined) journal.endOpen(record.state === 'failed' ? 'skipped' : 'succeeded', record.endedAt);
    const { claim } = lease;
    const dueAt = outcome.kind === 'waiting' ? outcome.waiting.dueAt : Infinity;
    // The job lives as long as the run: what it holds of the run's gates it holds until the end.
    const guard: Change = isEnded
      ? { op: 'finish', jobId: claim.id, fence: claim.fence }
      : { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt: Math.min(dueAt, NEVER_MS), attempts: 0 };
    const event = isEnded ? this.#endEvent(record) : undefined;
    let version = loaded.version;
    this.#options.fault(isEnded ? 'run.before-finish' : 'run.before-suspend');
    await journal.flush({
      guard,
      changes: () => [
        { op: 'put', table: RUNS, value: record as unknown as JsonObject, expect: version },
        ...(event === undefined ? [] : [{ op: 'emit' as const, event }]),
        ...(isEnded ? this.#options.endings.flatMap((ending) => ending(record)) : []),
      ],
      refresh: async () => {
        const [row] = await tenant.state.get(RUNS, [record.id]);
        version = row?.version ?? 0;
      },
    });
    this.#options.fault(isEnded ? 'run.after-finish' : 'run.after-suspend');
    this.#options.changed(claim.tenantId, record);
    return record;
  }

  #after(run: RunRecord, outcome: Outcome): RunRecord {
    const { blockedOn: _blockedOn, ...rest } = run;
    if (outcome.kind === 'waiting') {
      const { blockedOn } = outcome.waiting;
      return { ...rest, state: stateOf(outcome.waiting), ...(blockedOn.length > 0 ? { blockedOn } : {}) };
    }
    const endedAt = this.#options.clock.now();
    switch (outcome.kind) {
      case 'failed':
        return { ...rest, state: 'failed', endedAt, error: outcome.error };
      case 'stopped':
        return { ...rest, state: 'stopped', endedAt, ...(outcome.reason === undefined ? {} : { reason: outcome.reason }) };
      default:
        return { ...rest, state: 'succeeded', endedAt };
    }
  }

  #endEvent(run: RunRecord): NewEvent | undefined {
    const { userId, anonymousId } = run.event ?? {};
    const identities = userId === undefined && anonymousId === undefined ? {} : { identities: withoutUndefined({ userId, anonymousId }) };
    try {
      return this.#options.hubEvent({
        name: 'tendril.run.ended',
        cause: run.id,
        occurredAt: run.endedAt ?? run.startedAt,
        isTest: run.isTest,
        properties: withoutUndefined({
          runId: run.id,
          pipeline: run.pipeline,
          version: run.version,
          state: run.state,
          durationMs: (run.endedAt ?? run.startedAt) - run.startedAt,
          personId: run.personId,
          errorCode: run.error?.code,
          reason: run.reason,
        }),
        causedBy: { runId: run.id, ...(run.eventId === undefined ? {} : { eventId: run.eventId }) },
        ...identities,
        ...(run.hops === undefined ? {} : { causeHops: run.hops }),
        ...(run.requestId === undefined ? {} : { requestId: run.requestId }),
      });
    } catch (error) {
      this.#options.log.warn(
        { runId: run.id, pipeline: run.pipeline, err: error },
        'the end of a run is not reported: its chain of causes is too long',
      );
      return undefined;
    }
  }

  async #failForGood(tenant: OpenTenant, lease: Lease, loaded: LoadedRun, error: unknown): Promise<void> {
    this.#options.log.error(
      { runId: loaded.record.id, pipeline: loaded.record.pipeline, err: error },
      'run failed for good by a fault inside the hub',
    );
    const { clock, timers, fault } = this.#options;
    const current = (await readRun(tenant.state, loaded.record.id)) ?? loaded;
    const journal = new Journal({ state: tenant.state, lease, timers, fault, records: current.steps, listen: () => undefined });
    const failed: Outcome = { kind: 'failed', error: { ...keepError(error), details: { at: clock.now() } } };
    await this.#close(tenant, lease, current, journal, failed);
  }
}

/** What a person has to do is told first. */
function stateOf({ needsReview, needsApproval, blockedOn }: Waiting): RunState {
  if (needsReview) return 'needs_review';
  if (blockedOn.length > 0) return 'blocked';
  return needsApproval ? 'needs_approval' : 'sleeping';
}

/** Nothing is wrong with the run: it is tried again however long that lasts. */
function isSurroundings(error: unknown): boolean {
  return TendrilError.is(error) && ['STORE_UNAVAILABLE', 'STORE_FULL', 'HUB_STOPPING', 'LEASE_LOST'].includes(error.code);
}

/** Reads a run with its steps. */
export async function readRun(state: TenantState, runId: string): Promise<LoadedRun | undefined> {
  const [[row], steps] = await Promise.all([state.get(RUNS, [runId]), readSteps(state, runId)]);
  return row === undefined ? undefined : { record: row.value as unknown as RunRecord, version: row.version, steps };
}

async function readSteps(state: TenantState, runId: string): Promise<readonly StepRecord[]> {
  const steps: StepRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await state.query(JOURNAL, {
      from: `${runId}/`,
      to: `${runId}0`,
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    steps.push(...page.items.map((row) => row.value as unknown as StepRecord));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return steps;
}
