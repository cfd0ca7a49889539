import type { RetentionQuestion } from '@tendril/plugin-api';
import { cellStretches } from '../calendar.ts';
import type { CellStretch } from '../calendar.ts';
import type { Query } from '../query.ts';

/** Who began in a period, and how many of them came in it and in those after it. */
export interface Cohort {
  readonly cell: number;
  readonly people: number;
  readonly back: readonly number[];
}

const WORD_BITS = 64;
/** Of one person. With more it would be faster to hold a row for each period. */
const MOST_WORDS = 4;
const DAY_MS = 86_400_000;
const LONGEST_DAYS = { day: 1, week: 7, month: 31 } as const;
/** As clocks may be put. */
const SLACK_DAYS = 2;

/**
 * Answers `retention`: a bit for each period in which somebody came is all that has to be held of them, and everybody is one row. That takes a
 * third of the time of a row for each person and period. What a bit does not tell is whether they came after they began, in the period in which
 * they began: where neither their first event was one of coming back, nor they did not come at all, that is looked up.
 *
 * @returns `undefined` where there are too many periods, where clocks go back over the beginning of one, and for times on each person's own clock
 */
export async function countReturns(query: Query, question: RetentionQuestion, zone: string): Promise<readonly Cohort[] | undefined> {
  const { from, to, per, periods, includesTest, timeZone = zone } = question;
  if (timeZone === 'person') return undefined;
  const [row] = await query.bare('SELECT min(occurred_at), max(occurred_at) FROM events');
  const [earliest, latest] = [Number(row?.[0] ?? 0), Number(row?.[1] ?? 0)];
  // Nobody who began in the range is counted for what they did later than this.
  const until = to === undefined ? Infinity : to + (periods * LONGEST_DAYS[per] + SLACK_DAYS) * DAY_MS;
  const [begin, end] = [Math.max(from ?? earliest, earliest), Math.min(until, latest)];
  if (begin > end) return [];
  const stretches = cellStretches(per, timeZone, begin, end, MOST_WORDS * WORD_BITS);
  if (stretches?.some(({ cell }, i) => cell <= (stretches[i - 1]?.cell ?? -Infinity)) !== false) return undefined;
  const lowest = stretches[0]?.cell ?? 0;
  const count = (stretches.at(-1)?.cell ?? 0) - lowest + 1;
  if (count > MOST_WORDS * WORD_BITS) return undefined;
  const scope = query.scope({
    ...(includesTest === undefined ? {} : { includesTest }),
    ...(end < latest ? { to: end + 1 } : {}),
  });
  const rows = await query.rows(await countingSql(query, question, scope, stretches, lowest, count));
  return rows.map(([cell, people, ...places]) => ({
    cell: Number(cell),
    people: Number(people),
    back: Array.from({ length: periods }, (_, period) => Number(places[Number(cell) - lowest + period] ?? 0)),
  }));
}

/** A row for each cohort: its period, how many people, and how many of them came in each period from the lowest on. */
async function countingSql(
  query: Query,
  { from, to, first, back }: RetentionQuestion,
  scope: string,
  stretches: readonly CellStretch[],
  lowest: number,
  count: number,
): Promise<string> {
  const words = Array.from({ length: Math.ceil(count / WORD_BITS) }, (_, word) => word);
  const bit = (word: number, place: number): string =>
    `${Math.floor(place / WORD_BITS) === word ? 1n << BigInt(place % WORD_BITS) : 0n}::UBIGINT`;
  const bitAt = (word: number, column: string): string => choice(column, stretches, ({ cell }) => bit(word, cell - lowest));
  const cellAt = (column: string): string => choice(column, stretches, ({ cell }) => String(cell));
  const isSame = JSON.stringify(first) === JSON.stringify(back);
  const isFirst = query.selection(first);
  const isBack = isSame ? isFirst : query.selection(back);
  const only = (condition: string): string => (isSame ? '' : `FILTER (${condition})`);
  const range = ['began IS NOT NULL', ...(from === undefined ? [] : [`began >= ${from}`]), ...(to === undefined ? [] : [`began < ${to}`])];
  const who = (await query.hasLinks())
    ? 'SELECT raw.*, coalesce(links.root, raw.person) AS who FROM raw LEFT JOIN links ON links.person = raw.person'
    : 'SELECT *, person AS who FROM raw';
  // The first event that is one of coming back too, where there are others.
  const came = [...(isSame ? [] : ['min(began_back) AS began_back']), ...words.map((word) => `bit_or(came${word}) AS came${word}`)].join(
    ', ',
  );
  const counts = Array.from({ length: count }, (_, place) => {
    const word = Math.floor(place / WORD_BITS);
    const isAfter = isSame ? '' : ` AND (cohort <> ${lowest + place} OR is_after)`;
    return `count(*) FILTER (came${word} & ${bit(word, place)} <> 0${isAfter})`;
  });
  const raw = `raw AS (SELECT person, min(occurred_at) ${only(isFirst)} AS began, ${isSame ? '' : `min(occurred_at) FILTER ((${isFirst}) AND (${isBack})) AS began_back, `}
      ${words.map((word) => `bit_or(${bitAt(word, 'occurred_at')}) ${only(isBack)} AS came${word}`).join(', ')}
      FROM events WHERE person IS NOT NULL AND ${scope} AND ${isSame ? isFirst : `((${isFirst}) OR (${isBack}))`} GROUP BY person),
    known AS ${isSame ? '' : 'MATERIALIZED'} (${who}),
    people AS ${isSame ? '' : 'MATERIALIZED'} (SELECT *, ${cellAt('began')} AS cohort
      FROM (SELECT who, min(began) AS began, ${came} FROM known GROUP BY who) WHERE ${range.join(' AND ')})`;
  if (isSame) return `WITH ${raw} SELECT cohort, count(*), ${counts.join(', ')} FROM people GROUP BY cohort`;
  return `WITH ${raw},
    unsure AS (SELECT known.person, people.who, people.began, people.cohort FROM people JOIN known ON known.who = people.who
      WHERE people.began_back IS DISTINCT FROM people.began AND (${words.map((word) => `people.came${word} & ${bitAt(word, 'people.began')} <> 0`).join(' OR ')})),
    later AS (SELECT DISTINCT unsure.who FROM events JOIN unsure ON unsure.person = events.person
      WHERE ${scope} AND ${isBack} AND occurred_at >= unsure.began AND ${cellAt('occurred_at')} = unsure.cohort)
    SELECT cohort, count(*), ${counts.join(', ')}
      FROM (SELECT people.*, began_back IS NOT DISTINCT FROM began OR who IN (SELECT who FROM later) AS is_after FROM people) GROUP BY cohort`;
}

/** SQL that chooses among stretches of time by halves: six comparisons for sixty stretches, where a division by calendar takes five times as long. */
function choice(column: string, stretches: readonly CellStretch[], valueOf: (stretch: CellStretch) => string): string {
  const values: { readonly from: number; readonly value: string }[] = [];
  for (const stretch of stretches) {
    const value = valueOf(stretch);
    if (values.at(-1)?.value !== value) values.push({ from: stretch.from, value });
  }
  const among = (low: number, high: number): string => {
    const middle = Math.ceil((low + high) / 2);
    if (low === high) return values[low]?.value ?? 'NULL';
    return `CASE WHEN ${column} < ${values[middle]?.from ?? 0} THEN ${among(low, middle - 1)} ELSE ${among(middle, high)} END`;
  };
  return among(0, values.length - 1);
}
