import type { JsonObject } from '@tendril/plugin-api';
import { isObject } from '../http/parse-json.ts';
import { defineRoute } from '../http/route.ts';
import type { Router, RouteRequest } from '../http/route.ts';
import { callReadAction } from './call-read-action.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

interface Known {
  readonly email?: string | undefined;
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
}

async function findPerson(request: RouteRequest<unknown, unknown, unknown>, known: Known): Promise<JsonObject> {
  const { person } = await callReadAction(request, 'profiles.find', { ...known });
  return { items: isObject(person) ? [person] : [] };
}

const TIMELINE_LENGTH = 50;

/** People and their timelines, from the plugin `profiles`. */
export const peopleRouter: Router = {
  tag: 'people',
  description: 'Whom events are about. Answers come from the plugin `profiles`.',
  routes: [
    defineRoute<{ query: PageQuery & Known }>({
      method: 'get',
      path: '/v1/people',
      summary: 'People, last seen first; or the one with an address or identity',
      access: ['read'],
      query: 'PeopleQuery',
      answer: 'PersonPage',
      handle: (request) => {
        const { email, userId, anonymousId, ...page } = request.query;
        const isKnown = email !== undefined || userId !== undefined || anonymousId !== undefined;
        return isKnown ? findPerson(request, { email, userId, anonymousId }) : callReadAction(request, 'profiles.list', { ...page });
      },
    }),
    defineRoute<{ path: Identified }>({
      method: 'get',
      path: '/v1/people/{id}',
      summary: 'A person, with the newest entries of the timeline',
      access: ['read'],
      answer: 'PersonWithTimeline',
      handle: async (request) => {
        const person = await callReadAction(request, 'profiles.get', { id: request.path.id });
        return { ...person, timeline: await callReadAction(request, 'profiles.timeline', { id: request.path.id, limit: TIMELINE_LENGTH }) };
      },
    }),
    defineRoute<{ path: Identified; query: PageQuery }>({
      method: 'get',
      path: '/v1/people/{id}/timeline',
      summary: "A person's timeline, newest first",
      access: ['read'],
      query: 'PageQuery',
      answer: 'TimelinePage',
      handle: (request) => callReadAction(request, 'profiles.timeline', { id: request.path.id, ...request.query }),
    }),
  ],
};
