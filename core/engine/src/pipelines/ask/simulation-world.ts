import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, LoggedEvent, Logger } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import { decodeEvent, EVENT_TABLES, hubEvent, toNewEvent } from '../../events/index.ts';
import type { ConnectionInfo, PipelineService, RunService } from '../../hub.ts';
import type { Random } from '../../environment.ts';
import type { NewEvent, Stores, TenantKeys } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import { TENANT_TABLES } from '../../tenants/index.ts';
import { createPipelines } from '../create-pipelines.ts';
import type { Pipelines } from '../create-pipelines.ts';
import { SimulatedActions } from './simulated-actions.ts';
import type { SimulatedActionsOptions } from './simulated-actions.ts';
import { OutsideCalls, SimulatedWorker } from './simulated-worker.ts';
import { VirtualTime } from './virtual-time.ts';

/** What a world is made of. */
export interface SimulationWorldOptions extends Omit<SimulatedActionsOptions, 'now'> {
  /** Fresh and in memory. */
  readonly createStores: (clock: VirtualTime) => Stores;
  readonly tenant: { readonly id: string; readonly timeZone: string };
  /** When it begins, in epoch milliseconds. */
  readonly at: number;
  readonly connections: readonly ConnectionInfo[];
}

/** An event of a simulation, before it has a place in its log. */
export type SimulatedEvent = Omit<LoggedEvent, 'position'>;

const HANDLE_ATTEMPTS = 10;
const QUIET: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * A tenant in memory with virtual time: the same triggers, runner and stores' logic as the real one, with calls that have
 * no effect. What takes weeks takes milliseconds.
 */
export class SimulationWorld {
  readonly time: VirtualTime;
  readonly actions: SimulatedActions;
  /** Events that runs have emitted, in their order. */
  readonly emitted: LoggedEvent[] = [];
  readonly #tenant: OpenTenant;
  readonly #stores: Stores;
  readonly #worker: SimulatedWorker;
  readonly #pipelines: Pipelines;
  readonly #profileOf: (event: LoggedEvent) => string | undefined;

  private constructor(parts: {
    readonly time: VirtualTime;
    readonly actions: SimulatedActions;
    readonly tenant: OpenTenant;
    readonly stores: Stores;
    readonly worker: SimulatedWorker;
    readonly pipelines: Pipelines;
    readonly profileOf: (event: LoggedEvent) => string | undefined;
  }) {
    this.time = parts.time;
    this.actions = parts.actions;
    this.#tenant = parts.tenant;
    this.#stores = parts.stores;
    this.#worker = parts.worker;
    this.#pipelines = parts.pipelines;
    this.#profileOf = parts.profileOf;
  }

  /** @param profileOf to whom an emitted event belongs: a profile's id */
  static async create(options: SimulationWorldOptions, profileOf: (event: LoggedEvent) => string | undefined): Promise<SimulationWorld> {
    const time = new VirtualTime(options.at);
    const stores = options.createStores(time);
    const keys = simulationKeys(options.tenant.id);
    const tenant: OpenTenant = {
      tenant: { id: options.tenant.id, name: options.tenant.id, timeZone: options.tenant.timeZone, createdAt: options.at },
      keys,
      log: stores.log.tenant(keys),
      state: stores.state.tenant(keys),
    };
    const tenants: TenantOpener = { open: () => Promise.resolve(tenant), ids: () => Promise.resolve([tenant.tenant.id]) };
    const outside = new OutsideCalls();
    const actions = new SimulatedActions({ ...options, now: () => time.now() });
    const worker = new SimulatedWorker({ queue: stores.state.jobs, time, outside });
    const pipelines = createPipelines({
      tenants,
      actions: following(actions, outside),
      worker,
      connections: () => Promise.resolve(options.connections),
      clock: time,
      timers: time,
      random: countingRandom(),
      log: QUIET,
      hubEvent,
    });
    await stores.state.defineTables([...TENANT_TABLES, ...EVENT_TABLES, ...pipelines.tables]);
    return new SimulationWorld({ time, actions, tenant, stores, worker, pipelines, profileOf });
  }

