import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Random, Timers } from '../../environment.ts';
import type { JobHandler, Lease } from '../../jobs/contract.ts';
import type { Change, TenantState } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import { compileCall } from '../compile.ts';
import type { CompiledPipeline } from '../compiled.ts';
import { JOURNAL, RUNS } from '../tables.ts';
import { onlyComputes, oneCommit } from './at-once.ts';
import type { AtOnce } from './at-once.ts';
import { isNeededToGoOn, withLargeValues } from './blobs.ts';
import type { ChildRuns } from './child-runs.ts';
import { RunCloser } from './close-run.ts';
import type { LoadedRun, RunCloserOptions } from './close-run.ts';
import { executeRun } from './end-run.ts';
import type { RunEnd } from './end-run.ts';
import { Journal } from './journal.ts';
import { keepError } from './kept-error.ts';
import { Abandoned, CancelAsked, Superseded } from './outcome.ts';
import { runIdOfJob } from './records.ts';
import type { KeptError, RunRecord, StepRecord } from './records.ts';
import { idsOf, RunScope, RunScopes } from './run-scope.ts';
import { RunSession } from './run-session.ts';

export type { LoadedRun } from './close-run.ts';

/** What executing runs needs. */
export interface RunExecutorOptions extends RunCloserOptions {
  readonly tenants: TenantOpener;
  readonly actions: ActionPath;
  readonly timers: Timers;
  readonly random: Random;
  readonly children: ChildRuns;
  /** The compiled version of a pipeline. */
  readonly load: (tenantId: string, pipeline: string, version: number) => Promise<CompiledPipeline>;
  /** Wakes what waits for one of these when it was connected again since; `since` in epoch milliseconds. */
  readonly wakeIfReconnected: (tenantId: string, blockedOn: readonly string[], since: number) => Promise<void>;
  /** Whether the run's pipeline holds its runs. */
  readonly isHeld: (tenantId: string, run: RunRecord) => boolean | Promise<boolean>;
  /** Wakes a run that was held when its pipeline went on before it was put away. */
  readonly wakeIfFree: (tenantId: string, run: RunRecord) => Promise<void>;
}

/** Kind of the jobs that runs are. */
export const RUN_JOB = 'run';
const MAX_SUPERSEDED = 20;
const MAX_FAILURES = 20;

/** Executes runs that a worker has claimed. */
export class RunExecutor {
  readonly #options: RunExecutorOptions;
  readonly #closer: RunCloser;
  readonly #fresh = new Map<string, LoadedRun>();

