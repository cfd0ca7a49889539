import type { RetentionAnswer, RetentionQuestion } from '@tendril/plugin-api';
import { localTime } from '../local-time.ts';
import type { Query } from '../query.ts';

/** Answers `retention`. Which periods somebody came back in are the bits of a number: there are at most 60. */
export async function askRetention(query: Query, question: RetentionQuestion, zone: string): Promise<RetentionAnswer> {
  const { from, to, per, periods, first, back, includesTest, timeZone = zone } = question;
  const time = await localTime(query, per, timeZone, zone);
  const source = await query.source();
  const scope = query.scope({ ...(includesTest === undefined ? {} : { includesTest }) });
  const range = [...(from === undefined ? [] : [`began >= ${from}`]), ...(to === undefined ? [] : [`began < ${to}`]), 'TRUE'].join(' AND ');
  const since = from === undefined ? '' : `AND occurred_at >= ${from}`;
  const rows = await query.rows(
    `WITH firsts AS MATERIALIZED (SELECT who, began, ${time.cell.replaceAll('occurred_at', 'began')} AS cohort
        FROM (SELECT who, min(occurred_at) AS began FROM ${source} WHERE who IS NOT NULL AND ${scope} AND ${query.selection(first)} GROUP BY who) WHERE ${range}),
      returns AS (SELECT who, occurred_at, ${time.cell} AS cell FROM ${source} WHERE who IS NOT NULL AND ${scope} ${since} AND ${query.selection(back)}),
      came AS (SELECT firsts.who, any_value(cohort) AS cohort, bit_or(1::BIGINT << (cell - cohort)::INTEGER) AS bits
        FROM returns JOIN firsts ON firsts.who = returns.who WHERE occurred_at >= began AND cell - cohort < ${periods} GROUP BY firsts.who)
      SELECT cohort, NULL, count(*) FROM firsts GROUP BY cohort UNION ALL SELECT cohort, bits, count(*) FROM came GROUP BY cohort, bits`,
  );
  const cohorts = new Map<number, { people: number; readonly back: number[] }>();
  const cohortOf = (cell: unknown): { people: number; readonly back: number[] } => {
    const known = cohorts.get(Number(cell));
    const found = known ?? { people: 0, back: new Array<number>(periods).fill(0) };
    if (known === undefined) cohorts.set(Number(cell), found);
    return found;
  };
  for (const [cell, bits, count] of rows) {
    const cohort = cohortOf(cell);
    if (bits === null) cohort.people += Number(count);
    else
      for (let n = 0; n < periods; n += 1)
        if (((BigInt(String(bits)) >> BigInt(n)) & 1n) === 1n) cohort.back[n] = (cohort.back[n] ?? 0) + Number(count);
  }
  return {
    cohorts: [...cohorts].toSorted(([a], [b]) => a - b).map(([cell, cohort]) => ({ at: time.label(cell), ...cohort })),
  };
}
