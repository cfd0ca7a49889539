import type { JsonObject } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { Deployed } from '../deployments.ts';
import { runIdOfEvent } from '../runs/records.ts';
import { gather, pendingJob, putEvents, putPending, readEvents } from './gathering.ts';
import type { GatheredEvent, PendingRecord } from './gathering.ts';
import { gateKey, hiddenKey, ownerPrefix, scopeOf } from './gate-keys.ts';
import type { Match } from './match-triggers.ts';
import { refusalOf } from './new-run.ts';
import { refusalChange } from './refusals.ts';
import { PENDING } from './tables.ts';

/** Events of one batch take up no more than this; it starts before it is full then. */
const MAX_BATCH_BYTES = 512 * 1_024;

/** A batch that is full. */
export interface FullBatch {
  readonly deployed: Deployed;
  readonly record: PendingRecord;
  readonly events: readonly GatheredEvent[];
  /** Of its last event. */
  readonly profile: JsonObject | undefined;
}

interface Gathering {
  readonly id: string;
  /** Version of the row as it was read, 0 for none. */
  readonly version: number;
  /** Rows of events may be there of this one only. */
  readonly stored: PendingRecord | undefined;
  record: PendingRecord | undefined;
  fresh: GatheredEvent[];
  isChanged: boolean;
}

/** Gathers the events of one changeset for pipelines with `debounce` or `batch`. */
export class PendingBook {
  readonly #tenant: OpenTenant;
  readonly #now: number;
  readonly #gatherings = new Map<string, Gathering>();
  readonly #full: FullBatch[] = [];
  readonly #changes: Change[] = [];

  constructor(tenant: OpenTenant, now: number) {
    this.#tenant = tenant;
    this.#now = now;
  }

  /**
   * Takes up events in their order; once for a book.
   *
   * @param failed hears of those whose key cannot be evaluated, with the error RUN_NOT_STARTED
   */
  async collect(matches: readonly Match[], failed: (match: Match, error: unknown) => void): Promise<void> {
    const keyed = matches.flatMap((match) => {
      try {
        return [{ match, id: this.#idOf(match) }];
      } catch (error) {
        failed(match, refusalOf(match.deployed.record.id, error));
        return [];
      }
    });
    await this.#read([...new Set(keyed.map(({ id }) => id))]);
    for (const { match, id } of keyed) {
      const gathering = this.#gatherings.get(id);
      if (gathering === undefined) continue;
      if (match.deployed.compiled.flow.batch === undefined) this.#debounce(gathering, match);
      else await this.#batch(gathering, match);
    }
  }

  /** Those that can be started at once. */
  full(): readonly FullBatch[] {
    return this.#full;
  }

  changes(): readonly Change[] {
    return [...this.#changes, ...[...this.#gatherings.values()].flatMap((gathering) => this.#rowChanges(gathering))];
  }

  #idOf(match: Match): string {
    const { deployed, environment, event, pinned, profile } = match;
    const { record, compiled, settings } = deployed;
    const { batch, debounce } = compiled.flow;
    const owner = { pipeline: record.id, environment, isTest: event.isTest };
    const key = (batch ?? debounce)?.key;
    const personId = event.profileId === undefined ? {} : { personId: event.profileId };
    const scope = scopeOf({ event: pinned, settings, ...personId, ...(profile === undefined ? {} : { profile }) });
    const isOfPerson = batch === undefined && key === undefined;
    const text = isOfPerson ? `${ownerPrefix(owner)}/${whom(match)}` : gateKey(owner, key, scope);
    // What a version has gathered that did so otherwise starts by itself: it does not become part of something else.
    const kind = batch === undefined ? 'debounce' : 'batch';
    return `${ownerPrefix(owner)}/${hiddenKey(this.#tenant.keys, `pending/${kind}/${text}`)}`;
  }

  async #read(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const rows = await this.#tenant.state.get(PENDING, ids);
    for (const [index, id] of ids.entries()) {
      const row = rows[index];
      const stored = row?.value as unknown as PendingRecord | undefined;
      this.#gatherings.set(id, { id, version: row?.version ?? 0, stored, record: stored, fresh: [], isChanged: false });
    }
  }

  #debounce(gathering: Gathering, { deployed, environment, event, pinned }: Match): void {
    const { periodMs = 0, maxMs = Infinity } = deployed.compiled.flow.debounce ?? {};
    const before = gathering.record;
    const firstAt = before?.firstAt ?? this.#now;
    const gathered = gather(event, pinned);
    // One that was set aside and is handled again may come after later ones.
    const last = before?.last !== undefined && before.last.position > event.position ? before.last : gathered;
    gathering.record = {
      id: gathering.id,
      kind: 'debounce',
      pipeline: deployed.record.id,
      environment,
      isTest: event.isTest,
      firstAt,
      dueAt: Math.min(this.#now + periodMs, firstAt + maxMs),
      count: (before?.count ?? 0) + 1,
      sizeBytes: 0,
      runId: runIdOfEvent(deployed.record.id, last.event),
      last,
    };
    gathering.isChanged = true;
    this.#remember(deployed, event.id, { code: 'debounced', pendingId: gathering.id });
  }

  async #batch(gathering: Gathering, { deployed, environment, event, pinned, profile }: Match): Promise<void> {
    const { size = 1, timeoutMs = 0 } = deployed.compiled.flow.batch ?? {};
    const before = gathering.record;
    const record: PendingRecord = {
      id: gathering.id,
      kind: 'batch',
      pipeline: deployed.record.id,
      environment,
      isTest: event.isTest,
      firstAt: before?.firstAt ?? this.#now,
      dueAt: before?.dueAt ?? this.#now + timeoutMs,
      count: (before?.count ?? 0) + 1,
      sizeBytes: (before?.sizeBytes ?? 0) + JSON.stringify(pinned).length,
      runId: before?.runId ?? runIdOfEvent(deployed.record.id, event),
    };
    gathering.record = record;
    gathering.fresh.push(gather(event, pinned));
    gathering.isChanged = true;
    this.#remember(deployed, event.id, { code: 'batched', pendingId: gathering.id, runId: record.runId });
    if (record.count >= size || record.sizeBytes >= MAX_BATCH_BYTES) await this.#close(gathering, record, deployed, profile);
  }