  get pipelines(): PipelineService {
    return this.#pipelines.service(this.#tenant.tenant.id);
  }

  get runs(): RunService {
    return this.#pipelines.runs(this.#tenant.tenant.id);
  }

  /** Lets events happen now, in their order. The same id again is the same event again. */
  async happen(events: readonly SimulatedEvent[]): Promise<void> {
    const appended = await this.#tenant.log.append(events.map(toNewEvent));
    await this.#handle(events.map((event, index) => ({ ...event, position: appended[index]?.position ?? 0 })));
  }

  /** Does everything that is due up to a moment. @param isOver asked between jobs: ends it early */
  async runUntil(at: number, isOver: () => boolean | Promise<boolean> = () => false): Promise<void> {
    await this.#worker.runUntil(at, async () => {
      await this.#relay();
      return isOver();
    });
    await this.#relay();
  }

  /** What runs emit comes back to triggers and waits, as it does through the log. */
  async #relay(): Promise<void> {
    for (;;) {
      const items = await this.#stores.state.outbox.take(1_000);
      if (items.length === 0) return;
      await this.#stores.state.outbox.remove(items.map(({ id }) => id));
      await this.#take(items.map(({ event }) => event));
    }
  }

  async #take(emitted: readonly NewEvent[]): Promise<void> {
    const appended = await this.#tenant.log.append(emitted);
    const events = emitted.flatMap((event, index) => {
      const place = appended[index];
      return place === undefined || place.isDuplicate ? [] : [decodeEvent({ position: place.position, payload: event.payload })];
    });
    this.emitted.push(...events.filter(({ kind }) => kind !== 'hub'));
    await this.#handle(
      events.map((event) => {
        const profileId = this.#profileOf(event);
        return profileId === undefined ? event : { ...event, profileId };
      }),
    );
  }

  async #handle(events: readonly LoggedEvent[]): Promise<void> {
    const { id } = this.#tenant.tenant;
    const { signal } = new AbortController();
    for (let attempt = 1; ; attempt += 1) {
      const changes = await this.#pipelines.triggerConsumer.handle(id, events, signal);
      const result = await this.#tenant.state.commit(changes);
      if (result.ok) return;
      if (attempt >= HANDLE_ATTEMPTS) throw new TendrilError('CONFLICT', { reason: result.reason });
    }
  }
}

/** Calls that are answered by something real take real time: the virtual clock waits for them. */
function following(actions: SimulatedActions, outside: OutsideCalls): ActionPath {
  return {
    list: () => actions.list(),
    find: (tenantId, name) => outside.follow(actions.find(tenantId, name)),
    execute: (request) => outside.follow(actions.execute(request)),
    check: () => actions.check(),
  };
}

function simulationKeys(tenantId: string): TenantKeys {
  const key = new Uint8Array(32).fill(1);
  return { tenantId, currentKeyId: 1, dataKeys: { 1: key }, indexKey: key };
}

/** Chance that is the same each time. */
function countingRandom(): Random {
  let count = 0;
  return {
    fraction: () => 0.5,
    bytes: (length) => {
      count += 1;
      return Uint8Array.from({ length }, (_, index) => (count * 31 + index * 7) % 256);
    },
    id: () => {
      count += 1;
      return `simulated-${String(count)}`;
    },
  };
}

/** An event that a simulation makes up where nothing was said. */
export function simulatedEvent(event: Pick<SimulatedEvent, 'id' | 'name' | 'occurredAt'> & Partial<SimulatedEvent>): SimulatedEvent {
  const nothing: JsonObject = {};
  return {
    kind: 'track',
    appId: '_simulation',
    isTest: true,
    receivedAt: event.occurredAt,
    identities: {},
    properties: nothing,
    traits: nothing,
    context: nothing,
    isImported: false,
    hops: 0,
    ...event,
  };
}
