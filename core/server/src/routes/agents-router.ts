import type { AgentInfo } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { mapPage, pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

function show(agent: AgentInfo): object {
  return withInstants(agent, ['lastTickAt']);
}

/** Agents and channels of the enabled plugins. */
export const agentsRouter: Router = {
  tag: 'agents',
  description: 'Autonomous roles within their bounds, and the ways to reach people.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/agents',
      summary: 'Agents with what is left of their bounds',
      access: ['read'],
      query: 'PageQuery',
      answer: 'AgentPage',
      handle: async ({ tenant, query }) => mapPage(pageOf(await tenant.agents.list(), query), show),
    }),
    defineRoute<{ path: { readonly name: string } }>({
      method: 'post',
      path: '/v1/agents/{name}/tick',
      summary: 'Makes the next tick due now',
      access: ['admin'],
      status: 202,
      answer: 'Agent',
      handle: async ({ tenant, path }) => {
        await tenant.agents.tick(path.name);
        return show(
          required(
            (await tenant.agents.list()).find(({ name }) => name === path.name),
            'NOT_FOUND',
            { agent: path.name },
          ),
        );
      },
    }),
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/channels',
      summary: 'Ways to reach a person',
      access: ['read'],
      query: 'PageQuery',
      answer: 'ChannelPage',
      handle: async ({ tenant, query }) => pageOf(await tenant.channels(), query),
    }),
  ],
};
