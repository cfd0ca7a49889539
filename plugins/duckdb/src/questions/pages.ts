import type { PagesAnswer, PagesQuestion } from '@tendril/plugin-api';
import type { Query } from '../query.ts';
import { sessionised } from './sessions.ts';

const DEFAULT_LIMIT = 20;

/** Answers `pages`. */
export async function askPages(query: Query, question: PagesQuestion): Promise<PagesAnswer> {
  const { limit = DEFAULT_LIMIT, where = [], from, to } = question;
  const range = query.scope({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), includesTest: true });
  const rows = await query.rows(
    `SELECT path, count(*) AS views, count(DISTINCT who), median(stay)
      FROM (SELECT *, CASE WHEN lead(session) OVER w = session THEN lead(occurred_at) OVER w - occurred_at END AS stay
        FROM ${await sessionised(query, question)} WINDOW w AS (PARTITION BY who ORDER BY occurred_at, position))
      WHERE kind = 'page' AND path IS NOT NULL AND ${[range, ...where.map((filter) => query.filter(filter))].join(' AND ')}
      GROUP BY path ORDER BY views DESC, path LIMIT ${limit + 1}`,
  );
  return {
    pages: rows.slice(0, limit).map(([path, views, people, medianMs]) => ({
      path: String(path),
      views: Number(views),
      people: Number(people),
      ...(medianMs === null ? {} : { medianMs: Number(medianMs) }),
    })),
    isCut: rows.length > limit,
  };
}
