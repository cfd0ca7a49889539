import type { ActionHandler, Row } from '@tendril/plugin-api';
import type { GetManyInput, GetManyOutput, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { MOST_HOPS, toProfile } from '../profile.ts';

/** What is known of many people now; one question to the store, and one more for each merge in a row. */
export const getMany: ActionHandler<GetManyInput, GetManyOutput, Settings> = async ({ ids }, call) => {
  const table = call.table<PeopleRow>('people');
  const rows = new Map<string, Row<PeopleRow> | undefined>();
  let wanted = [...new Set(ids)];
  for (let merges = 0; wanted.length > 0 && merges <= MOST_HOPS; merges += 1) {
    const found = await table.getMany(wanted);
    for (const [index, id] of wanted.entries()) rows.set(id, found[index]);
    wanted = [...new Set(found.flatMap((row) => row?.value.mergedInto ?? []))].filter((id) => !rows.has(id));
  }
  return { people: ids.map((id) => profileOf(id, rows)) };
};

function profileOf(id: string, rows: ReadonlyMap<string, Row<PeopleRow> | undefined>): GetManyOutput['people'][number] {
  let row = rows.get(id);
  for (let merges = 0; row?.value.mergedInto !== undefined && merges < MOST_HOPS; merges += 1) row = rows.get(row.value.mergedInto);
  return row === undefined || row.value.state === 'merged' ? null : toProfile(row.value);
}
