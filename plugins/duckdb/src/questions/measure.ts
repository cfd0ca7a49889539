import type { CountQuestion, MeasuredAnswer, MeasuredGroup, NumberQuestion, SeriesPoint, UniquesQuestion } from '@tendril/plugin-api';
import { localTime } from '../local-time.ts';
import type { LocalTime } from '../local-time.ts';
import { groupSql, scalarOf } from '../query.ts';
import type { Query } from '../query.ts';
import { sessionised } from './sessions.ts';

type MeasuringQuestion = CountQuestion | NumberQuestion | UniquesQuestion;

const DEFAULT_LIMIT = 10;
const AGGREGATES = { sum: 'sum', average: 'avg', minimum: 'min', maximum: 'max' } as const;

/** Answers `count`, `number` and `uniques`. */
export async function askMeasure(query: Query, question: MeasuringQuestion, zone: string): Promise<MeasuredAnswer> {
  const { per, by, limit = DEFAULT_LIMIT, timeZone = zone } = question;
  const time = per === undefined ? undefined : await localTime(query, per, timeZone, zone);
  const { value, needed } = measureOf(query, question);
  const isOfSessions = question.ask === 'uniques' && question.of === 'sessions';
  const isOfPeople = question.ask === 'uniques' && question.of === 'people';
  // Who it was is looked up only where it counts: that is a join over all events.
  const source = isOfSessions ? await sessionised(query, question) : isOfPeople ? await query.source() : 'events';
  const group = groupSql(by === undefined ? [] : query.columns(by));
  const names = group.names.join(', ');
  const count = group.names.length;
  const base = `WITH chosen AS (SELECT *, ${group.select}, ${time?.cell ?? '0'} AS cell FROM ${source}
    WHERE ${query.scope(question)} AND ${query.selection(question.events)} AND ${needed})`;
  if (by === undefined) {
    const [whole] = await query.rows(`${base} SELECT ${value} FROM chosen`);
    const series = time === undefined ? [] : await query.rows(`${base} SELECT cell, ${value} FROM chosen GROUP BY cell`);
    return { groups: [{ ...valued(whole?.[0]), ...(time === undefined ? {} : { series: seriesOf(series, time) }) }], isCut: false };
  }
  const top = `top AS (SELECT ${names}, count(*) AS events, ${value} AS value FROM chosen GROUP BY ${names} ORDER BY events DESC, ${group.order} LIMIT ${limit + 1})`;
  const rows = await query.rows(`${base}, ${top} SELECT ${names}, value FROM top ORDER BY events DESC, ${group.order}`);
  const same = group.names.map((name) => `chosen.${name} IS NOT DISTINCT FROM top.${name}`).join(' AND ');
  const cells =
    time === undefined
      ? []
      : await query.rows(
          `${base}, ${top} SELECT ${group.names.map((name) => `chosen.${name}`).join(', ')}, cell, ${value} FROM chosen SEMI JOIN top ON ${same} GROUP BY ALL`,
        );
  const seriesByGroup = Map.groupBy(cells, (row) => keyOf(scalarOf(row, 0, count)));
  const groups = rows.slice(0, limit).map((row): MeasuredGroup => {
    const found = scalarOf(row, 0, count);
    const series = (seriesByGroup.get(keyOf(found)) ?? []).map((cell) => cell.slice(count));
    return { group: found, ...valued(row[count]), ...(time === undefined ? {} : { series: seriesOf(series, time) }) };
  });
  return { groups, isCut: rows.length > limit };
}

/** What is counted, and what a row needs to be counted at all. */
function measureOf(query: Query, question: MeasuringQuestion): { readonly value: string; readonly needed: string } {
  if (question.ask === 'count') return { value: 'count(*)', needed: 'TRUE' };
  if (question.ask === 'number') {
    const column = query.numbers(question.property);
    return { value: `${AGGREGATES[question.take]}(${column})`, needed: `${column} IS NOT NULL` };
  }
  if (question.of === 'people') return { value: 'count(DISTINCT who)', needed: 'who IS NOT NULL' };
  if (question.of === 'sessions') return { value: 'count(DISTINCT (who, session))', needed: 'TRUE' };
  const columns = query.columns(question.of.property);
  if (columns.length === 0) return { value: 'count(*)', needed: 'FALSE' };
  return {
    value: columns.map(({ sql }) => `count(DISTINCT ${sql})`).join(' + '),
    needed: `(${columns.map(({ sql }) => `${sql} IS NOT NULL`).join(' OR ')})`,
  };
}

function seriesOf(rows: readonly (readonly unknown[])[], time: LocalTime): readonly SeriesPoint[] {
  return rows
    .map(([cell, value]) => ({ cell: Number(cell), value }))
    .toSorted((a, b) => time.order(a.cell) - time.order(b.cell))
    .map(({ cell, value }) => ({ at: time.label(cell), ...valued(value) }));
}

function valued(value: unknown): { readonly value?: number } {
  return value === null || value === undefined ? {} : { value: Number(value) };
}

function keyOf(value: unknown): string {
  return JSON.stringify(value);
}
