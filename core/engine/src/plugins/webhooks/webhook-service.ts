import { TendrilError } from '@tendril/plugin-api';
import type { Connections } from '../../vault/index.ts';
import type { PluginWebhookInfo } from '../contributions.ts';
import type { TenantContributions } from '../../hub.ts';
import type { PluginWebhookAddresses, PluginWebhookRow } from './addresses.ts';
import { pathOf } from './addresses.ts';
import type { LoadedWebhook, PluginWebhooks } from './plugin-webhooks.ts';

/** What looking after addresses needs. */
export interface WebhookServiceOptions {
  readonly webhooks: PluginWebhooks;
  readonly addresses: PluginWebhookAddresses;
  readonly connections: Connections;
  /** @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_DISABLED */
  readonly assertEnabled: (tenantId: string, plugin: string) => Promise<void>;
}

/** The part of a tenant's contributions that is about webhooks. */
export type WebhookContributions = Pick<TenantContributions, 'webhooks' | 'setWebhookSecret' | 'rotateWebhook'>;

/** @returns the addresses of one tenant's webhooks */
export function createPluginWebhookService(options: WebhookServiceOptions, tenantId: string): WebhookContributions {
  const { webhooks, addresses, connections, assertEnabled } = options;

  async function find(plugin: string, id: string): Promise<LoadedWebhook> {
    await assertEnabled(tenantId, plugin);
    const found = webhooks.find(plugin, id);
    if (found === undefined) throw new TendrilError('NOT_FOUND', { plugin, webhook: id });
    return found;
  }

  async function describe(loaded: LoadedWebhook, row: PluginWebhookRow): Promise<PluginWebhookInfo> {
    const { plugin, id, webhook } = loaded;
    const secret = secretOf(loaded);
    return {
      plugin: plugin.id,
      id,
      title: webhook.title,
      verify: webhook.verify,
      path: pathOf(tenantId, row),
      ...(loaded.hasHandler || webhook.event === undefined ? {} : { event: webhook.event }),
      secret,
      ...(secret === 'of_connection' && webhook.secret !== undefined ? { secretField: webhook.secret } : {}),
      isReady: await hasSecret(loaded, row),
    };
  }

  async function hasSecret(loaded: LoadedWebhook, row: PluginWebhookRow): Promise<boolean> {
    const from = secretOf(loaded);
    if (from === 'none') return true;
    if (from === 'of_address') return row.secret !== undefined;
    const field = loaded.webhook.secret ?? '';
    return (await connections.list(tenantId)).some(
      ({ plugin, values }) => plugin === loaded.plugin.id && typeof values[field] === 'string' && values[field] !== '',
    );
  }

  return {
    webhooks: async (plugin) => {
      await assertEnabled(tenantId, plugin);
      return Promise.all(
        webhooks.list(plugin).map(async (loaded) => describe(loaded, await addresses.ensure(tenantId, plugin, loaded.id))),
      );
    },
    setWebhookSecret: async (plugin, id, secret) => {
      const loaded = await find(plugin, id);
      const from = secretOf(loaded);
      if (from !== 'of_address') {
        const message =
          from === 'none'
            ? 'is not needed: nothing is proven by a secret here'
            : `is the field ${loaded.webhook.secret ?? ''} of the connection`;
        throw new TendrilError('INPUT_INVALID', { in: 'body', problems: [{ pointer: '/secret', message }] });
      }
      await addresses.setSecret(tenantId, plugin, id, secret);
    },
    rotateWebhook: async (plugin, id) => {
      const loaded = await find(plugin, id);
      return describe(loaded, await addresses.rotate(tenantId, plugin, id));
    },
  };
}

function secretOf({ webhook: { verify, secret } }: LoadedWebhook): PluginWebhookInfo['secret'] {
  if (verify === 'handler' || verify === 'none') return 'none';
  return secret === undefined ? 'of_address' : 'of_connection';
}
