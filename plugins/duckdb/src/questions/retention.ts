import type { RetentionAnswer, RetentionQuestion } from '@tendril/plugin-api';
import { cellLabel } from '../calendar.ts';
import { localTime } from '../local-time.ts';
import type { Query } from '../query.ts';
import { countReturns } from './returns.ts';

/** Answers `retention`. */
export async function askRetention(query: Query, question: RetentionQuestion, zone: string): Promise<RetentionAnswer> {
  const cohorts = await countReturns(query, question, zone);
  if (cohorts === undefined) return countByPeriod(query, question, zone);
  return {
    cohorts: cohorts
      .toSorted((a, b) => a.cell - b.cell)
      .map(({ cell, people, back }) => ({ at: cellLabel(question.per, cell), people, back })),
  };
}

/**
 * All events are read once, into one row for each person and period, with when they began in it and when they last came;
 * merged people are put together after that.
 */
async function countByPeriod(query: Query, question: RetentionQuestion, zone: string): Promise<RetentionAnswer> {
  const { from, to, per, periods, first, back, includesTest, timeZone = zone } = question;
  const time = await localTime(query, per, timeZone, zone);
  const scope = query.scope({ ...(includesTest === undefined ? {} : { includesTest }) });
  const range = [...(from === undefined ? [] : [`began >= ${from}`]), ...(to === undefined ? [] : [`began < ${to}`]), 'TRUE'].join(' AND ');
  const isSame = JSON.stringify(first) === JSON.stringify(back);
  const isFirst = query.selection(first);
  const isBack = isSame ? isFirst : query.selection(back);
  const wanted = isSame ? isFirst : `((${isFirst}) OR (${isBack}))`;
  const only = (condition: string): string => (isSame ? '' : `FILTER (${condition})`);
  const people = (await query.hasLinks())
    ? `SELECT coalesce(links.root, raw.person) AS who, cell, min(began) AS began, max(last_at) AS last_at
        FROM raw LEFT JOIN links ON links.person = raw.person GROUP BY who, cell`
    : 'SELECT person AS who, cell, began, last_at FROM raw';
  const rows = await query.rows(
    `WITH raw AS (SELECT person, ${time.cell} AS cell, min(occurred_at) ${only(isFirst)} AS began, max(occurred_at) ${only(isBack)} AS last_at
        FROM events WHERE person IS NOT NULL AND ${scope} AND ${wanted} GROUP BY ALL),
      cells AS MATERIALIZED (${people}),
      firsts AS MATERIALIZED (SELECT * FROM (SELECT who, min(began) AS began, arg_min(cell, began) AS cohort FROM cells GROUP BY who)
        WHERE began IS NOT NULL AND ${range})
      SELECT cohort, NULL, count(*) FROM firsts GROUP BY cohort
      UNION ALL SELECT cohort, (cell - cohort)::DOUBLE AS period, count(*) FROM cells JOIN firsts ON firsts.who = cells.who
        WHERE last_at >= firsts.began AND cell >= cohort AND cell - cohort < ${periods} GROUP BY cohort, period`,
  );
  const cohorts = new Map<number, { people: number; readonly back: number[] }>();
  const cohortOf = (cell: unknown): { people: number; readonly back: number[] } => {
    const known = cohorts.get(Number(cell));
    const found = known ?? { people: 0, back: new Array<number>(periods).fill(0) };
    if (known === undefined) cohorts.set(Number(cell), found);
    return found;
  };
  for (const [cell, period, count] of rows) {
    const cohort = cohortOf(cell);
    if (period === null) cohort.people += Number(count);
    else cohort.back[Number(period)] = Number(count);
  }
  return {
    cohorts: [...cohorts].toSorted(([a], [b]) => a - b).map(([cell, cohort]) => ({ at: time.label(cell), ...cohort })),
  };
}
