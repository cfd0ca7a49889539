import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { FunnelAnswer, FunnelQuestion, FunnelStep, Scalar } from '@tendril/plugin-api';
import { groupSql, scalarOf } from '../query.ts';
import type { Query } from '../query.ts';
import { Attempts } from './attempts.ts';

const DEFAULT_LIMIT = 10;
/** Who, when, and what it can be; values of `by` come behind these. */
const NUMBERS = 3;

/** What one value of `by` came to. */
interface Counted {
  readonly people: number[];
  readonly durations: number[][];
}

/**
 * Answers `funnel`: the file sorts what could be a step by person and time, and each person's is walked through once. (The same in SQL
 * takes a sort for every step.)
 */
export async function askFunnel(query: Query, question: FunnelQuestion, connection: DuckDBConnection): Promise<FunnelAnswer> {
  const { steps, windowMs, by, limit = DEFAULT_LIMIT } = question;
  const nobody = (): Counted => ({ people: steps.map(() => 0), durations: steps.map(() => []) });
  const counted = new Map<number, Counted>();
  const attempts = new Attempts(steps.length, windowMs, (reached, times, group) => {
    let found = counted.get(group);
    if (found === undefined) counted.set(group, (found = nobody()));
    count(found, reached, times);
  });
  const groups: (Scalar | null)[] = [];
  const numbers = new Map<Scalar | null, number>();
  const numberOf = (value: Scalar | null): number => {
    const known = numbers.get(value) ?? groups.length;
    if (known === groups.length) {
      numbers.set(value, known);
      groups.push(value);
    }
    return known;
  };
  const group = by === undefined ? [] : groupSql(query.columns(by)).names;
  const result = await connection.stream(await stepsSql(query, question), query.values);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [who, at, bits] = [numbersOf(chunk, 0), numbersOf(chunk, 1), numbersOf(chunk, 2)];
    const said = group.map((_, i) => chunk.getColumnVector(NUMBERS + i));
    for (let row = 0, { length } = who; row < length; row += 1) {
      const mask = bits[row] ?? 0;
      const isGrouped = by !== undefined && (mask & 1) !== 0;
      const number = isGrouped
        ? numberOf(
            scalarOf(
              said.map((vector) => vector.getItem(row)),
              0,
              said.length,
            ),
          )
        : 0;
      attempts.add(who[row] ?? 0, at[row] ?? 0, mask, number);
    }
  }
  attempts.end();
  if (by === undefined) return { groups: [{ steps: stepsOf(counted.get(0) ?? nobody()) }], isCut: false };
  const all = [...counted]
    .map(([number, one]) => ({ group: groups[number] ?? null, one }))
    .toSorted((a, b) => (b.one.people[0] ?? 0) - (a.one.people[0] ?? 0) || compareScalars(a.group, b.group));
  return { groups: all.slice(0, limit).map((one) => ({ group: one.group, steps: stepsOf(one.one) })), isCut: all.length > limit };
}

/** What could be a step, by person and time. Who it was is looked up for these only, and not for all events. */
async function stepsSql(query: Query, { steps, windowMs, by, from, to, includesTest }: FunnelQuestion): Promise<string> {
  const masks = steps.map((step, i) => {
    const begins = i === 0 && to !== undefined ? ` AND occurred_at < ${to}` : '';
    return `CASE WHEN ${query.selection(step)}${begins} THEN ${1 << i} ELSE 0 END`;
  });
  const scope = query.scope({
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to: to + windowMs + 1 }),
    ...(includesTest === undefined ? {} : { includesTest }),
  });
  const group = by === undefined ? undefined : groupSql(query.columns(by));
  const [who, links] = (await query.hasLinks())
    ? ['coalesce(links.root, events.person)', 'LEFT JOIN links ON links.person = events.person']
    : ['events.person', ''];
  const shown = ['who::DOUBLE', 'occurred_at::DOUBLE', 'bits::DOUBLE', ...(group?.names ?? [])].join(', ');
  // That it can be any step at all is asked of the number: of the names it takes 70 ms of processor time more for ten million events.
  return `SELECT ${shown} FROM (
      SELECT events.*, ${who} AS who FROM (
        SELECT * FROM (
          SELECT person, occurred_at, position, (${masks.join(' + ')}) AS bits${group === undefined ? '' : `, ${group.select}`}
          FROM events WHERE person IS NOT NULL AND ${scope}) WHERE bits <> 0) AS events ${links})
    ORDER BY who, occurred_at, position`;
}

/** A column that is cast to DOUBLE, whose vectors hold numbers as they are. */
function numbersOf(chunk: DuckDBDataChunk, column: number): Float64Array {
  return (chunk.getColumnVector(column) as unknown as { readonly items: Float64Array }).items;
}

function count({ people, durations }: Counted, reached: number, times: Float64Array): void {
  for (let step = 0; step < reached; step += 1) {
    people[step] = (people[step] ?? 0) + 1;
    if (step > 0) durations[step]?.push((times[step] ?? 0) - (times[step - 1] ?? 0));
  }
}

function stepsOf({ people, durations }: Counted): readonly FunnelStep[] {
  return people.map((count_, step) => {
    const before = people[step - 1] ?? count_;
    const medianMs = median(durations[step] ?? []);
    return {
      people: count_,
      ofFirstRatio: ratio(count_, people[0] ?? 0),
      ofPreviousRatio: ratio(count_, before),
      ...(medianMs === undefined ? {} : { medianMs }),
    };
  });
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function median(values: readonly number[]): number | undefined {
  const sorted = Float64Array.from(values).toSorted();
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  return sorted.length % 2 === 1 || upper === undefined ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Numbers, then texts, then booleans, then none. */
function compareScalars(a: Scalar | null, b: Scalar | null): number {
  const kind = (value: Scalar | null): number => (value === null ? 3 : ['number', 'string', 'boolean'].indexOf(typeof value));
  if (kind(a) !== kind(b)) return kind(a) - kind(b);
  if (a === b || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}
