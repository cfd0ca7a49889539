import { TendrilError } from '@tendril/plugin-api';
import type { EffectCheck, Json, JsonObject, Logger } from '@tendril/plugin-api';
import type { Change } from '@tendril/engine/ports';
import type { PluginSource } from '@tendril/engine/plugins';
import { createHubWithRooms } from '@tendril/engine/rooms';
import type { ActionRequest, HubRooms } from '@tendril/engine/rooms';
import type { Hub, TenantHub } from '@tendril/engine';
import type { RunsIn } from '../contract.ts';
import { StandIn } from '../service/stand-in.ts';
import { createMemoryStores } from '../../stores/memory-stores.ts';
import { HandlerWatch } from './handler-watch.ts';
import { openIsolation } from './open-isolation.ts';
import { peopleSource } from './people.ts';
import type { People } from './people.ts';
import { SettableClock } from './settable-clock.ts';

/** A call of an action of the plugin. */
export interface BenchCall {
  readonly tenantId: string;
  /** Id in the manifest. */
  readonly action: string;
  readonly input: JsonObject;
  readonly idempotencyKey: string;
  /** Name of a connection; none without it. */
  readonly connection?: string | undefined;
  readonly attempt?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What became of a call. */
export type Ended = { readonly output: Json; readonly changes: readonly Change[] } | { readonly error: TendrilError };

/** Somewhere that a handler tried to reach and was not let through to. */
export interface Refusal {
  readonly handler: string;
  readonly host: string;
}

/** A hub over stores in memory, with the plugin in it and every service played. */
export interface Bench {
  readonly hub: Hub;
  readonly rooms: HubRooms;
  readonly clock: SettableClock;
  readonly service: StandIn;
  readonly people: People;
  readonly refusals: readonly Refusal[];
  /** Only where the plugin runs in this process. */
  readonly handlers: HandlerWatch | undefined;
  /** A new tenant with the plugin enabled. @throws TendrilError PLUGIN_SETTINGS_INVALID */
  tenant(settings?: JsonObject): Promise<TenantHub>;
  /** One attempt, through validation, permissions, connection, governor, handler and validation of what it gives. */
  call(call: BenchCall): Promise<Ended>;
  check(call: BenchCall): Promise<EffectCheck<Json> | { readonly error: TendrilError }>;
  close(): Promise<void>;
}

/** What a bench is opened with. */
export interface BenchOptions {
  readonly pluginId: string;
  readonly source: PluginSource;
  /** Those that it requires. */
  readonly beside: readonly PluginSource[];
  readonly isolation: RunsIn;
  /** Whether one of them says who people are. */
  readonly hasPeople: boolean;
  /** Places that may be reached although their addresses are private. */
  readonly allow?: readonly string[];
}

/** @throws TendrilError MANIFEST_INVALID with the faults, when a plugin does not load */
export async function openBench({ pluginId, source, beside, isolation, hasPeople, allow = [] }: BenchOptions): Promise<Bench> {
  const clock = new SettableClock();
  const service = new StandIn();
  const people: People = { profile: {} };
  const refusals: Refusal[] = [];
  const inChild = isolation === 'child';
  const handlers = inChild ? undefined : new HandlerWatch();
  const { hub, rooms } = await createHubWithRooms({
    stores: createMemoryStores({ clock }),
    masterKey: new Uint8Array(32).fill(7),
    log: watchingLog(refusals),
    plugins: [
      toHost(source, handlers),
      ...beside.map((other) => ({ ...other, isTrusted: true })),
      ...(hasPeople ? [] : [peopleSource(people)]),
    ],
    clock,
    publicUrl: () => 'https://hub.example.invalid',
    network: { openStream: service.openStream, allow },
    ...(inChild && { isolation: await openIsolation() }),
  });
  const faults = hub.plugins.faults();
  if (faults.length > 0) {
    await hub.stop();
    throw new TendrilError('MANIFEST_INVALID', { faults });
  }
  let tenants = 0;

  const requestOf = ({ action, attempt = 1, connection, ...rest }: BenchCall): ActionRequest => ({
    ...rest,
    ...(connection !== undefined && { connection }),
    name: `${pluginId}.${action}`,
    attempt,
    caller: { kind: 'hub' },
    isTest: false,
  });

  return {
    hub,
    rooms,
    clock,
    service,
    people,
    refusals,
    handlers,
    tenant: async (settings) => {
      tenants += 1;
      const id = `tenant_${String(tenants)}`;
      await hub.admin.create({ id, name: `Tenant ${String(tenants)}` });
      const tenant = await hub.tenant(id);
      await enable(tenant, pluginId);
      if (settings !== undefined) await tenant.plugins.configure(pluginId, settings);
      if (!hasPeople) await tenant.plugins.enable('kit_people');
      return tenant;
    },
    call: (call) => ended(() => rooms.actions.execute(requestOf(call))),
    check: (call) => ended(() => rooms.actions.check(requestOf(call))),
    close: async () => {
      service.close();
      await hub.stop();
    },
  };
}

/** With what it requires, as somebody does who has read what it may do. */
async function enable(tenant: TenantHub, id: string): Promise<void> {
  const consent = (await tenant.plugins.list()).find((plugin) => plugin.id === id)?.permissionsHash;
  await tenant.plugins.enable(id, consent === undefined ? {} : { consent });
}

function toHost(source: PluginSource, handlers: HandlerWatch | undefined): PluginSource {
  return handlers === undefined ? { ...source, isTrusted: false } : { ...handlers.watched(source), isTrusted: true };
}

async function ended<Result>(work: () => Promise<Result>): Promise<Result | { readonly error: TendrilError }> {
  try {
    return await work();
  } catch (error) {
    if (TendrilError.is(error)) return { error };
    throw error;
  }
}

/** The host says in the log what it did not let through, also where a handler hides it. */
function watchingLog(refusals: Refusal[]): Logger {
  const ignore = (): void => undefined;
  return {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (fields, message) => {
      if (message !== 'plugin reached for what it may not reach') return;
      const { handler, host, what } = fields as Readonly<Record<string, unknown>>;
      refusals.push({ handler: String(handler), host: String(host ?? what) });
    },
  };
}
