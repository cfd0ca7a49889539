import type { ActionHandler, Call, Row } from '@tendril/plugin-api';
import { countWaiting } from '../duplicates/later.ts';
import { toPair } from '../duplicates/to-pair.ts';
import type { ComparedRow, DuplicatesInput, DuplicatesOutput, DuplicatesRow, Settings } from '../gen/manifest.gen.ts';
import { readPerson } from '../profile.ts';

const PAGE = 20;

/** Pairs of people who are probably one, the most probable first. @throws TendrilError NOT_FOUND when there is nobody of the id */
export const duplicates: ActionHandler<DuplicatesInput, DuplicatesOutput, Settings> = async (input, call) => {
  const { person, state = 'open', limit = PAGE, cursor } = input;
  if (person !== undefined)
    return {
      items: (await pairsOf(person, call))
        .filter(({ value }) => value.state === state)
        .slice(0, limit)
        .map(toPair),
    };
  const page = await call.table<DuplicatesRow>('duplicates').query({
    index: 'by_state',
    equals: { state },
    order: 'descending',
    limit,
    ...(cursor !== undefined && { cursor }),
  });
  const waiting = await countWaiting(call);
  return { items: page.items.map(toPair), waiting, ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }) };
};

/** What is known of a person's pairs, the most probable first: those that are open or were dismissed. */
async function pairsOf(id: string, call: Call<Settings>): Promise<readonly Row<DuplicatesRow>[]> {
  const { value: person } = await readPerson(id, call);
  const compared = await call.table<ComparedRow>('compared').get(person.id);
  const rows = await call.table<DuplicatesRow>('duplicates').getMany(compared?.value.pairs ?? []);
  return rows
    .flatMap((row) => (row === undefined ? [] : [row]))
    .toSorted((left, right) => right.value.probability - left.value.probability);
}
