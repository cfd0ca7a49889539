import type { PathsAnswer, PathsQuestion } from '@tendril/plugin-api';
import type { Query } from '../query.ts';
import type { DictionaryView } from '../dictionary.ts';
import { sessionised } from './sessions.ts';

const DEFAULT_LIMIT = 20;

/** Answers `paths`. */
export async function askPaths(query: Query, question: PathsQuestion, dictionary: DictionaryView): Promise<PathsAnswer> {
  const { depth, direction, around, limit = DEFAULT_LIMIT, from, to } = question;
  const move = direction === 'after' ? 'lead' : 'lag';
  const steps = Array.from({ length: depth }, (_, i) => `n${i + 1}`);
  const moves = steps
    .map((step, i) => `CASE WHEN ${move}(session, ${i + 1}) OVER w = session THEN ${move}(name, ${i + 1}) OVER w END AS ${step}`)
    .join(', ');
  // There may be as many paths as events: the file puts them in order, and gives no more than are wanted.
  const inOrder = direction === 'after' ? steps : steps.toReversed();
  const written = inOrder.map((step) => `(SELECT names.name FROM names WHERE names.id = found.${step})`).join(', ');
  const rows = await query.rows(
    `WITH around AS (SELECT ${steps.join(', ')} FROM (SELECT *, ${moves} FROM ${await sessionised(query, question)} WINDOW w AS (PARTITION BY who ORDER BY occurred_at, position))
        WHERE ${query.scope({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), includesTest: true })} AND ${query.selection(around)})
      SELECT ${steps.join(', ')}, occurrences, (SELECT count(*) FROM around)
        FROM (SELECT ${steps.join(', ')}, count(*) AS occurrences FROM around GROUP BY ${steps.join(', ')}) AS found
        ORDER BY occurrences DESC, concat_ws(chr(1), ${written}) LIMIT ${limit + 1}`,
  );
  const names = dictionary.names();
  const paths = rows
    .map((row) => {
      const found = row.slice(0, depth).flatMap((id) => (id === null ? [] : [names.get(Number(id)) ?? '']));
      return { names: direction === 'after' ? found : found.toReversed(), occurrences: Number(row[depth]) };
    })
    .toSorted((a, b) => b.occurrences - a.occurrences || compare(a.names.join('\0'), b.names.join('\0')));
  return { occurrences: Number(rows[0]?.[depth + 1] ?? 0), paths: paths.slice(0, limit), isCut: paths.length > limit };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
