import type { BreakdownAnswer, BreakdownQuestion } from '@tendril/plugin-api';
import { groupSql, scalarOf } from '../query.ts';
import type { Query } from '../query.ts';

const DEFAULT_LIMIT = 10;

/** Answers `breakdown`. */
export async function askBreakdown(query: Query, question: BreakdownQuestion): Promise<BreakdownAnswer> {
  const { limit = DEFAULT_LIMIT, property, events } = question;
  const group = groupSql(query.columns(property));
  const count = group.names.length;
  const names = group.names.join(', ');
  const rows = await query.rows(
    `SELECT ${names}, count(*) AS events, count(DISTINCT who) FROM (SELECT who, ${group.select} FROM ${await query.source()}
      WHERE ${query.scope(question)} AND ${query.selection(events)}) GROUP BY ${names} ORDER BY events DESC, ${group.order} LIMIT ${limit + 1}`,
  );
  return {
    values: rows
      .slice(0, limit)
      .map((row) => ({ value: scalarOf(row, 0, count), events: Number(row[count]), people: Number(row[count + 1]) })),
    isCut: rows.length > limit,
  };
}
