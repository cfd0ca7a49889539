import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Random } from './environment.ts';
import type { PipelineService, TenantContributions, WebhookReceiver } from './hub.ts';
import {
  createPanels,
  createPluginWebhookService,
  createReceiveDelivery,
  DELIVERIES,
  DELIVERIES_KEPT_MS,
  isPluginWebhookPath,
  PluginWebhookAddresses,
} from './plugins/index.ts';
import type { LoadedPlugin, PanelsOptions, PluginHost } from './plugins/index.ts';
import type { Pipelines } from './pipelines/index.ts';
import type { TableSpec } from './ports.ts';
import { createReadyPipelines } from './ready-pipelines.ts';
import type { TenantOpener } from './tenants/index.ts';
import type { Connections } from './vault/index.ts';

/** What plugins contribute beside actions, where it takes more rooms than their own. */
export interface Contributions {
  /** What comes to the addresses of plugins and of pipelines. */
  readonly webhooks: WebhookReceiver;
  service(tenantId: string): TenantContributions;
}

/** What contributions need. */
export interface ContributionsOptions {
  readonly host: PluginHost;
  readonly connections: Connections;
  readonly tenants: TenantOpener;
  /** Takes what comes to the addresses of pipelines. */
  readonly pipelineWebhooks: WebhookReceiver;
  readonly callAction: Pipelines['callAction'];
  readonly pipelines: (tenantId: string) => PipelineService;
  readonly clock: Clock;
  readonly random: Random;
}

/** What of contributions is of no use after some time. */
export const CONTRIBUTIONS_EXPIRING: readonly {
  readonly table: TableSpec;
  readonly index: string;
  readonly keepFrom: (now: number) => number;
}[] = [{ table: DELIVERIES, index: 'by_age', keepFrom: (now) => now - DELIVERIES_KEPT_MS }];

/** Puts the parts of contributions together. */
export function createContributions(options: ContributionsOptions): Contributions {
  const { host, connections, tenants, clock, random, pipelineWebhooks, callAction, pipelines } = options;
  const addresses = new PluginWebhookAddresses({ tenants, clock, random });
  const { webhooks } = host;
  const receive = createReceiveDelivery({ webhooks, addresses, connections, enabled: (tenantId) => host.enabled(tenantId), clock });

  async function findEnabled(tenantId: string, plugin: string): Promise<LoadedPlugin> {
    const found = host.plugin(plugin);
    if (found === undefined) throw host.missing(plugin);
    if (!(await host.enabled(tenantId)).has(plugin)) throw new TendrilError('PLUGIN_DISABLED', { plugin });
    return found;
  }

  async function assertEnabled(tenantId: string, plugin: string): Promise<void> {
    await findEnabled(tenantId, plugin);
  }

  const read: PanelsOptions['read'] = (tenantId, action, input, { principal, requestId }) =>
    callAction(tenantId, action, input, {
      ...(principal !== undefined && { principal }),
      ...(requestId !== undefined && { requestId }),
    });

  return {
    webhooks: {
      receive: async (request) => {
        if (!isPluginWebhookPath(request.path)) return pipelineWebhooks.receive(request);
        await receive(request);
        return { kind: 'accepted' };
      },
    },
    service: (tenantId) => ({
      ...createPluginWebhookService({ webhooks, addresses, connections, assertEnabled }, tenantId),
      ...createReadyPipelines({ findEnabled, pipelines, tenants, clock }, tenantId),
      ...createPanels({ plugins: () => host.plugins(), enabled: (id) => host.enabled(id), read }, tenantId),
    }),
  };
}
