import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Router, RouteRequest } from '../http/route.ts';
import { callReadAction } from './call-read-action.ts';
import type { PageQuery } from './pages.ts';

async function findLead(request: RouteRequest<unknown, unknown, unknown>, person: string): Promise<JsonObject> {
  try {
    return { items: [await callReadAction(request, 'leads.get', { person })] };
  } catch (failure) {
    if (TendrilError.is(failure) && failure.code === 'NOT_FOUND') return { items: [] };
    throw failure;
  }
}

/** Leads, from the plugin `leads`. */
export const leadsRouter: Router = {
  tag: 'leads',
  description: 'People who may become customers, with their probability. Answers come from the plugin `leads`.',
  routes: [
    defineRoute<{ query: PageQuery & { readonly status?: string; readonly person?: string } }>({
      method: 'get',
      path: '/v1/leads',
      summary: 'Leads by probability, highest first',
      access: ['read'],
      query: 'LeadQuery',
      answer: 'LeadPage',
      handle: (request) => {
        const { person, ...page } = request.query;
        return person === undefined ? callReadAction(request, 'leads.list', { ...page }) : findLead(request, person);
      },
    }),
    defineRoute<{ path: { readonly id: string } }>({
      method: 'get',
      path: '/v1/leads/{id}',
      summary: 'A lead with the reasons of its score',
      access: ['read'],
      answer: 'Lead',
      handle: (request) => callReadAction(request, 'leads.get', { id: request.path.id }),
    }),
  ],
};
