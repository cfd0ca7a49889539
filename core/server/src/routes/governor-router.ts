import { defineRoute } from '../http/route.ts';
import type { Route, Router } from '../http/route.ts';

interface Whom {
  readonly channel: string;
  readonly address: string;
}

function switchRoute(verb: 'pause' | 'resume', summary: string): Route {
  return defineRoute({
    method: 'post',
    path: `/v1/governor/${verb}`,
    summary,
    access: ['admin'],
    answer: 'Governor',
    handle: async ({ tenant }) => {
      await tenant.governor[verb]();
      return tenant.governor.status();
    },
  });
}

/** The one way out to people and money. */
export const governorRouter: Router = {
  tag: 'governor',
  description: 'Caps, suppression and the pause button, for every send and spend.',
  routes: [
    defineRoute({
      method: 'get',
      path: '/v1/governor',
      summary: 'How the one way out stands',
      access: ['read'],
      answer: 'Governor',
      handle: ({ tenant }) => tenant.governor.status(),
    }),
    switchRoute('pause', 'Holds back every send and spend from now on'),
    switchRoute('resume', 'Lets sends and spends go again'),
    defineRoute<{ body: { readonly dailyCap?: number; readonly dailyCapPerPerson?: number } }>({
      method: 'put',
      path: '/v1/governor/limits',
      summary: 'Changes the caps',
      access: ['admin'],
      body: 'GovernorLimits',
      answer: 'Governor',
      handle: async ({ tenant, body }) => {
        await tenant.governor.configure(body);
        return tenant.governor.status();
      },
    }),
    defineRoute<{ query: Whom }>({
      method: 'get',
      path: '/v1/governor/suppressions',
      summary: 'Whether an address is suppressed',
      access: ['read'],
      query: 'SuppressionQuery',
      answer: 'Suppression',
      handle: async ({ tenant, query }) => ({ ...query, isSuppressed: await tenant.governor.isSuppressed(query.channel, query.address) }),
    }),
    defineRoute<{ body: Whom & { readonly reason: string } }>({
      method: 'post',
      path: '/v1/governor/suppressions',
      summary: 'Never reaches an address again, until lifted',
      access: ['write'],
      body: 'NewSuppression',
      answer: 'Suppression',
      handle: async ({ tenant, body: { channel, address, reason } }) => {
        await tenant.governor.suppress(channel, address, reason);
        return { channel, address, isSuppressed: true };
      },
    }),
    defineRoute<{ query: Whom }>({
      method: 'delete',
      path: '/v1/governor/suppressions',
      summary: 'Lifts a suppression, as a decision that is recorded',
      access: ['admin'],
      query: 'SuppressionQuery',
      handle: ({ tenant, query }) => tenant.governor.unsuppress(query.channel, query.address),
    }),
  ],
};
