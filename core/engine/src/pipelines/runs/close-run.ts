import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import type { HubEventInput } from '../../events/index.ts';
import type { RunState } from '../../hub.ts';
import { NEVER_MS } from '../../jobs/index.ts';
import type { Lease } from '../../jobs/contract.ts';
import type { Change, NewEvent } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import { RUNS } from '../tables.ts';
import { closeOpen } from './close-open.ts';
import type { CancelChanges } from './close-open.ts';
import type { RunEnd } from './end-run.ts';
import type { FaultPoint } from './fault-points.ts';
import type { Journal } from './journal.ts';
import { CancelAsked } from './outcome.ts';
import type { Waiting } from './outcome.ts';
import { jobIdOf, withoutUndefined } from './records.ts';
import type { RunRecord, StepRecord } from './records.ts';

/** A run as it was read, or as it was just written. */
export interface LoadedRun {
  readonly record: RunRecord;
  /** Version of the row. */
  readonly version: number;
  readonly steps: readonly StepRecord[];
}

/** What closing an execution needs. */
export interface RunCloserOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly hubEvent: (input: HubEventInput) => NewEvent;
  readonly fault: FaultPoint;
  /** What else is committed together with the end of a run. */
  readonly endings: readonly ((run: RunRecord) => readonly Change[])[];
  /** What removes that which an open step waits for. */
  readonly cancelChanges: CancelChanges;
  /** Lets a run be found that its pipeline holds. */
  readonly holdChange: (run: RunRecord) => Change;
  /** Undoes that when the run was put away as held before. */
  readonly releaseChange: (run: RunRecord) => Change;
  /** Hears of each committed change of a run's state. */
  readonly changed: (tenantId: string, run: RunRecord) => void;
}

/** How soon a run that was held looks once more whether it still is, in milliseconds. */
const LOOK_AGAIN_MS = 5_000;
const OUTCOME_UNKNOWN = 'It is not known whether a call that was cut off took effect; its step says which.';

/** Puts runs away until they go on, or ends them, with the last results of their steps in the same commit. */
export class RunCloser {
  readonly #options: RunCloserOptions;

  constructor(options: RunCloserOptions) {
    this.#options = options;
  }

  /** @throws CancelAsked when somebody has asked to cancel meanwhile, unless `mayIgnoreCancel`; Abandoned, Superseded as the journal */
  async close(
    tenant: OpenTenant,
    lease: Lease,
    loaded: LoadedRun,
    journal: Journal,
    end: RunEnd,
    mayIgnoreCancel: boolean,
  ): Promise<RunRecord> {
    const at = this.#options.clock.now();
    const { outcome } = end;
    const isEnded = outcome.kind !== 'waiting';
    if (isEnded) this.#closeSteps(journal, outcome.kind === 'done' || outcome.kind === 'stopped' ? 'succeeded' : 'skipped', at);
    const isUnknown = outcome.kind === 'cancelled' && hasReview(journal);
    let { version } = loaded;
    let record = after(loaded.record, end, at, isUnknown);
    const { claim } = lease;
    const isHeld = outcome.kind === 'waiting' && outcome.waiting.isHeld === true;
    // It may have heard too late that its pipeline goes on. Once it can be found it looks again; whoever lets it go on finds it then.
    const looksAgainAt = isHeld && loaded.record.isHeld !== true ? at + LOOK_AGAIN_MS : Infinity;
    const dueAt = outcome.kind === 'waiting' ? Math.min(outcome.waiting.dueAt, looksAgainAt) : Infinity;
    // The job lives as long as the run: what it holds of the run's gates it holds until the end.
    const guard: Change = isEnded
      ? { op: 'finish', jobId: claim.id, fence: claim.fence }
      : { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt: Math.min(dueAt, NEVER_MS), attempts: 0 };
    this.#options.fault(isEnded ? 'run.before-finish' : 'run.before-suspend');
    await journal.flush({
      guard,
      changes: () => [
        { op: 'put', table: RUNS, value: record as unknown as JsonObject, expect: version },
        ...(isEnded ? this.#endChanges(record) : []),
        ...(isHeld ? [this.#options.holdChange(record)] : loaded.record.isHeld === true ? [this.#options.releaseChange(record)] : []),
      ],
      refresh: async () => {
        const [row] = await tenant.state.get(RUNS, [record.id]);
        const now = (row?.value as unknown as RunRecord | undefined) ?? loaded.record;
        version = row?.version ?? 0;
        if (now.cancel !== undefined && !mayIgnoreCancel) throw new CancelAsked();
        record = after(now, end, at, isUnknown);
      },
    });
    this.#options.fault(isEnded ? 'run.after-finish' : 'run.after-suspend');
    this.#options.changed(claim.tenantId, record);
    return record;
  }

  #closeSteps(journal: Journal, blockState: 'succeeded' | 'skipped', endedAt: number): void {
    closeOpen(journal, { prefix: '', blockState, endedAt, cancelChanges: this.#options.cancelChanges });
  }

  #endChanges(run: RunRecord): readonly Change[] {
    const event = this.#endEvent(run);
    // Whoever waits for this one hears of it as if woken by time.
    const parent: readonly Change[] =
      run.parent === undefined ? [] : [{ op: 'wake', jobId: jobIdOf(run.parent.runId), dueAt: run.endedAt ?? run.startedAt }];
    return [
      ...(event === undefined ? [] : [{ op: 'emit' as const, event }]),
      ...parent,
      ...this.#options.endings.flatMap((ending) => ending(run)),
    ];
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
}

function hasReview(journal: Journal): boolean {
  for (const { state } of journal.records()) if (state === 'needs_review') return true;
  return false;
}

function after(run: RunRecord, end: RunEnd, at: number, isUnknown: boolean): RunRecord {
  const { blockedOn: _blockedOn, isHeld: _isHeld, ...rest } = run;
  const { outcome, compensation, onError, output } = end;
  if (outcome.kind === 'waiting') {
    const { blockedOn, isHeld } = outcome.waiting;
    return {
      ...rest,
      state: stateOf(outcome.waiting),
      ...(blockedOn.length > 0 ? { blockedOn } : {}),
      ...(isHeld === true ? { isHeld } : {}),
    };
  }
  const ended = {
    ...rest,
    endedAt: at,
    ...(compensation === undefined ? {} : { compensation }),
    ...(onError === undefined ? {} : { onError }),
  };
  switch (outcome.kind) {
    case 'failed':
      return { ...ended, state: 'failed', error: outcome.error };
    case 'stopped':
      return { ...ended, state: 'stopped', ...reasonOf(outcome.reason) };
    case 'cancelled':
      return {
        ...ended,
        state: 'cancelled',
        ...reasonOf(isUnknown ? [outcome.reason, OUTCOME_UNKNOWN].filter(Boolean).join(' ') : outcome.reason),
      };
    default:
      return { ...ended, state: 'succeeded', ...(output === undefined ? {} : { output }) };
  }
}

function reasonOf(reason: string | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

/** What a person has to do is told first. */
function stateOf({ needsReview, needsApproval, blockedOn }: Waiting): RunState {
  if (needsReview) return 'needs_review';
  if (blockedOn.length > 0) return 'blocked';
  return needsApproval ? 'needs_approval' : 'sleeping';
}
