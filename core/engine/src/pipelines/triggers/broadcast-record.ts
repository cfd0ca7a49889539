import type { JsonObject } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { Change, TenantState } from '../../ports.ts';
import type { BroadcastInfo } from '../contract.ts';
import { digest, newRunId, withoutUndefined } from '../runs/records.ts';
import type { KeptError, RunRecord } from '../runs/records.ts';
import { BROADCASTS } from './tables.ts';

/** A broadcast as it is kept. */
export interface BroadcastRecord {
  readonly id: string;
  readonly pipeline: string;
  readonly environment: EnvironmentName;
  readonly version: number;
  readonly state: BroadcastInfo['state'];
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly isTest: boolean;
  readonly segment?: string;
  readonly perMinute?: number;
  readonly input?: JsonObject;
  readonly total?: number;
  readonly started: number;
  readonly skipped: number;
  readonly error?: KeptError;
  /** Where its people come from: pages of rows, by number, or the capability, by cursor. */
  readonly source:
    | { readonly kind: 'given'; readonly pages: number; readonly next: number }
    | { readonly kind: 'audience'; readonly cursor?: string; readonly isOver: boolean };
  /** Read and not started yet. */
  readonly waiting: readonly string[];
  /** Its runs are being cancelled too: those started up to here have been looked at. */
  readonly cancelling?: { readonly cursor?: string };
}

/** A row as it was read, with the version to expect when it is written. */
export interface BroadcastRow {
  readonly record: BroadcastRecord;
  readonly version: number;
}

/** Reads a broadcast. */
export async function readBroadcast(state: TenantState, id: string): Promise<BroadcastRow | undefined> {
  const [row] = await state.get(BROADCASTS, [id]);
  return row && { record: row.value as unknown as BroadcastRecord, version: row.version };
}

/** The change that writes a broadcast over the version that was read. */
export function putBroadcast(record: BroadcastRecord, expect: number): Change {
  return { op: 'put', table: BROADCASTS, value: withoutUndefined({ ...record }), expect };
}

/** The run of one person: the same however often the person is in the list, and however often it is tried. */
export function runIdOfBroadcast({ id, createdAt }: Pick<BroadcastRecord, 'id' | 'createdAt'>, personId: string): string {
  return newRunId(createdAt, uniquePart(id, personId));
}

function uniquePart(id: string, personId: string): string {
  return ['broadcast', id, personId].join('\0');
}

/** What the end of a run adds to the counts of its broadcast. Runs that it called are not counted. */
export function countEnd({ id, state, broadcastId, personId = '' }: RunRecord): readonly Change[] {
  if (broadcastId === undefined || !id.endsWith(digest(uniquePart(broadcastId, personId), 20))) return [];
  const isGood = state === 'succeeded' || state === 'stopped';
  return [{ op: 'count', counter: endCounter(broadcastId, isGood ? 'succeeded' : 'failed'), by: 1 }];
}

/** Shows broadcasts with their counts. */
export async function toBroadcastInfos(state: TenantState, records: readonly BroadcastRecord[]): Promise<readonly BroadcastInfo[]> {
  const counts = await state.counters(records.flatMap(({ id }) => [endCounter(id, 'succeeded'), endCounter(id, 'failed')]));
  return records.map((record, index) => {
    const { id, pipeline, version, segment, perMinute, createdAt, endedAt, total, started, skipped, error } = record;
    const [succeeded = 0, failed = 0] = counts.slice(index * 2, index * 2 + 2);
    const shown = {
      id,
      pipeline,
      version,
      state: record.state,
      segment,
      perMinute,
      createdAt,
      endedAt,
      total,
      started,
      succeeded,
      failed,
      skipped,
      error,
    };
    return withoutUndefined(shown) as unknown as BroadcastInfo;
  });
}

function endCounter(id: string, end: 'succeeded' | 'failed'): string {
  return `_pipelines.broadcast/${id}/${end}`;
}
