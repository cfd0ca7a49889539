import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Change, TenantState } from '../../ports.ts';
import { BLOBS } from '../tables.ts';
import { isPage, LARGE_MEMBERS } from './records.ts';
import type { LargeMember, StepRecord } from './records.ts';

/** Values of about this many characters and more are kept beside the journal. */
const LARGE_VALUE_LENGTH = 8 * 1024;
/** The largest value of a step, in bytes of JSON. */
export const MAX_VALUE_BYTES = 4 * 1024 * 1024;

/** A record as it is put on disk. */
export interface DiskRecord {
  /** As it stays in memory. */
  readonly kept: StepRecord;
  readonly row: JsonObject;
  /** Blobs that are written or gone with it. */
  readonly changes: readonly Change[];
}

/** Whether a value is kept beside the journal: an estimate that costs small values next to nothing. */
export function isLarge(value: unknown): boolean {
  return weigh(value, LARGE_VALUE_LENGTH) < 0;
}

function weigh(value: unknown, left: number): number {
  if (typeof value === 'string') return left - value.length;
  if (typeof value !== 'object' || value === null) return left - 4;
  let rest = left;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      rest = weigh(item, rest - 1);
      if (rest < 0) return rest;
    }
    return rest;
  }
  for (const [name, member] of Object.entries(value)) {
    rest = weigh(member, rest - name.length - 4);
    if (rest < 0) return rest;
  }
  return rest;
}

/** JSON of a value is at least a quarter of what `weigh` says. */
const LEAST_SHARE = 4;

/** The size of a value that is over the limit, in bytes of JSON, at least; `undefined` of one within it. */
export function oversize(value: Json | undefined): number | undefined {
  if (value === undefined || !isLarge(value)) return undefined;
  // Far over it the JSON is not even made: a text that a value holds many times would be written as often.
  if (weigh(value, MAX_VALUE_BYTES * LEAST_SHARE) < 0) return MAX_VALUE_BYTES + 1;
  const sizeBytes = Buffer.byteLength(JSON.stringify(value));
  return sizeBytes > MAX_VALUE_BYTES ? sizeBytes : undefined;
}

/** The record with its large members beside it. @param before what is on disk of it */
export function toDisk(record: StepRecord, before: StepRecord | undefined): DiskRecord {
  const large = LARGE_MEMBERS.filter((name) =>
    record[name] === undefined ? record.large?.includes(name) === true : isLarge(record[name]),
  );
  if (large.length === 0 && before?.large === undefined && record.large === undefined)
    return { kept: record, row: record as unknown as JsonObject, changes: [] };
  const { large: _large, ...rest } = record;
  const kept: StepRecord = large.length === 0 ? rest : { ...rest, large };
  const row: Record<string, unknown> = { ...kept };
  const changes: Change[] = [];
  for (const name of large) {
    Reflect.deleteProperty(row, name);
    const isKnown = record[name] === undefined || (before?.large?.includes(name) === true && before[name] === record[name]);
    if (!isKnown) changes.push({ op: 'put', table: BLOBS, value: { key: blobKey(record, name), value: record[name] } });
  }
  for (const name of before?.large ?? []) if (!large.includes(name)) changes.push(gone(record, name));
  return { kept, row: row as JsonObject, changes };
}

/** The changes that remove what is kept beside a record. */
export function blobRemovals(record: StepRecord | undefined): readonly Change[] {
  return record?.large?.map((name) => gone(record, name)) ?? [];
}

function gone(record: StepRecord, name: LargeMember): Change {
  return { op: 'delete', table: BLOBS, key: blobKey(record, name) };
}

/** Under the run's id, as the journal's keys are, so that a run's values are found with it. */
function blobKey({ key }: StepRecord, name: LargeMember): string {
  return `${key}#${name}`;
}

/**
 * The records with the members that are kept beside them.
 *
 * @param isNeeded which are read; all unless told
 */
export async function withLargeValues(
  state: TenantState,
  records: readonly StepRecord[],
  isNeeded: (record: StepRecord, name: LargeMember) => boolean = () => true,
): Promise<readonly StepRecord[]> {
  const wanted = records.flatMap((record) =>
    (record.large ?? []).filter((name) => isNeeded(record, name)).map((name) => ({ record, name, key: blobKey(record, name) })),
  );
  if (wanted.length === 0) return records;
  const rows = await state.get(
    BLOBS,
    wanted.map(({ key }) => key),
  );
  const found = new Map<string, Record<string, Json>>();
  for (const [index, { record, name }] of wanted.entries()) {
    const value = rows[index]?.value['value'];
    if (value !== undefined) found.set(record.path, { ...found.get(record.path), [name]: value });
  }
  return records.map((record) => (found.has(record.path) ? { ...record, ...found.get(record.path) } : record));
}

/** What an execution reads of a run: what a step that has not ended goes on with, and what others may read of one that has. */
export function isNeededToGoOn(record: StepRecord, name: LargeMember): boolean {
  const { id, state, kind } = record;
  const isOpen = state !== 'succeeded' && state !== 'skipped' && state !== 'failed';
  if (isOpen || name === 'items') return true;
  return name === 'output' && (id !== undefined || kind === 'element' || isPage(record));
}
