import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { callReadAction } from './call-read-action.ts';
import type { PageQuery } from './pages.ts';

/** Leads, from the plugin `leads`. */
export const leadsRouter: Router = {
  tag: 'leads',
  description: 'People who may become customers, with their probability. Answers come from the plugin `leads`.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/leads',
      summary: 'Leads by probability, highest first',
      access: ['read'],
      query: 'LeadQuery',
      answer: 'LeadPage',
      handle: (request) => callReadAction(request, 'leads.list', { ...request.query }),
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