  async #close(gathering: Gathering, record: PendingRecord, deployed: Deployed, profile: JsonObject | undefined): Promise<void> {
    const kept = record.runId === gathering.stored?.runId ? await readEvents(this.#tenant.state, record) : { events: [], forget: [] };
    this.#full.push({ deployed, record, profile, events: [...kept.events, ...gathering.fresh] });
    this.#changes.push(...kept.forget);
    gathering.record = undefined;
    gathering.fresh = [];
  }

  #remember(
    { record }: Deployed,
    eventId: string,
    what: { readonly code: 'debounced' | 'batched'; readonly pendingId: string; readonly runId?: string },
  ): void {
    this.#changes.push(refusalChange({ pipeline: record.id, eventId, at: this.#now, ...what }));
  }

  #rowChanges({ id, version, stored, record, fresh, isChanged }: Gathering): readonly Change[] {
    if (!isChanged) return [];
    if (record === undefined) return stored === undefined ? [] : [{ op: 'delete', table: PENDING, key: id, expect: version }];
    const isNew = stored === undefined || (record.kind === 'batch' && stored.runId !== record.runId) || record.dueAt < stored.dueAt;
    return [
      putPending(record, version),
      ...(fresh.length > 0 ? [putEvents(record, fresh)] : []),
      // It is moved to a later time by itself, when it finds that more has come.
      ...(isNew ? [pendingJob(id, record.dueAt)] : []),
    ];
  }
}

/** Without a key of its own, a debounce is of the person. */
function whom({ event, pinned }: Pick<Match, 'event' | 'pinned'>): string {
  if (event.profileId !== undefined) return `profile:${event.profileId}`;
  if (pinned.userId !== undefined) return `userId:${pinned.userId}`;
  return pinned.anonymousId === undefined ? '' : `anonymousId:${pinned.anonymousId}`;
}
