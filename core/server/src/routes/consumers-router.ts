import { defineRoute } from '../http/route.ts';
import type { Route, Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

function switchRoute(verb: 'pause' | 'resume', summary: string): Route {
  return defineRoute<{ path: Identified }>({
    method: 'post',
    path: `/v1/consumers/{id}/${verb}`,
    summary,
    access: ['admin'],
    answer: 'Consumer',
    handle: async ({ tenant, path }) => {
      await tenant.consumers[verb](path.id);
      return required(
        (await tenant.consumers.list()).find(({ id }) => id === path.id),
        'NOT_FOUND',
        { consumer: path.id },
      );
    },
  });
}

/** Followers of the log. */
export const consumersRouter: Router = {
  tag: 'consumers',
  description: 'Followers of the log: how far they are, and what they set aside.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/consumers',
      summary: 'Consumers with their lag',
      access: ['read'],
      query: 'PageQuery',
      answer: 'ConsumerPage',
      handle: async ({ tenant, query }) => pageOf(await tenant.consumers.list(), query),
    }),
    switchRoute('pause', 'Stands still'),
    switchRoute('resume', 'Goes on'),
    defineRoute<{ path: Identified }>({
      method: 'post',
      path: '/v1/consumers/{id}/rebuild',
      summary: 'Makes its tables anew from the beginning of the log; its lag shows how far it is',
      access: ['admin'],
      answer: 'Consumer',
      handle: async ({ tenant, path }) => {
        await tenant.consumers.rebuild(path.id);
        return required(
          (await tenant.consumers.list()).find(({ id }) => id === path.id),
          'NOT_FOUND',
          { consumer: path.id },
        );
      },
    }),
    defineRoute<{ path: Identified; query: PageQuery }>({
      method: 'get',
      path: '/v1/consumers/{id}/set-aside',
      summary: 'Events set aside after their retries',
      access: ['read'],
      query: 'PageQuery',
      answer: 'SetAsidePage',
      handle: async ({ tenant, path, query }) =>
        pageOf(
          (await tenant.consumers.setAside(path.id)).map((event) => withInstants(event, ['at'])),
          query,
        ),
    }),
    defineRoute<{ path: Identified }>({
      method: 'post',
      path: '/v1/consumers/{id}/set-aside/retry',
      summary: 'Tries events that were set aside again, in order',
      access: ['admin'],
      answer: 'RetryAnswer',
      handle: ({ tenant, path }) => tenant.consumers.retrySetAside(path.id),
    }),
  ],
};
