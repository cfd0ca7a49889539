import type { NamesAnswer, NamesQuestion } from '@tendril/plugin-api';
import type { DictionaryView } from '../dictionary.ts';
import type { Query } from '../query.ts';

const DEFAULT_LIMIT = 100;

/** Answers `names`. */
export async function askNames(query: Query, question: NamesQuestion, dictionary: DictionaryView): Promise<NamesAnswer> {
  const { startsWith = '', limit = DEFAULT_LIMIT, includesTest } = question;
  const names = dictionary.names();
  const carried = dictionary.carriedBy();
  const rows = await query.rows(
    `SELECT name, count(*), min(occurred_at), max(occurred_at) FROM events WHERE ${includesTest === true ? 'TRUE' : 'NOT is_test'} GROUP BY name`,
  );
  const found = rows
    .map(([id, events, firstAt, lastAt]) => ({
      name: names.get(Number(id)) ?? '',
      events: Number(events),
      firstAt: Number(firstAt),
      lastAt: Number(lastAt),
      properties: (carried.get(Number(id)) ?? [])
        .map(({ property, type }) => ({ name: property, type }))
        .toSorted((a, b) => compare(`${a.name}\0${a.type}`, `${b.name}\0${b.type}`)),
    }))
    .filter(({ name }) => name.startsWith(startsWith))
    .toSorted((a, b) => b.events - a.events || compare(a.name, b.name));
  return { names: found.slice(0, limit), isCut: found.length > limit };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
