import type { Clock } from '@tendril/plugin-api';
import type { TenantHub } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router, RouteRequest } from '../http/route.ts';
import type { SandboxView } from '../options.ts';
import { callReadAction } from './call-read-action.ts';
import { startOfDay } from './instants.ts';

/** What the overview is drawn from besides the tenant. */
export interface OverviewNeeds {
  readonly clock: Clock;
  /** The local sink, for the tenant that it belongs to. */
  sandboxOf(tenantId: string): SandboxView | undefined;
}

const QUARANTINE_LIMIT = 200;

/** Counts for the first page. */
export function createOverviewRouter({ clock, sandboxOf }: OverviewNeeds): Router {
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
        handle: async (request) => {
          const { tenant } = request;
          const [events, people, leads, runs, mails, consumers, governor] = await Promise.all([
            countEvents(tenant, clock.now()),
            countBy(request, 'profiles.count'),
            countBy(request, 'leads.count'),
            tenant.runs.count(),
            sandboxOf(tenant.tenant.id)?.mails(),
            tenant.consumers.list(),
            tenant.governor.status(),
          ]);
          const runsByState = Object.fromEntries(runs.map(({ group, count }) => [String(group), count]));
          return { events, people, leads, runs: runsByState, mails: mails?.length ?? null, consumers, governor };
        },
      }),
    ],
  };
}

async function countEvents({ events, tenant }: TenantHub, now: number): Promise<object> {
  const [total, today, quarantined] = await Promise.all([
    events.head(),
    events.countSince?.(startOfDay(now, tenant.timeZone)),
    events.quarantined({ limit: QUARANTINE_LIMIT }),
  ]);
  return { total, today: today ?? null, quarantined: quarantined.items.length };
}

/** Null where no enabled plugin has such an action. */
async function countBy(request: RouteRequest<unknown, unknown, unknown>, action: string): Promise<number | null> {
  const actions = await request.tenant.actions.list();
  if (!actions.some(({ name, isEnabled }) => name === action && isEnabled)) return null;
  const { count } = await callReadAction(request, action, {});
  return typeof count === 'number' ? count : null;
}
