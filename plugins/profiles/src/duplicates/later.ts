import type { Call } from '@tendril/plugin-api';
import type { CompareLaterRow, Settings } from '../gen/manifest.gen.ts';
import { comparePeople } from './compare-people.ts';
import type { DuplicateSettings } from './settings.ts';

const TABLE = 'compare_later';
const ROWS_AT_ONCE = 4;
/** Nobody is compared before an import has been still for so long… */
const QUIET_MS = 15_000;
/** …but however long it takes, nobody waits longer before the first are. */
const LONGEST_WAIT_MS = 600_000;
const POSITION_DIGITS = 16;

/** Where the people of a batch of events stand in the log. */
export interface Batch {
  readonly position: number;
  readonly receivedAt: number;
}

/** Leaves people to be compared when there is time: one row for all of a batch. Safe to repeat. */
export function compareLater(people: readonly string[], { position, receivedAt }: Batch, call: Call<Settings>): void {
  call.changes.put(TABLE, {
    id: String(position).padStart(POSITION_DIGITS, '0'),
    people: [...people],
    count: people.length,
    at: receivedAt,
  } satisfies CompareLaterRow);
}

/** Compares some of those who were left for later, in the order of the log; each row's people are committed with its end. */
export async function compareSome(settings: DuplicateSettings, call: Call<Settings>): Promise<void> {
  const table = call.table<CompareLaterRow>(TABLE);
  const { items } = await table.query({ limit: ROWS_AT_ONCE });
  const [first] = items;
  if (first === undefined) return;
  const [last = first] = (await table.query({ order: 'descending', limit: 1 })).items;
  const now = call.clock.now();
  if (now - last.value.at < QUIET_MS && now - first.value.at < LONGEST_WAIT_MS) return;
  for (const { key, value, version } of items) {
    call.signal.throwIfAborted();
    await comparePeople(value.people, { settings }, call);
    call.changes.delete(TABLE, key, version);
    await call.changes.flush();
  }
}

/** How many people are still to be compared. */
export async function countWaiting(call: Call<Settings>): Promise<number> {
  const [all] = await call.table<CompareLaterRow>(TABLE).aggregate({ index: 'by_count', of: 'count' });
  return all?.sum ?? 0;
}
