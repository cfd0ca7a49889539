import type { LoggedEvent } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { mapPage } from './pages.ts';
import type { PageQuery } from './pages.ts';

/** An event as it goes over HTTP. */
export function showEvent(event: LoggedEvent): object {
  return withInstants(event, ['occurredAt', 'receivedAt']);
}

/** Reading the log back, and its quarantine. */
export const eventsRouter: Router = {
  tag: 'events',
  description: 'Facts that applications sent and that the hub reported itself.',
  routes: [
    defineRoute<{ query: PageQuery & { readonly name?: string; readonly person?: string } }>({
      method: 'get',
      path: '/v1/events',
      summary: 'Events, newest first',
      access: ['read'],
      query: 'EventQuery',
      answer: 'EventPage',
      handle: async ({ tenant, query }) => mapPage(await tenant.events.list(query), showEvent),
    }),
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/events/quarantine',
      summary: 'Events that did not match the schema of their name',
      access: ['read'],
      query: 'PageQuery',
      answer: 'QuarantinePage',
      handle: async ({ tenant, query }) => mapPage(await tenant.events.quarantined(query), (event) => withInstants(event, ['receivedAt'])),
    }),
    defineRoute<{ body: { readonly ids?: readonly string[] } }>({
      method: 'post',
      path: '/v1/events/quarantine/replay',
      summary: 'Checks quarantined events again; those that pass enter the log',
      access: ['write'],
      body: 'ReplayRequest',
      isBodyOptional: true,
      answer: 'ReplayAnswer',
      handle: ({ tenant, body }) => tenant.events.replayQuarantine(body.ids),
    }),
  ],
};
