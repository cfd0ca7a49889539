import type { Json, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { Change, TenantState } from '../../ports.ts';
import { queryAll } from '../../tenants/index.ts';
import type { Deployed } from '../deployments.ts';
import { withoutUndefined } from '../runs/records.ts';
import type { PinnedEvent } from '../runs/records.ts';
import { newRun } from './new-run.ts';
import type { RunStart } from './new-run.ts';
import type { RunRecord } from '../runs/records.ts';
import { PENDING, PENDING_EVENTS } from './tables.ts';

/** An event that waits for the run that it will be part of. */
export interface GatheredEvent {
  readonly event: PinnedEvent;
  readonly position: number;
  readonly hops: number;
  readonly personId?: string;
  readonly requestId?: string;
}

/** What gathers for one key of one pipeline in one environment. */
export interface PendingRecord {
  readonly id: string;
  readonly kind: 'debounce' | 'batch';
  readonly pipeline: string;
  readonly environment: EnvironmentName;
  readonly isTest: boolean;
  /** When its first event was taken up, in epoch milliseconds. */
  readonly firstAt: number;
  readonly dueAt: number;
  readonly count: number;
  /** Of a batch: what its events take up in `_pipelines.pending_events`, about. */
  readonly sizeBytes: number;
  /** The run that it will be: of a batch named after its first event, of a debounce after its last. */
  readonly runId: string;
  /** Of a debounce: the last event, by position. */
  readonly last?: GatheredEvent;
}

/** Kind of the jobs that start what is due. */
export const PENDING_JOB = 'pending';

/** The event as it is gathered. */
export function gather({ position, hops, profileId, requestId }: LoggedEvent, event: PinnedEvent): GatheredEvent {
  return withoutUndefined({ event, position, hops, personId: profileId, requestId }) as unknown as GatheredEvent;
}

/** The job that starts it when it is due. */
export function pendingJob(id: string, dueAt: number): Change {
  return { op: 'job', job: { id: `pending:${id}`, kind: PENDING_JOB, priority: 5, dueAt, payload: { id } } };
}

/** The change that keeps what gathers. @param expect version of the row that was read, 0 for none */
export function putPending(record: PendingRecord, expect: number): Change {
  return { op: 'put', table: PENDING, value: withoutUndefined({ ...record }), expect };
}

/** The change that keeps more events of a batch. */
export function putEvents({ id, runId }: PendingRecord, events: readonly GatheredEvent[]): Change {
  const position = String(events[0]?.position ?? 0).padStart(16, '0');
  const value = { key: `${id}/${runId}/${position}`, events: events as unknown as Json };
  return { op: 'put', table: PENDING_EVENTS, value, expect: 0 };
}

/** The events of a batch that are kept, and the changes that forget them. */
export async function readEvents(
  state: TenantState,
  { id, runId }: PendingRecord,
): Promise<{ readonly events: readonly GatheredEvent[]; readonly forget: readonly Change[] }> {
  const rows = await queryAll(state, PENDING_EVENTS, { from: `${id}/${runId}/`, to: `${id}/${runId}0` });
  return {
    events: rows.flatMap(({ value }) => value['events'] as unknown as readonly GatheredEvent[]),
    forget: rows.map(({ key, version }): Change => ({ op: 'delete', table: PENDING_EVENTS, key, expect: version })),
  };
}

/** The run that gathered events are: about the last of them, by position. */
export function runOfGathered(
  deployed: Deployed,
  { kind, environment, isTest, runId }: Pick<PendingRecord, 'kind' | 'environment' | 'isTest' | 'runId'>,
  gathered: readonly GatheredEvent[],
  { now, profile }: { readonly now: number; readonly profile: JsonObject | undefined },
): RunRecord {
  const inOrder = gathered.toSorted((a, b) => a.position - b.position);
  const last = inOrder.at(-1);
  if (last === undefined) throw new RangeError('nothing has been gathered');
  const { event, position, personId, requestId } = last;
  const start: RunStart = {
    id: runId,
    startedAt: now,
    isTest,
    environment,
    eventId: event.id,
    event,
    position,
    hops: Math.max(...inOrder.map(({ hops }) => hops)),
    ...(kind === 'batch' ? { events: inOrder.map((each) => each.event) } : {}),
    ...(personId === undefined ? {} : { personId }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(profile === undefined ? {} : { profile }),
  };
  return newRun(deployed, start);
}
