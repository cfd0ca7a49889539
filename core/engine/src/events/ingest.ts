import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Logger } from '@tendril/plugin-api';
import type { Random } from '../environment.ts';
import type { App, IngestOutcome, IngestService, RawCall } from '../hub.ts';
import type { Change, LogStatus } from '../ports.ts';
import type { OpenTenant } from '../tenants/index.ts';
import { toNewEvent } from './event-codec.ts';
import type { UnplacedEvent } from './event-codec.ts';
import type { EventSchemas, SchemaSet } from './event-schemas.ts';
import type { EventFault } from './fault-points.ts';
import type { Feed } from './feed.ts';
import type { IngestCounters } from './ingest-counters.ts';
import { isRefusal, normaliseCall } from './normalise-call.ts';
import type { CallOrigin } from './normalise-call.ts';
import { createQuarantineGauge, quarantineChange, readQuarantine } from './quarantine.ts';
import type { VersionedQuarantine } from './quarantine.ts';
import { QUARANTINE } from './tables.ts';

/** How much may wait for the log's writer before ingest says no. */
export interface IngestLimits {
  readonly waitingEvents: number;
  readonly waitingBytes: number;
  /** A tenant whose quarantine holds so many has further ones refused; 100,000 unless told. */
  readonly quarantinedEvents?: number;
}

/** About two seconds of work for a small machine. */
export const DEFAULT_INGEST_LIMITS: IngestLimits = { waitingEvents: 50_000, waitingBytes: 64 * 1_024 * 1_024 };
const RETRY_AFTER_MS = 1_000;
const MAX_QUARANTINED = 100_000;

/** What taking in for one tenant needs. */
export interface IngestOptions {
  readonly tenant: OpenTenant;
  readonly feed: Feed;
  readonly schemas: EventSchemas;
  readonly counters: IngestCounters;
  readonly logStatus: () => LogStatus;
  readonly limits: IngestLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly fault?: EventFault | undefined;
}

/** Taking in, and taking in again what was quarantined. */
export interface Ingest extends IngestService {
  replayQuarantine(ids?: readonly string[]): Promise<{ readonly accepted: number; readonly stillInvalid: number }>;
}

interface Judges {
  readonly set: SchemaSet;
  readonly isQuarantineFull: boolean;
}

/** What a batch comes to, gathered before anything is written. */
interface Sorted {
  readonly outcomes: (IngestOutcome | undefined)[];
  readonly events: UnplacedEvent[];
  /** For each event, the places in the batch that it answers: more than one when the batch repeats itself. */
  readonly places: number[][];
  readonly quarantine: Change[];
}

/** Ingest of one tenant. */
export function createIngest(options: IngestOptions): Ingest {
  const { tenant, feed, schemas, counters, limits, random } = options;
  const tenantId = tenant.tenant.id;
  const quarantine = createQuarantineGauge({
    state: tenant.state,
    clock: options.clock,
    limit: limits.quarantinedEvents ?? MAX_QUARANTINED,
  });
  const createId = (): string => `gen_${random.id()}`;

  function refuseWhenFull(): void {
    const status = options.logStatus();
    if (status.waitingEvents <= limits.waitingEvents && status.waitingBytes <= limits.waitingBytes) return;
    counters.add(tenantId, 'overloaded', 1);
    throw new TendrilError('OVERLOADED', { retryAfterMs: RETRY_AFTER_MS });
  }

  function sort(app: App, calls: readonly RawCall[], origin: CallOrigin, { set, isQuarantineFull }: Judges): Sorted {
    const sorted: Sorted = {
      outcomes: new Array<IngestOutcome | undefined>(calls.length).fill(undefined),
      events: [],
      places: [],
      quarantine: [],
    };
    const indexById = new Map<string, number>();
    for (let place = 0; place < calls.length; place += 1) {
      const call = calls[place];
      if (call === undefined) continue;
      const event = normaliseCall(call, app, origin, createId);
      if (isRefusal(event)) {
        sorted.outcomes[place] = { status: 'refused', code: event.code, reason: event.reason };
        continue;
      }
      const earlier = indexById.get(event.id);
      if (earlier !== undefined) {
        sorted.places[earlier]?.push(place);
        continue;
      }
      const problems = set.isEmpty ? [] : set.problemsOf(event);
      if (problems.length > 0) {
        const reason = problems.map((problem) => `${problem.pointer || '/'} ${problem.message}`).join('; ');
        if (isQuarantineFull) {
          sorted.outcomes[place] = { status: 'refused', code: 'EVENT_INVALID', reason };
          continue;
        }
        sorted.quarantine.push(quarantineChange({ messageId: event.id, name: event.name, problems, call, app, origin }));
        sorted.outcomes[place] = { status: 'quarantined', messageId: event.id, reason };
        continue;
      }
      indexById.set(event.id, sorted.events.length);
      sorted.events.push(event);
      sorted.places.push([place]);
    }
    return sorted;
  }

  async function write(sorted: Sorted): Promise<void> {
    options.fault?.('ingest.before-append');
    const [appended, kept] = await Promise.allSettled([
      sorted.events.length === 0 ? [] : feed.append(tenant, sorted.events.map(toNewEvent), sorted.events),
      sorted.quarantine.length === 0 ? undefined : tenant.state.commit(sorted.quarantine),
    ]);
    if (appended.status === 'rejected') throw appended.reason;
    if (kept.status === 'rejected') throw kept.reason;
    options.fault?.('ingest.after-append');
    for (const [index, { position, isDuplicate }] of appended.value.entries()) {
      const messageId = sorted.events[index]?.id ?? '';
      for (const [turn, place] of (sorted.places[index] ?? []).entries()) {
        sorted.outcomes[place] = { status: isDuplicate || turn > 0 ? 'duplicate' : 'accepted', messageId, position };
      }
    }
  }

  async function accept(app: App, calls: readonly RawCall[], origin: CallOrigin): Promise<readonly IngestOutcome[]> {
    refuseWhenFull();
    const set = await schemas.current();
    const sorted = sort(app, calls, origin, { set, isQuarantineFull: !set.isEmpty && (await quarantine.isFull()) });
    await write(sorted);
    const outcomes = sorted.outcomes.filter((outcome) => outcome !== undefined);
    counters.count(tenantId, outcomes);
    return outcomes;
  }

  async function replayPage(page: readonly VersionedQuarantine[]): Promise<number> {
    let accepted = 0;
    for (const { record, version } of page) {
      const { app, call, origin } = record;
      const set = await schemas.current();
      const event = normaliseCall(call, app, { ...origin, isImport: true }, createId);
      if (isRefusal(event) || set.problemsOf(event).length > 0) continue;
      await feed.append(tenant, [toNewEvent(event)], [event]);
      options.fault?.('quarantine.before-forget');
      // After the append: dying in between appends it again, which the log drops as a duplicate.
      await tenant.state.commit([{ op: 'delete', table: QUARANTINE, key: record.id, expect: version }]);
      accepted += 1;
    }
    return accepted;
  }

  return {
    accept,
    replayQuarantine: async (ids) => {
      let accepted = 0;
      let seen = 0;
      for await (const page of readQuarantine(tenant.state, ids)) {
        seen += page.length;
        accepted += await replayPage(page);
      }
      return { accepted, stillInvalid: seen - accepted };
    },
  };
}
