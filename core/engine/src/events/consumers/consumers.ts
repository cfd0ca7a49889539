import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Logger } from '@tendril/plugin-api';
import { pause } from '../../environment.ts';
import type { Random, Timers } from '../../environment.ts';
import type { ConsumerService, Metric } from '../../hub.ts';
import type { Change, Claim } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/index.ts';
import type { ConsumerDefinition, ResolvePeople } from '../contract.ts';
import type { EventFault } from '../fault-points.ts';
import type { Feed } from '../feed.ts';
import { BatchHandler } from './batch-handler.ts';
import type { ConsumerRetry } from './batch-handler.ts';
import { ConsumerRun } from './consumer-run.ts';
import type { Pause } from './consumer-run.ts';
import { createConsumerService } from './consumer-service.ts';
import { ConsumerState } from './consumer-state.ts';
import { Turns } from './turns.ts';

/** The kind of the jobs whose leases make a consumer run in one process only. */
export const CONSUMER_JOB = 'consumer';

/** A lease on a consumer's job, as the job worker gives it. */
export interface ConsumerLease {
  readonly claim: Claim;
  readonly signal: AbortSignal;
}

/** What consumers need. */
export interface ConsumersOptions {
  readonly tenants: TenantOpener;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  /** Whether this process could take another consumer's job. */
  readonly hasRoom: () => boolean;
  /** Finds the profiles of events, for consumers that come after another; `undefined` while nobody can. */
  readonly resolvePeople?: () => ResolvePeople | undefined;
  readonly retry?: ConsumerRetry;
  readonly fault?: EventFault | undefined;
  /** Batches of all tenants at once, in this process; 8 unless told. */
  readonly slots?: number;
  /** Events that a tenant may handle each round; 500 unless told. */
  readonly quantum?: number;
}

/** The followers of the log in this process. */
export interface Consumers {
  /** Call for all before `start`, or later for one that comes while running; one of the same id is replaced, and what follows the log for it ends. */
  register(definition: ConsumerDefinition): void;
  /** What follows the log for it ends, whatever it is doing; its cursor stays. */
  unregister(id: string): void;
  /** The handler of jobs of kind `consumer`; they never end, they are put off. */
  follow(lease: ConsumerLease): Promise<void>;
  start(): Promise<void>;
  /**
   * Lets the batches in hand end and gives the leases back.
   *
   * @param graceMs how long that may take; what goes on after it ends when its lease is taken away
   */
  stop(graceMs?: number): Promise<void>;
  /** Looks again which consumers are enabled for a tenant: call it after a plugin was enabled or a tenant made. */
  refresh(tenantId: string): Promise<void>;
  /** How far a follower of its own that comes after a consumer may read: the log's end, or how far that one has come. */
  limit(tenantId: string, after: string): Promise<number>;
  service(tenantId: string): ConsumerService;
  metrics(): readonly Metric[];
}

const DEFAULT_RETRY: ConsumerRetry = { attempts: 5, initialMs: 200, maxMs: 30_000 };
const UNKNOWN_PAUSE_MS = 60_000;
/** Long enough that a stopping process does not take the job again and again. */
const STOPPING_PAUSE_MS = 1_000;
/** A consumer that another process may hold is called no more often than this. */
const WAKE_EVERY_MS = 1_000;

/** What this process knows of one consumer of one tenant. */
interface Follower {
  run?: ConsumerRun;
  /** Aborted when the definition that runs counts no longer. */
  replaced?: AbortController;
  /** `off` consumers are not called by new events. */
  rest: 'unknown' | Pause['reason'];
  position?: number;
  wokenAtMs: number;
}

/** Runs consumers on the leases of their jobs. */
export function createConsumers(options: ConsumersOptions): Consumers {
  return new ConsumersOfProcess(options);
}

class ConsumersOfProcess implements Consumers {
  readonly #options: ConsumersOptions;
  readonly #definitions = new Map<string, ConsumerDefinition>();
  readonly #followers = new Map<string, Map<string, Follower>>();
  readonly #turns: Turns;
  readonly #ends = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();
  #state: 'new' | 'running' | 'stopping' = 'new';
  #stopListening: () => void = () => undefined;

  constructor(options: ConsumersOptions) {
    this.#options = options;
    this.#turns = new Turns(options.slots ?? 8, options.quantum ?? 500);
  }

  register(definition: ConsumerDefinition): void {
    this.unregister(definition.id);
    this.#definitions.set(definition.id, definition);
  }

