import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import type { EnvironmentQuery, Identified } from './environments.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';
import { showBackfill } from './show-answers.ts';

interface NewBackfill {
  readonly from: string;
  readonly to?: string;
  readonly perMinute?: number;
  readonly isDry?: boolean;
}

/** Starting runs for past events. */
export const backfillsRouter: Router = {
  tag: 'backfills',
  description: 'Runs for past events, only when somebody asks for them.',
  routes: [
    defineRoute<{ path: Identified; query: EnvironmentQuery; body: NewBackfill }>({
      method: 'post',
      path: '/v1/pipelines/{id}/backfills',
      summary: 'Starts runs for past events that fit, or counts them',
      description: 'An event that started a run before starts none. It goes on by itself; a dry one is counted before the answer.',
      access: ['pipelines'],
      query: 'EnvironmentQuery',
      body: 'BackfillRequest',
      answer: 'Backfill',
      handle: async ({ tenant, path, query, body: { from, to, ...options } }) =>
        showBackfill(
          await tenant.ask.backfill(path.id, {
            ...query,
            ...options,
            from: Date.parse(from),
            ...(to === undefined ? {} : { to: Date.parse(to) }),
          }),
        ),
    }),
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/backfills',
      summary: 'Backfills, newest first',
      access: ['read'],
      query: 'PageQuery',
      answer: 'BackfillPage',
      handle: async ({ tenant, query }) => pageOf((await tenant.ask.backfills()).map(showBackfill), query),
    }),
    defineRoute<{ path: Identified }>({
      method: 'post',
      path: '/v1/backfills/{id}/cancel',
      summary: 'Starts no more runs',
      access: ['pipelines'],
      answer: 'Backfill',
      handle: async ({ tenant, path }) => {
        await tenant.ask.cancelBackfill(path.id);
        const found = (await tenant.ask.backfills()).find(({ id }) => id === path.id);
        return showBackfill(required(found, 'NOT_FOUND', { what: 'backfill', backfill: path.id }));
      },
    }),
  ],
};
