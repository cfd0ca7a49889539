import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import type { ReadOverview } from '../stream/overview.ts';

/** Counts for the first page. */
export function createOverviewRouter(readOverview: ReadOverview): Router {
  return {
    tag: 'overview',
    description: 'How everything stands, in one answer.',
    routes: [
      defineRoute({
        method: 'get',
        path: '/v1/overview',
        summary: 'Counts of everything',
        access: ['read'],
        answer: 'Overview',
        handle: readOverview,
      }),
    ],
  };
}
