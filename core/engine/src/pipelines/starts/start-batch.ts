import { TendrilError } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { Deployed } from '../deployments.ts';
import { runIdOfEvent } from '../runs/records.ts';
import type { RunRecord } from '../runs/records.ts';
import { startChanges } from '../runs/start-run.ts';
import { RUNS } from '../tables.ts';
import { AdmissionBook } from './admission.ts';
import type { Candidate } from './admission.ts';
import { runOfGathered } from './gathering.ts';
import type { Match } from './match-triggers.ts';
import { newRun } from './new-run.ts';
import { PendingBook } from './pending-book.ts';
import type { FullBatch } from './pending-book.ts';
import { refusalChange, refusalKey } from './refusals.ts';
import type { RefusalCode } from './refusals.ts';
import type { StartCounts } from './start-counts.ts';
import { REFUSALS } from './tables.ts';

/** What turning matches into starts needs. */
export interface StartBatchOptions {
  readonly tenant: OpenTenant;
  readonly now: number;
  readonly counts: StartCounts;
}

/**
 * The changes that start runs for events, or gather them for runs. Events that were dealt with before change nothing.
 * When the changeset fails on a condition, everything is asked again.
 *
 * @param matches in the order of their events
 */
export async function startMatches(matches: readonly Match[], options: StartBatchOptions): Promise<readonly Change[]> {
  if (matches.length === 0) return [];
  const batch = new StartBatch(options);
  await batch.take(await withoutKnown(matches, options.tenant));
  return batch.changes();
}

/** What became of an event at these pipelines cannot be seen by its run alone. */
function remembers({ compiled: { flow } }: Deployed): boolean {
  return gathers(flow) || flow.rateLimit !== undefined || flow.serial?.max !== undefined;
}

function gathers({ batch, debounce }: Deployed['compiled']['flow']): boolean {
  return batch !== undefined || debounce !== undefined;
}

/** Leaves out events that came before, in this batch or an earlier one. */
async function withoutKnown(matches: readonly Match[], { state }: OpenTenant): Promise<readonly Match[]> {
  const byKey = new Map<string, Match>();
  for (const match of matches) {
    const key = refusalKey(match.deployed.record.id, match.event.id);
    if (!byKey.has(key)) byKey.set(key, match);
  }
  const asked = [...byKey].filter(([, { deployed }]) => remembers(deployed)).map(([key]) => key);
  if (asked.length === 0) return [...byKey.values()];
  const rows = await state.get(REFUSALS, asked);
  for (const [index, key] of asked.entries()) if (rows[index] !== undefined) byKey.delete(key);
  return [...byKey.values()];
}

class StartBatch {
  readonly #options: StartBatchOptions;
  readonly #pending: PendingBook;
  readonly #admission: AdmissionBook;
  readonly #refusals: Change[] = [];

  constructor(options: StartBatchOptions) {
    this.#options = options;
    this.#pending = new PendingBook(options.tenant, options.now);
    this.#admission = new AdmissionBook(options.tenant, options.now);
  }

  async take(matches: readonly Match[]): Promise<void> {
    const isGathered = ({ deployed }: Match): boolean => gathers(deployed.compiled.flow);
    const gathered = await this.#withoutStarted(matches.filter(isGathered));
    for (const { deployed } of gathered) {
      const code = deployed.compiled.flow.batch === undefined ? 'debounced' : 'batched';
      this.#options.counts.refused(this.#options.tenant.tenant.id, deployed.record.id, code);
    }
    await this.#pending.collect(gathered, (match, error) => {
      this.#refuseBy(error, match.deployed, match.event.id);
    });
    const candidates = [
      ...matches.filter((match) => !isGathered(match)).flatMap((match) => this.#candidateOf(match)),
      ...this.#pending.full().flatMap((full) => this.#candidateOfBatch(full)),
    ];
    await this.#admission.admitAll(await this.#fresh(candidates));
    for (const { candidate, error } of this.#admission.failed())
      for (const eventId of eventsOf(candidate.run)) this.#refuseBy(error, candidate.deployed, eventId);
    for (const { run, code } of this.#admission.refused()) this.#refuse(run.pipeline, eventsOf(run), code);
    for (const run of this.#admission.admitted()) this.#options.counts.started(this.#options.tenant.tenant.id, run.pipeline);
  }

  changes(): readonly Change[] {
    const { now } = this.#options;
    return [
      ...this.#admission.changes(),
      ...this.#admission.admitted().flatMap((run) => startChanges(run, now)),
      ...this.#pending.changes(),
      ...this.#refusals,
    ];
  }

  /** A run of a debounce has the id of its last event, whether or not it is remembered how it came about. */
  async #withoutStarted(matches: readonly Match[]): Promise<readonly Match[]> {
    if (matches.length === 0) return matches;
    const rows = await this.#options.tenant.state.get(
      RUNS,
      matches.map(({ deployed, event }) => runIdOfEvent(deployed.record.id, event)),
    );
    return matches.filter((_, index) => rows[index] === undefined);
  }

  #candidateOf({ deployed, event, pinned, environment, profile }: Match): readonly Candidate[] {
    return this.#orRefused(deployed, [event.id], () =>
      newRun(deployed, {
        id: runIdOfEvent(deployed.record.id, event),
        startedAt: this.#options.now,
        isTest: event.isTest,
        environment,
        eventId: event.id,
        event: pinned,
        position: event.position,
        hops: event.hops,
        ...(event.profileId === undefined ? {} : { personId: event.profileId }),
        ...(profile === undefined ? {} : { profile }),
        ...(event.requestId === undefined ? {} : { requestId: event.requestId }),
      }),
    );
  }

  #candidateOfBatch({ deployed, record, events, profile }: FullBatch): readonly Candidate[] {
    const ids = events.map(({ event }) => event.id);
    return this.#orRefused(deployed, ids, () => runOfGathered(deployed, record, events, { now: this.#options.now, profile }));
  }

  #orRefused(deployed: Deployed, eventIds: readonly string[], make: () => RunRecord): readonly Candidate[] {
    try {
      return [{ deployed, run: make() }];
    } catch (error) {
      for (const eventId of eventIds) this.#refuseBy(error, deployed, eventId);
      return [];
    }
  }

  #refuseBy(error: unknown, { record }: Deployed, eventId: string): void {
    if (!TendrilError.is(error) || error.code !== 'RUN_NOT_STARTED') throw error;
    this.#refuse(record.id, [eventId], 'key_failed');
  }

  #refuse(pipeline: string, eventIds: readonly string[], code: RefusalCode): void {
    const { counts, now, tenant } = this.#options;
    for (const eventId of eventIds) {
      counts.refused(tenant.tenant.id, pipeline, code);
      this.#refusals.push(refusalChange({ pipeline, eventId, code, at: now }));
    }
  }

  /** Runs that exist were started by an earlier delivery; the others in the order of the log. */
  async #fresh(candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    if (candidates.length === 0) return candidates;
    const rows = await this.#options.tenant.state.get(
      RUNS,
      candidates.map(({ run }) => run.id),
    );
    const fresh = candidates.filter((_, index) => rows[index] === undefined);
    return fresh.toSorted((a, b) => (a.run.position ?? 0) - (b.run.position ?? 0));
  }
}

/** The ids of the events that a run is about. */
export function eventsOf({ eventId, events }: Pick<RunRecord, 'eventId' | 'events'>): readonly string[] {
  if (events !== undefined) return events.map(({ id }) => id);
  return eventId === undefined ? [] : [eventId];
}