  constructor(options: RunExecutorOptions) {
    this.#options = options;
    this.#closer = new RunCloser(options);
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
      await this.#execute(tenant, lease, await this.#begin(tenant, lease, run));
    } catch (error) {
      if (error instanceof Abandoned) throw new TendrilError('LEASE_LOST', { runId: run.record.id }, { cause: error });
      if (lease.claim.attempts + 1 < MAX_FAILURES || isSurroundings(error)) throw error;
      // A fault of ours that repeats: the run ends visibly instead of being tried for ever.
      await this.#failForGood(tenant, lease, run, error);
    }
  };

  /** Executes a run that only computes, and puts its beginning and its end on disk in one commit. @param extra committed with it */
  async executeAtOnce(tenant: OpenTenant, record: RunRecord, extra: readonly Change[]): Promise<AtOnce> {
    if (!onlyComputes(await this.#compiledOf(tenant.tenant.id, record))) return 'not_at_once';
    const only = oneCommit(tenant, record, extra);
    try {
      await this.#execute(only.tenant, only.lease, { record, version: 0, steps: [] });
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error;
    }
    return only.result();
  }

  /** Ends a run whose processes died one after another before they wrote anything: it is not left running for ever. */
  readonly giveUp: JobHandler = async (lease) => {
    const tenant = await this.#options.tenants.open(lease.claim.tenantId);
    const run = await readRun(tenant.state, runIdOfJob(lease.claim.id));
    if (run === undefined || run.record.endedAt !== undefined)
      await tenant.state.commit([{ op: 'finish', jobId: lease.claim.id, fence: lease.claim.fence }]);
    else await this.#failForGood(tenant, lease, run, new TendrilError('JOB_DIED', { runId: run.record.id }));
  };

  async #loadRun(tenant: OpenTenant, lease: Lease): Promise<LoadedRun | undefined> {
    const runId = runIdOfJob(lease.claim.id);
    const key = `${lease.claim.tenantId}/${runId}`;
    const fresh = this.#fresh.get(key);
    this.#fresh.delete(key);
    if (fresh !== undefined && lease.claim.fence === 1) return fresh;
    const run = await readRun(tenant.state, runId);
    return run === undefined ? undefined : { ...run, steps: await withLargeValues(tenant.state, run.steps, isNeededToGoOn) };
  }

  /** Of a run that a later one may replace as long as it has not begun: from here on that is too late, or it has happened. */
  async #begin(tenant: OpenTenant, lease: Lease, loaded: LoadedRun): Promise<LoadedRun> {
    const { openCounter, hasBegun, cancel } = loaded.record;
    if (openCounter === undefined || hasBegun === true || cancel !== undefined) return loaded;
    const { flow } = await this.#compiledOf(lease.claim.tenantId, loaded.record);
    if (flow.serial?.overflow !== 'replace') return loaded;
    const record: RunRecord = { ...loaded.record, hasBegun: true };
    const { id: jobId, fence } = lease.claim;
    const result = await tenant.state.commit([
      { op: 'held', jobId, fence },
      { op: 'put', table: RUNS, value: record as unknown as JsonObject, expect: loaded.version },
    ]);
    if (result.ok) return { ...loaded, record, version: loaded.version + 1 };
    if (result.reason === 'fence') throw new Abandoned('the lease is lost');
    return this.#begin(tenant, lease, await reread(tenant.state, loaded));
  }

  async #execute(tenant: OpenTenant, lease: Lease, loaded: LoadedRun): Promise<void> {
    const compiled = await this.#compiledOf(lease.claim.tenantId, loaded.record);
    const scopes = new RunScopes(RunScope.ofRun(loaded.record, [...idsOf(compiled.steps), ...idsOf(compiled.onError)]));
    const journal = this.#journalOf(tenant, lease, loaded, scopes);
    for (const step of loaded.steps) scopes.see(step.path, step);
    const beganAt = this.#options.clock.now();
    let current = loaded;
    for (let superseded = 0; ; superseded += 1) {
      const session = this.#sessionOf(tenant, lease, current.record, { compiled, journal, scopes });
      const stopListening = lease.onNudge(() => {
        void this.#hear(tenant, session);
      });
      try {
        const end = await executeRun(session, compiled);
        await this.#letGo(tenant, journal, end.outcome.kind !== 'waiting');
        // What was heard after the walk has changed nothing of its end.
        const isCancelled = end.outcome.kind === 'cancelled' || session.isEnding;
        const closed = await this.#closer.close(tenant, lease, current, journal, end, isCancelled);
        await this.#afterClose(lease.claim.tenantId, closed, end.outcome, beganAt);
        return;
      } catch (error) {
        if (!(error instanceof Superseded || error instanceof CancelAsked)) throw error;
        if (superseded >= MAX_SUPERSEDED) throw new TendrilError('CONFLICT', { runId: current.record.id });
        journal.reopen();
        if (error instanceof CancelAsked) current = await reread(tenant.state, current);
      } finally {
        stopListening();
      }
    }
  }

  #compiledOf(tenantId: string, { call, pipeline, version }: RunRecord): CompiledPipeline | Promise<CompiledPipeline> {
    return call === undefined ? this.#options.load(tenantId, pipeline, version) : compileCall(call.action, call.connection, call.input);
  }

  #journalOf(tenant: OpenTenant, lease: Lease, { record, steps }: LoadedRun, scopes?: RunScopes): Journal {
    const { timers, fault } = this.#options;
    const listen = scopes?.see ?? (() => undefined);
    return new Journal({ runId: record.id, state: tenant.state, lease, timers, fault, records: steps, listen });
  }

  #sessionOf(
    tenant: OpenTenant,
    lease: Lease,
    run: RunRecord,
    parts: { readonly compiled: CompiledPipeline; readonly journal: Journal; readonly scopes: RunScopes },
  ): RunSession {
    const { actions, timers, random, clock, fault, children, cancelChanges, isHeld } = this.#options;
    const { tenantId } = lease.claim;
    return new RunSession({
      ...parts,
      tenantId,
      tenant,
      run,
      lease,
      actions,
      timers,
      random,
      now: () => clock.now(),
      fault,
      children,
      cancelChanges,
      isHeld: () => isHeld(tenantId, run),
    });
  }

  /** Something about the run has changed while it is executed: somebody may have asked to cancel it. */
  async #hear(tenant: OpenTenant, session: RunSession): Promise<void> {
    try {
      const [row] = await tenant.state.get(RUNS, [session.run.id]);
      const { cancel } = (row?.value ?? {}) as unknown as Partial<RunRecord>;
      if (cancel !== undefined) session.cancel(cancel);
    } catch (error) {
      // Whoever puts the run away finds it.
      this.#options.log.warn({ runId: session.run.id, err: error }, 'it could not be read what has changed about a run');
    }
  }

  /** Runs that were called, and for whose end nobody waits any more. */
  async #letGo(tenant: OpenTenant, journal: Journal, isEnd: boolean): Promise<void> {
    for (const { kind, childId, state } of [...journal.records()]) {
      const isAbandoned = state === 'failed' || state === 'skipped' || (isEnd && state === 'sleeping');
      if (kind === 'call' && childId !== undefined && isAbandoned) await this.#options.children.cancel(tenant, childId);
    }
  }

  async #afterClose(tenantId: string, closed: RunRecord, outcome: RunEnd['outcome'], beganAt: number): Promise<void> {
    // Who connected again before the run was put away has not found it among those that wait; nor who lets it go on.
    if (closed.blockedOn !== undefined) await this.#options.wakeIfReconnected(tenantId, closed.blockedOn, beganAt);
    if (outcome.kind === 'waiting' && outcome.waiting.isHeld === true) await this.#options.wakeIfFree(tenantId, closed);
  }

  async #failForGood(tenant: OpenTenant, lease: Lease, loaded: LoadedRun, error: unknown): Promise<void> {
    const { record } = loaded;
    this.#options.log.error({ runId: record.id, pipeline: record.pipeline, err: error }, 'run failed for good by a fault inside the hub');
    const current = (await readRun(tenant.state, record.id)) ?? loaded;
    const failed: KeptError = { ...keepError(error), details: { at: this.#options.clock.now() } };
    const journal = this.#journalOf(tenant, lease, current);
    await this.#letGo(tenant, journal, true);
    // What was done stays done: whatever would undo it may be what cannot be executed.
    const isLeft = current.steps.some(({ sequence, state }) => sequence !== undefined && state === 'succeeded');
    const end: RunEnd = { outcome: { kind: 'failed', error: failed }, ...(isLeft ? { compensation: 'failed' } : {}) };
    await this.#closer.close(tenant, lease, current, journal, end, true);
  }
}

/** Nothing is wrong with the run: it is tried again however long that lasts. */
function isSurroundings(error: unknown): boolean {
  return TendrilError.is(error) && ['STORE_UNAVAILABLE', 'STORE_FULL', 'HUB_STOPPING', 'LEASE_LOST'].includes(error.code);
}

async function reread(state: TenantState, { record, steps }: LoadedRun): Promise<LoadedRun> {
  const [row] = await state.get(RUNS, [record.id]);
  return { record: (row?.value as unknown as RunRecord | undefined) ?? record, version: row?.version ?? 0, steps };
}

/** Reads a run with its steps. */
export async function readRun(state: TenantState, runId: string): Promise<LoadedRun | undefined> {
  const [[row], steps] = await Promise.all([state.get(RUNS, [runId]), readSteps(state, runId)]);
  return row === undefined ? undefined : { record: row.value as unknown as RunRecord, version: row.version, steps };
}

/** Reads the steps of a run, without the values that are kept beside them. */
export async function readSteps(state: TenantState, runId: string): Promise<readonly StepRecord[]> {
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
