import type { Clock } from '@tendril/plugin-api';
import type { TenantHub } from '@tendril/engine';
import type { RouteRequest } from '../http/route.ts';
import type { SandboxView } from '../options.ts';
import { callReadAction } from '../routes/call-read-action.ts';
import { startOfDay } from '../routes/instants.ts';
import { createRateMeter } from './rate-meter.ts';

/** Reads how everything of a tenant stands. */
export type ReadOverview = (request: Asked) => Promise<object>;

type Asked = RouteRequest<unknown, unknown, unknown>;

/** What the overview is drawn from besides the tenant. */
export interface OverviewNeeds {
  readonly clock: Clock;
  /** The local sinks, for the tenant that they belong to. */
  readonly sandboxOf: (tenantId: string) => SandboxView | undefined;
}

const QUARANTINE_LIMIT = 200;
const MAIL_SINK = 'smtp';
// Many pages may follow one tenant: they share an answer for so long.
const SHARED_MS = 500;

/** Makes the reader; answers are shared between those who ask at about the same time. */
export function createOverview({ clock, sandboxOf }: OverviewNeeds): ReadOverview {
  const rates = createRateMeter();
  const latest = new Map<string, { readonly at: number; readonly answer: Promise<object> }>();

  async function read(request: Asked): Promise<object> {
    const { tenant } = request;
    const sandbox = sandboxOf(tenant.tenant.id);
    const [events, people, leads, runs, counts, consumers, governor] = await Promise.all([
      countEvents(tenant),
      countBy(request, 'profiles.count'),
      countBy(request, 'leads.count'),
      tenant.runs.count(),
      sandbox?.counts?.(),
      tenant.consumers.list(),
      tenant.governor.status(),
    ]);
    const runsByState = Object.fromEntries(runs.map(({ group, count }) => [typeof group === 'string' ? group : 'unknown', count]));
    const { id, name } = tenant.tenant;
    return {
      tenant: { id, name },
      events,
      people,
      leads,
      runs: runsByState,
      mails: counts?.find(({ service }) => service === MAIL_SINK)?.effects ?? null,
      sandbox: (counts ?? []).filter(({ service }) => service !== MAIL_SINK),
      consumers,
      governor,
    };
  }

  async function countEvents({ events, tenant }: TenantHub): Promise<object> {
    const now = clock.now();
    const [total, today, quarantined] = await Promise.all([
      events.head(),
      events.countSince(startOfDay(now, tenant.timeZone)),
      events.quarantined({ limit: QUARANTINE_LIMIT }),
    ]);
    return { total, today, perSecond: rates.read(tenant.id, total, now), quarantined: quarantined.items.length };
  }

  return (request) => {
    const { id } = request.tenant.tenant;
    const known = latest.get(id);
    const now = clock.now();
    if (known !== undefined && now - known.at < SHARED_MS) return known.answer;
    const answer = read(request);
    latest.set(id, { at: now, answer });
    answer.catch(() => latest.delete(id));
    return answer;
  };
}

/** Null where no enabled plugin has such an action. */
async function countBy(request: Asked, action: string): Promise<number | null> {
  const actions = await request.tenant.actions.list();
  if (!actions.some(({ name, isEnabled }) => name === action && isEnabled)) return null;
  const { count } = await callReadAction(request, action, {});
  return typeof count === 'number' ? count : null;
}
