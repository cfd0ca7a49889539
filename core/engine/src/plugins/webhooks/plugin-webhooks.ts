import { TendrilError } from '@tendril/plugin-api';
import type { Connection, EmittedEvent, WebhookDelivery } from '@tendril/plugin-api';
import type { Webhook } from '@tendril/schemas';
import type { CompiledSchema, LoadedPlugin } from '../contract.ts';
import type { RunForTenant } from '../plugin-consumers.ts';
import type { HandlerResult } from '../run-handler.ts';

const TIMEOUT_MS = 30_000;
const MOST_EVENTS = 1_000;

/** A webhook of a loaded plugin that is no trigger's. */
export interface LoadedWebhook {
  readonly plugin: LoadedPlugin;
  readonly id: string;
  readonly webhook: Webhook;
  readonly schema: CompiledSchema | undefined;
  /** Whether the plugin makes events of deliveries itself; else each becomes `webhook.event`. */
  readonly hasHandler: boolean;
}

/** With what a webhook's handler is run. */
export interface WebhookRun {
  readonly connection: Connection | undefined;
  readonly isTest: boolean;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly requestId: string;
}

/** Webhooks of plugins. Does not ask whether the plugin is enabled. */
export interface PluginWebhooks {
  /** Of one plugin, in the manifest's order; empty when there is no such plugin. */
  list(plugin: string): readonly LoadedWebhook[];
  find(plugin: string, id: string): LoadedWebhook | undefined;
  /** The events of a delivery, as changes, with what the handler gathered. @throws TendrilError of the catalogue */
  run(tenantId: string, webhook: LoadedWebhook, delivery: WebhookDelivery, run: WebhookRun): Promise<HandlerResult<undefined>>;
}

/** @returns webhooks of the plugins that are loaded when they are asked for */
export function createPluginWebhooks({
  plugins,
  runForTenant,
}: {
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly runForTenant: RunForTenant;
}): PluginWebhooks {
  return {
    list: (id) => webhooksOf(plugins().get(id)),
    find: (plugin, id) => webhooksOf(plugins().get(plugin)).find((webhook) => webhook.id === id),
    run: (tenantId, { plugin, id }, delivery, { connection, ...run }) =>
      runForTenant(
        tenantId,
        {
          ...run,
          plugin,
          handler: `webhook ${id}`,
          // A delivery whose commit fails is handled again.
          ceiling: { effect: 'write', idempotency: 'natural' },
          timeoutMs: TIMEOUT_MS,
          ...(connection !== undefined && { connection }),
        },
        async (runner, call) => {
          const handler = runner.webhook(id);
          if (handler === undefined)
            throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`webhook ${id}`] });
          for (const event of eventsOf(plugin.id, id, await handler(delivery, call))) call.changes.emit(event);
          return undefined;
        },
      ),
  };
}

function webhooksOf(plugin: LoadedPlugin | undefined): readonly LoadedWebhook[] {
  if (plugin === undefined) return [];
  const { triggers, webhooks } = plugin.manifest.contributes;
  const pushes = new Set(Object.values(triggers ?? {}).map(({ webhook }) => webhook));
  return Object.entries(webhooks ?? {})
    .filter(([id]) => !pushes.has(id))
    .map(([id, webhook]) => ({
      plugin,
      id,
      webhook,
      schema: plugin.schemas.webhooks.get(id),
      hasHandler: webhook.verify === 'handler' || webhook.event === undefined,
    }));
}

function eventsOf(plugin: string, webhook: string, events: unknown): readonly EmittedEvent[] {
  const refuse = (reason: string): never => {
    throw new TendrilError('PLUGIN_FAULTY', { plugin, handler: `webhook ${webhook}`, reason });
  };
  if (!Array.isArray(events)) return refuse('its handler gave no list of events');
  if (events.length > MOST_EVENTS) return refuse('its handler gave too many events at once');
  return events.map((event: unknown) => (isEvent(event) ? event : refuse('its handler gave something that is no event')));
}

function isEvent(event: unknown): event is EmittedEvent {
  return typeof event === 'object' && event !== null && 'name' in event && typeof event.name === 'string' && event.name !== '';
}
