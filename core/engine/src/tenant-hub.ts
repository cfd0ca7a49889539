import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Logger } from '@tendril/plugin-api';
import type { AnalyticsRoom } from './analytics/index.ts';
import type { ActionPath, DynamicFields } from './actions/index.ts';
import type { Contributions } from './contributions.ts';
import type { Random } from './environment.ts';
import { createEventSchemas, createEventService, createIngest } from './events/index.ts';
import type { EventFault, EventSchemas, IngestLimits, ResolvePeople } from './events/index.ts';
import type { Foundation } from './foundation.ts';
import type { Governor } from './governor/index.ts';
import type { ActionService, AskService, ConnectionService, TenantHub, TenantPlugins } from './hub.ts';
import { createAskService, PROFILE_CAPABILITY } from './pipelines/index.ts';
import type { Pipelines } from './pipelines/index.ts';
import { describeChannels } from './plugins/index.ts';
import { planUpgrade } from './plugin-plan.ts';
import type { LockKeeper, PluginHost } from './plugins/index.ts';
import type { Stores, WakeUps } from './ports.ts';
import { createAppService, createTenantKeyService } from './tenants/index.ts';
import type { OpenTenant } from './tenants/index.ts';
import type { Connections } from './vault/index.ts';

/** The rooms, wired. */
export interface Rooms extends Foundation {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits: IngestLimits;
  readonly fault: EventFault | undefined;
  readonly connections: Connections;
  readonly host: PluginHost;
  readonly locks: LockKeeper;
  readonly wakeUps: WakeUps | undefined;
  readonly governor: Governor;
  readonly dynamicFields: DynamicFields;
  readonly actions: ActionPath;
  readonly pipelines: Pipelines;
  readonly analytics: AnalyticsRoom;
  readonly contributions: Contributions;
  readonly resolvePeople: ResolvePeople;
  readonly createScratchStores: ((options: { readonly clock: Clock }) => Stores) | undefined;
}

/** The face of one tenant, with the parts of it that other rooms use. */
export interface CreatedTenantHub {
  readonly face: TenantHub;
  readonly schemas: EventSchemas;
}

/** Everything that can be asked of one tenant. */
export function createTenantHub(rooms: Rooms, tenant: OpenTenant): CreatedTenantHub {
  const { authenticator, clock, consumers, counters, feed, governor, keyring, fault, limits, log, pipelines, random, stores } = rooms;
  const { id: tenantId } = tenant.tenant;
  const { state } = tenant;
  const schemas = createEventSchemas({ state, clock, log, contributed: () => rooms.host.eventSchemas(tenantId) });
  const ingest = createIngest({ tenant, feed, schemas, counters, logStatus: () => stores.log.status(), limits, clock, random, log, fault });
  const onChanged = (hash: string): void => {
    authenticator.forget(hash);
  };
  const face: TenantHub = {
    tenant: tenant.tenant,
    apps: createAppService(state, { clock, random }),
    keys: createTenantKeyService({ tenantId, state, hub: keyring.hub, clock, random, onChanged }),
    ingest,
    events: createEventService({ tenant, feed, ingest, log }),
    schemas,
    consumers: consumers.service(tenantId),
    actions: createActionService(rooms, tenantId),
    connections: connectedFields(rooms, tenantId),
    plugins: followedPlugins(rooms, tenantId, schemas),
    contributions: rooms.contributions.service(tenantId),
    pipelines: pipelines.service(tenantId),
    runs: pipelines.runs(tenantId),
    webhooks: pipelines.triggers.webhookService(tenantId),
    broadcasts: pipelines.triggers.broadcasts(tenantId),
    governor: governor.service(tenantId),
    agents: { list: () => rooms.host.agents.list(tenantId), tick: (name) => rooms.host.agents.tick(tenantId, name) },
    channels: async () => describeChannels([...(await rooms.host.enabled(tenantId))].flatMap((id) => rooms.host.plugin(id) ?? [])),
    ask: createAsk(rooms, tenantId),
  };
  return { face, schemas };
}

function createAsk(rooms: Rooms, tenantId: string): AskService {
  const { tenants, actions, governor, pipelines, resolvePeople, clock, createScratchStores } = rooms;
  return createAskService(
    {
      tenantId,
      tenants,
      actions,
      governor: governor.service(tenantId),
      pipelines: pipelines.service(tenantId),
      runs: pipelines.runs(tenantId),
      deployments: pipelines.deployments,
      environment: (environment) => pipelines.checkEnvironment(tenantId, environment),
      resolvePeople,
      profileCapability: PROFILE_CAPABILITY,
      createStores: (time) => {
        if (createScratchStores === undefined) throw new TendrilError('CONFIG_INVALID', { setting: 'createScratchStores' });
        return createScratchStores({ clock: time });
      },
      clock,
    },
    pipelines.backfills,
  );
}

/** What depends on an account is asked for when it is connected, so that it is there when somebody writes a pipeline. */
function connectedFields({ connections, dynamicFields, log }: Rooms, tenantId: string): ConnectionService {
  const service = connections.service(tenantId);
  const ask = (name: string): void => {
    dynamicFields.onConnected(tenantId, name).catch((error: unknown) => log.warn({ err: error, tenant: tenantId }, 'fields of an account'));
  };
  return {
    ...service,
    add: async (input) => {
      const added = await service.add(input);
      ask(added.name);
      return added;
    },
    test: async (name) => {
      const tested = await service.test(name);
      if (tested.isWorking) ask(name);
      return tested;
    },
  };
}

function createActionService({ actions, dynamicFields, host, pipelines }: Rooms, tenantId: string): ActionService {
  return {
    list: async () => {
      const enabled = await host.enabled(tenantId);
      return actions.list().map(({ plugin, name, title, description, effect, idempotency, implements: capability, input, output }) => ({
        name,
        title,
        ...(description === undefined ? {} : { description }),
        effect,
        idempotency,
        ...(capability === undefined ? {} : { implements: capability }),
        input,
        output,
        isEnabled: enabled.has(plugin),
      }));
    },
    call: (name, input, options) => pipelines.callAction(tenantId, name, input, options),
    fields: (name, options) => dynamicFields.of(tenantId, name, options),
  };
}

/** Consumers of a plugin begin as soon as it is enabled, and stand still as soon as it is not. */
function followedPlugins({ analytics, consumers, host, pipelines }: Rooms, tenantId: string, schemas: EventSchemas): TenantPlugins {
  const plugins = host.tenantPlugins(tenantId);
  return {
    ...plugins,
    plan: (id, candidate) => planUpgrade({ host, pipelines }, tenantId, id, candidate),
    enable: async (id, options) => {
      await plugins.enable(id, options);
      schemas.forget();
      await consumers.refresh(tenantId);
      analytics.look(tenantId);
    },
    resume: async (id) => {
      await plugins.resume(id);
      schemas.forget();
      await consumers.refresh(tenantId);
      analytics.look(tenantId);
    },
    disable: async (id) => {
      await plugins.disable(id);
      schemas.forget();
      await consumers.refresh(tenantId);
    },
  };
}
