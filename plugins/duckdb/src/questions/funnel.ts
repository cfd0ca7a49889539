import type { DuckDBConnection } from '@duckdb/node-api';
import type { FunnelAnswer, FunnelQuestion, FunnelStep, Scalar } from '@tendril/plugin-api';
import { groupSql, scalarOf } from '../query.ts';
import type { Query, ReadColumn } from '../query.ts';
import { Attempts } from './attempts.ts';

const DEFAULT_LIMIT = 10;

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
  const { steps, windowMs, by, from, to, limit = DEFAULT_LIMIT, includesTest } = question;
  const conditions = steps.map((step) => query.selection(step));
  const last = to === undefined ? undefined : to + windowMs + 1;
  const scope = query.scope({
    ...(from === undefined ? {} : { from }),
    ...(last === undefined ? {} : { to: last }),
    ...(includesTest === undefined ? {} : { includesTest }),
  });
  const columns: readonly ReadColumn[] = by === undefined ? [] : query.columns(by);
  const group = groupSql(columns);
  const mask = conditions.map(
    (condition, i) => `CASE WHEN ${condition} ${i === 0 && to !== undefined ? `AND occurred_at < ${to}` : ''} THEN ${1 << i} ELSE 0 END`,
  );
  const result = await connection.stream(
    `SELECT who::DOUBLE, occurred_at::DOUBLE, (${mask.join(' + ')})::DOUBLE AS mask${by === undefined ? '' : `, ${group.select}`} FROM ${await query.source()}
      WHERE who IS NOT NULL AND ${scope} AND (${conditions.map((condition) => `(${condition})`).join(' OR ')}) ORDER BY who, occurred_at, position`,
    query.values,
  );
  const groups = new Map<string, { readonly group: Scalar | null; readonly counted: Counted }>();
  const attempts = new Attempts(steps.length, windowMs, (reached, times, value) => {
    const key = JSON.stringify(value);
    let found = groups.get(key);
    if (found === undefined)
      groups.set(key, (found = { group: value, counted: { people: steps.map(() => 0), durations: steps.map(() => []) } }));
    count(found.counted, reached, times);
  });
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const [who, at, bits] = [0, 1, 2].map((i) => numbersOf(chunk.getColumnVector(i)));
    if (who === undefined || at === undefined || bits === undefined) break;
    const values = by === undefined ? undefined : group.names.map((_, i) => chunk.getColumnValues(3 + i));
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const value =
        values === undefined
          ? null
          : scalarOf(
              values.map((column) => column[row] ?? null),
              0,
              values.length,
            );
      attempts.add(who[row] ?? 0, at[row] ?? 0, bits[row] ?? 0, value);
    }
  }
  attempts.end();
  const all = [...groups.values()].toSorted(
    (a, b) => (b.counted.people[0] ?? 0) - (a.counted.people[0] ?? 0) || compareScalars(a.group, b.group),
  );
  if (by !== undefined)
    return { groups: all.slice(0, limit).map((one) => ({ group: one.group, steps: stepsOf(one.counted) })), isCut: all.length > limit };
  return { groups: [{ steps: stepsOf(all[0]?.counted ?? { people: steps.map(() => 0), durations: steps.map(() => []) }) }], isCut: false };
}

function numbersOf(vector: unknown): Float64Array {
  // The query casts all three to DOUBLE, whose vectors hold them so.
  return (vector as { readonly items: Float64Array }).items;
}

function count({ people, durations }: Counted, reached: number, times: readonly number[]): void {
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
