import type { Call } from '@tendril/plugin-api';
import type { DuplicateWalksRow, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { comparePeople } from './compare-people.ts';
import type { Comparison } from './compare-people.ts';
import type { DuplicateSettings } from './settings.ts';

const WALK = 'all';
const PAGE = 250;
const PAGES_AT_ONCE = 40;

/** People who were compared, and where to go on. */
export interface Page extends Comparison {
  readonly nextCursor?: string;
}

/** Compares the people of one page, in the order of their ids. */
export async function comparePage(
  settings: DuplicateSettings,
  limit: number,
  cursor: string | undefined,
  call: Call<Settings>,
): Promise<Page> {
  const { items, nextCursor } = await call.table<PeopleRow>('people').query({ limit, ...(cursor !== undefined && { cursor }) });
  const ids = items.filter(({ value }) => value.state === 'active').map(({ key }) => key);
  const comparison = await comparePeople(ids, { settings, isForced: true }, call);
  return nextCursor === undefined ? comparison : { ...comparison, nextCursor };
}

/**
 * Goes on with looking at everybody: those who were there before the first look, and everybody once a new model or other fields are in force.
 * At most 10,000 people at once; each page is committed with the place at which the next begins.
 */
export async function goOn(settings: DuplicateSettings, isAnew: boolean, call: Call<Settings>): Promise<void> {
  const { signature } = settings;
  const row = await call.table<DuplicateWalksRow>('duplicate_walks').get(WALK);
  const isSame = !isAnew && row?.value.signature === signature;
  if (isSame && row.value.isDone) return;
  let cursor = isSame ? row.value.cursor : undefined;
  for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
    call.signal.throwIfAborted();
    const { nextCursor } = await comparePage(settings, PAGE, cursor, call);
    cursor = nextCursor;
    const isDone = cursor === undefined;
    call.changes.put('duplicate_walks', {
      id: WALK,
      signature,
      isDone,
      ...(cursor !== undefined && { cursor }),
    } satisfies DuplicateWalksRow);
    await call.changes.flush();
    if (isDone) return;
  }
}
