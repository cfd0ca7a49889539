import type {
  ActionHandler,
  AgentHandler,
  CheckHandler,
  ConsumerHandler,
  DriverContract,
  DriverOf,
  PollHandler,
  PushHandler,
  RouteHandler,
  ScheduleHandler,
  WebhookHandler,
} from '@tendril/plugin-api';
import type { Manifest } from '@tendril/schemas';
import type { HandlerKind, PluginRunner } from './contract.ts';

/** The typed face of handlers that are found by kind and id. */
export function createRunner(find: (kind: HandlerKind, id: string) => unknown, stop: () => Promise<void>): PluginRunner {
  return {
    action: (id) => find('action', id) as ActionHandler | undefined,
    check: (id) => find('check', id) as CheckHandler | undefined,
    consumer: (id) => find('consumer', id) as ConsumerHandler | undefined,
    schedule: (id) => find('schedule', id) as ScheduleHandler | undefined,
    poll: (id) => find('trigger', id) as PollHandler | undefined,
    push: (id) => find('trigger', id) as PushHandler | undefined,
    route: (id) => find('route', id) as RouteHandler | undefined,
    webhook: (id) => find('webhook', id) as WebhookHandler | undefined,
    agent: (id) => find('agent', id) as AgentHandler | undefined,
    driver: (id) => find('driver', id) as DriverOf<DriverContract> | undefined,
    stop,
  };
}

/** What `setup` has to register, as `kind id`. Actions and triggers with `http`, and triggers with `items`, are made from the manifest. */
export function declaredHandlers({ contributes }: Manifest): readonly string[] {
  const actions = Object.entries(contributes.actions ?? {}).filter(([, action]) => action.http === undefined);
  const triggers = Object.entries(contributes.triggers ?? {}).filter(([, { http, items }]) => http === undefined && items === undefined);
  const pushes = new Set(Object.values(contributes.triggers ?? {}).map(({ webhook }) => webhook));
  // A trigger's handler makes items of what its webhook brings, and verifies it where the manifest says so.
  const webhooks = Object.entries(contributes.webhooks ?? {}).filter(
    ([id, webhook]) => !pushes.has(id) && (webhook.verify === 'handler' || webhook.event === undefined),
  );
  return [
    ...actions.map(([id]) => `action ${id}`),
    ...actions.filter(([, action]) => action.idempotency === 'check').map(([id]) => `check ${id}`),
    ...Object.keys(contributes.consumers ?? {}).map((id) => `consumer ${id}`),
    ...Object.keys(contributes.schedules ?? {}).map((id) => `schedule ${id}`),
    ...triggers.map(([id]) => `trigger ${id}`),
    ...Object.keys(contributes.routes ?? {}).map((id) => `route ${id}`),
    ...webhooks.map(([id]) => `webhook ${id}`),
    ...Object.keys(contributes.agents ?? {}).map((id) => `agent ${id}`),
    ...Object.keys(contributes.drivers ?? {}).map((id) => `driver ${id}`),
  ];
}