  unregister(id: string): void {
    if (!this.#definitions.delete(id)) return;
    for (const followers of this.#followers.values()) {
      const follower = followers.get(id);
      if (follower === undefined) continue;
      follower.replaced?.abort(new TendrilError('LEASE_LOST', { consumer: id, reason: 'its plugin was replaced or taken away' }));
      follower.run?.wakeup.set();
      follower.rest = 'unknown';
    }
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#stopListening = this.#options.feed.onHead((tenantId, head) => {
      this.#onHead(tenantId, head);
    });
    for (const tenantId of await this.#options.tenants.ids()) await this.#call(tenantId, [...this.#definitions.keys()]);
  }

  async stop(graceMs = Infinity): Promise<void> {
    this.#state = 'stopping';
    this.#stopping.abort();
    this.#stopListening();
    for (const followers of this.#followers.values()) for (const { run } of followers.values()) run?.wakeup.set();
    const ended = new AbortController();
    const ends = Promise.allSettled(this.#ends).then(() => {
      ended.abort();
    });
    await (graceMs === Infinity ? ends : Promise.race([ends, pause(this.#options.timers, graceMs, ended.signal)]));
  }

  async refresh(tenantId: string): Promise<void> {
    for (const follower of this.#followers.get(tenantId)?.values() ?? []) {
      follower.run?.check();
      if (follower.rest === 'off') follower.rest = 'unknown';
    }
    await this.#call(tenantId, [...this.#definitions.keys()]);
  }

  follow(lease: ConsumerLease): Promise<void> {
    const end = this.#follow(lease);
    this.#ends.add(end);
    const done = (): void => {
      this.#ends.delete(end);
    };
    end.then(done, done);
    return end;
  }

  async #follow(lease: ConsumerLease): Promise<void> {
    const { claim } = lease;
    const tenant = await this.#options.tenants.open(claim.tenantId);
    const definition = this.#definitions.get(idOfJob(claim.id));
    if (definition === undefined || this.#state !== 'running') {
      // Another process may know it: one that is newer, or that is not stopping.
      await this.#putOff(tenant, claim, definition === undefined ? UNKNOWN_PAUSE_MS : STOPPING_PAUSE_MS);
      return;
    }
    const follower = this.#follower(claim.tenantId, definition.id);
    const replaced = new AbortController();
    follower.replaced = replaced;
    const signal = AbortSignal.any([lease.signal, replaced.signal]);
    const run = await this.#createRun(tenant, definition, { claim, signal }, follower);
    follower.run = run;
    try {
      replaced.signal.throwIfAborted();
      const paused = await run.run();
      follower.rest = paused.reason;
      await this.#putOff(tenant, claim, paused.forMs);
    } catch (error) {
      follower.rest = 'unknown';
      if (!replaced.signal.aborted || lease.signal.aborted) throw error;
      await this.#putOff(tenant, claim, 0);
    } finally {
      if (follower.run === run) delete follower.run;
      if (follower.replaced === replaced) delete follower.replaced;
    }
    // What came while the lease was given back has called nobody.
    if (follower.rest === 'idle' && (await this.#options.feed.head(tenant)) > (follower.position ?? 0))
      await this.#call(claim.tenantId, [definition.id]);
  }

  async #createRun(tenant: OpenTenant, definition: ConsumerDefinition, lease: ConsumerLease, follower: Follower): Promise<ConsumerRun> {
    const { clock, fault, feed, hasRoom, log, random, resolvePeople, retry = DEFAULT_RETRY, timers } = this.#options;
    const tenantId = tenant.tenant.id;
    const state = new ConsumerState(tenant.state, definition.id);
    const signal = (): AbortSignal => lease.signal;
    const job = { id: lease.claim.id, fence: lease.claim.fence };
    const handler = new BatchHandler(
      {
        definition,
        tenant,
        state,
        job,
        signal,
        stopping: this.#stopping.signal,
        turns: this.#turns,
        resolvePeople: () => resolvePeople?.(),
        retry,
        clock,
        timers,
        random,
        log,
        fault,
      },
      await state.cursor(),
    );
    return new ConsumerRun({
      definition,
      tenant,
      state,
      handler,
      feed,
      signal,
      limit: () => this.#limitOf(tenant, definition),
      onPosition: (position) => {
        follower.position = position;
        this.#wakeThoseBehind(tenantId, definition.id);
      },
      isStopping: () => this.#state === 'stopping',
      isCrowded: () => !hasRoom(),
      clock,
      timers,
      log,
    });
  }

  /** The log's end, or how far the consumer before has come. One that is not enabled for the tenant holds nobody up. */
  async #limitOf(tenant: OpenTenant, definition: Pick<ConsumerDefinition, 'after'>): Promise<number> {
    const head = await this.#options.feed.head(tenant);
    const before = this.#before(definition);
    if (before === undefined || !(await before.isEnabled(tenant.tenant.id))) return head;
    const follower = this.#follower(tenant.tenant.id, before.id);
    if (follower.run !== undefined && follower.position !== undefined) return Math.min(head, follower.position);
    return Math.min(head, (await new ConsumerState(tenant.state, before.id).cursor()).position);
  }

  /** By id, or the first of the plugin of that name. */
  #before({ after }: Pick<ConsumerDefinition, 'after'>): ConsumerDefinition | undefined {
    if (after === undefined) return undefined;
    const exact = this.#definitions.get(after);
    if (exact !== undefined) return exact;
    return [...this.#definitions.values()].find((other) => other.id.startsWith(`${after}.`));
  }

  #wakeThoseBehind(tenantId: string, id: string): void {
    const sleeping: string[] = [];
    for (const definition of this.#definitions.values()) {
      if (definition.after === undefined || this.#before(definition)?.id !== id) continue;
      if (this.#needsCall(tenantId, definition.id)) sleeping.push(definition.id);
    }
    if (sleeping.length > 0) this.#callLater(tenantId, sleeping);
  }

  #onHead(tenantId: string, head: number): void {
    const sleeping: string[] = [];
    for (const id of this.#definitions.keys()) {
      const { position = 0 } = this.#follower(tenantId, id);
      if (position < head && this.#needsCall(tenantId, id)) sleeping.push(id);
    }
    if (sleeping.length > 0) this.#callLater(tenantId, sleeping);
  }

  /** Wakes one that runs here; tells whether a call to its job is due instead. */
  #needsCall(tenantId: string, id: string): boolean {
    const follower = this.#follower(tenantId, id);
    follower.run?.wakeup.set();
    if (follower.run !== undefined || follower.rest === 'off') return false;
    const nowMs = this.#options.timers.monotonicMs();
    if (nowMs - follower.wokenAtMs < WAKE_EVERY_MS) return false;
    follower.wokenAtMs = nowMs;
    return true;
  }

  #callLater(tenantId: string, ids: readonly string[]): void {
    this.#call(tenantId, ids).catch((error: unknown) => {
      this.#options.log.warn({ tenantId, err: error }, 'consumers could not be called; trying again');
      this.#options.timers.after(WAKE_EVERY_MS, () => {
        this.#callLater(tenantId, ids);
      });
    });
  }

  /** Makes the consumers' jobs due; those that are held are called again when they are put off. */
  async #call(tenantId: string, ids: readonly string[]): Promise<void> {
    // One that follows nothing itself calls those that do.
    if (this.#state === 'stopping' || ids.length === 0) return;
    const { state } = await this.#options.tenants.open(tenantId);
    const dueAt = this.#options.clock.now();
    const changes = ids.map((id): Change => ({ op: 'job', job: { id: jobOf(id), kind: CONSUMER_JOB, priority: 5, dueAt } }));
    await state.commit(changes);
  }

  async #putOff(tenant: OpenTenant, { id, fence }: Claim, forMs: number): Promise<void> {
    await tenant.state.commit([{ op: 'reschedule', jobId: id, fence, dueAt: this.#options.clock.now() + forMs, attempts: 0 }]);
  }

  #follower(tenantId: string, id: string): Follower {
    let ofTenant = this.#followers.get(tenantId);
    if (ofTenant === undefined) {
      ofTenant = new Map();
      this.#followers.set(tenantId, ofTenant);
    }
    let follower = ofTenant.get(id);
    if (follower === undefined) {
      follower = { rest: 'unknown', wokenAtMs: -Infinity };
      ofTenant.set(id, follower);
    }
    return follower;
  }

  async limit(tenantId: string, after: string): Promise<number> {
    return this.#limitOf(await this.#options.tenants.open(tenantId), { after });
  }

  service(tenantId: string): ConsumerService {
    return createConsumerService({
      tenantId,
      tenants: this.#options.tenants,
      clock: this.#options.clock,
      definitions: () => [...this.#definitions.values()],
      ask: async (id) => {
        const follower = this.#follower(tenantId, id);
        if (follower.rest === 'off') follower.rest = 'unknown';
        if (follower.run === undefined) await this.#call(tenantId, [id]);
        else follower.run.check();
      },
      wait: (ms) => pause(this.#options.timers, ms),
    });
  }

  metrics(): readonly Metric[] {
    const values = [...this.#followers].flatMap(([tenant, followers]) =>
      [...followers].flatMap(([consumer, { position }]) =>
        position === undefined ? [] : [{ labels: { tenant, consumer }, value: position }],
      ),
    );
    return [{ name: 'tendril_consumer_position', help: 'How far each consumer has come in the log of its tenant', kind: 'gauge', values }];
  }
}

function jobOf(consumer: string): string {
  return `${CONSUMER_JOB}:${consumer}`;
}

function idOfJob(jobId: string): string {
  return jobId.slice(CONSUMER_JOB.length + 1);
}
