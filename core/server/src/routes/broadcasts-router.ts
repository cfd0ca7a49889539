import type { JsonObject } from '@tendril/plugin-api';
import type { BroadcastInfo } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Route, Router, RouteRequest } from '../http/route.ts';
import type { EnvironmentQuery, Identified } from './environments.ts';
import { withInstants } from './instants.ts';
import { mapPage, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

// Enough for as many ids as the schema takes.
const PEOPLE_BYTES = 8 * 1024 * 1024;

interface NewBroadcast {
  readonly people?: readonly string[];
  readonly segment?: string;
  readonly perMinute?: number;
  readonly input?: JsonObject;
  readonly isTest?: boolean;
}

function show(broadcast: BroadcastInfo): object {
  return withInstants(broadcast, ['createdAt', 'endedAt']);
}

async function find({ tenant, path }: RouteRequest<Identified, unknown, unknown>): Promise<object> {
  return show(required(await tenant.broadcasts.get(path.id), 'NOT_FOUND', { what: 'broadcast', broadcast: path.id }));
}

function switchRoute(verb: 'pause' | 'resume', summary: string): Route {
  return defineRoute<{ path: Identified }>({
    method: 'post',
    path: `/v1/broadcasts/{id}/${verb}`,
    summary,
    access: ['pipelines', 'actions'],
    answer: 'Broadcast',
    handle: async (request) => {
      await request.tenant.broadcasts[verb](request.path.id);
      return find(request);
    },
  });
}

/** Sending a pipeline to many people, and how far that has come. */
export const broadcastsRouter: Router = {
  tag: 'broadcasts',
  description: 'One run for each person of a list or segment, paced.',
  routes: [
    defineRoute<{ path: Identified; query: EnvironmentQuery; body: NewBroadcast }>({
      method: 'post',
      path: '/v1/pipelines/{id}/broadcasts',
      summary: 'Sends a pipeline to many people, each of them once',
      description: 'Refused with INPUT_INVALID when the trigger of the pipeline is no broadcast.',
      access: ['pipelines', 'actions'],
      query: 'EnvironmentQuery',
      body: 'NewBroadcast',
      bodyBytes: PEOPLE_BYTES,
      isBodyOptional: true,
      takesIdempotencyKey: true,
      status: 201,
      answer: 'Broadcast',
      handle: async ({ tenant, path, query, body, idempotencyKey }) =>
        show(await tenant.broadcasts.send(path.id, { ...query, ...body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })),
    }),
    defineRoute<{ query: PageQuery & { readonly pipeline?: string } }>({
      method: 'get',
      path: '/v1/broadcasts',
      summary: 'Broadcasts, newest first',
      access: ['read'],
      query: 'BroadcastQuery',
      answer: 'BroadcastPage',
      handle: async ({ tenant, query }) => mapPage(await tenant.broadcasts.list(query), show),
    }),
    defineRoute<{ path: Identified }>({
      method: 'get',
      path: '/v1/broadcasts/{id}',
      summary: 'How far a broadcast has come',
      access: ['read'],
      answer: 'Broadcast',
      handle: find,
    }),
    switchRoute('pause', 'Starts no more runs until it is resumed'),
    switchRoute('resume', 'Goes on'),
    defineRoute<{ path: Identified; body: { readonly withRuns?: boolean } }>({
      method: 'post',
      path: '/v1/broadcasts/{id}/cancel',
      summary: 'Starts no more runs, ever',
      access: ['pipelines', 'actions'],
      body: 'BroadcastCancellation',
      isBodyOptional: true,
      answer: 'Broadcast',
      handle: async (request) => {
        await request.tenant.broadcasts.cancel(request.path.id, request.body);
        return find(request);
      },
    }),
  ],
};
