import type { SessionFigures, SessionsAnswer, SessionsQuestion } from '@tendril/plugin-api';
import { localTime } from '../local-time.ts';
import type { LocalTime } from '../local-time.ts';
import { DONE_BY_PEOPLE } from '../query.ts';
import type { Query } from '../query.ts';

const DEFAULT_GAP_MS = 30 * 60_000;

/**
 * SQL for what people did, each row with the number of its session. Made of the times at which things happened, so that events that came late
 * are where they belong.
 */
export async function sessionised(
  query: Query,
  {
    sessionGapMs = DEFAULT_GAP_MS,
    includesTest,
  }: { readonly sessionGapMs?: number | undefined; readonly includesTest?: boolean | undefined },
): Promise<string> {
  const test = includesTest === true ? '' : 'AND NOT is_test';
  return `(SELECT *, sum(begins) OVER (PARTITION BY who ORDER BY occurred_at, position ROWS UNBOUNDED PRECEDING)::BIGINT AS session
    FROM (SELECT *, CASE WHEN occurred_at - lag(occurred_at) OVER (PARTITION BY who ORDER BY occurred_at, position) < ${sessionGapMs} THEN 0 ELSE 1 END AS begins
      FROM ${await query.source()} WHERE who IS NOT NULL AND ${DONE_BY_PEOPLE} ${test}))`;
}

/** Answers `sessions`. */
export async function askSessions(query: Query, question: SessionsQuestion, zone: string): Promise<SessionsAnswer> {
  const { from, to, per, timeZone = zone } = question;
  const source = await sessionised(query, question);
  const time = per === undefined ? undefined : await localTime(query, per, timeZone, zone);
  const range = [...(from === undefined ? [] : [`began >= ${from}`]), ...(to === undefined ? [] : [`began < ${to}`]), 'TRUE'].join(' AND ');
  const sessions = `SELECT who, began, ended - began AS duration, events, ${time === undefined ? '0' : time.cell.replaceAll('occurred_at', 'began')} AS cell
    FROM (SELECT who, session, min(occurred_at) AS began, max(occurred_at) AS ended, count(*) AS events, arg_min(zone, position) AS zone FROM ${source} GROUP BY who, session) WHERE ${range}`;
  const figures =
    'count(*), count(DISTINCT who), coalesce(sum(events), 0)::DOUBLE, coalesce(avg(duration), 0), coalesce(median(duration), 0), count(*) FILTER (WHERE events = 1)';
  const rows = await query.rows(
    `WITH sessions AS MATERIALIZED (${sessions}) SELECT NULL, ${figures} FROM sessions${time === undefined ? '' : ` UNION ALL SELECT cell, ${figures} FROM sessions GROUP BY cell`}`,
  );
  const whole = rows.find(([cell]) => cell === null) ?? [];
  return { ...figuresOf(whole), ...(time === undefined ? {} : { series: seriesOf(rows, time) }) };
}

function seriesOf(rows: readonly (readonly unknown[])[], time: LocalTime): SessionsAnswer['series'] & object {
  return rows
    .filter(([cell]) => cell !== null)
    .map((row) => ({ cell: Number(row[0]), figures: figuresOf(row) }))
    .toSorted((a, b) => time.order(a.cell) - time.order(b.cell))
    .map(({ cell, figures }) => ({ at: time.label(cell), ...figures }));
}

function figuresOf([, sessions, people, events, average, median, bounced]: readonly unknown[]): SessionFigures {
  const count = Number(sessions ?? 0);
  return {
    sessions: count,
    people: Number(people ?? 0),
    events: Number(events ?? 0),
    averageDurationMs: Number(average ?? 0),
    medianDurationMs: Number(median ?? 0),
    bounceRatio: count === 0 ? 0 : Number(bounced ?? 0) / count,
  };
}
