import type { Clock, LoggedEvent, Logger } from '@tendril/plugin-api';
import type { Timers } from '../../environment.ts';
import type { OpenTenant } from '../../tenants/index.ts';
import type { ConsumerDefinition } from '../contract.ts';
import type { Feed } from '../feed.ts';
import type { BatchHandler } from './batch-handler.ts';
import type { ConsumerState } from './consumer-state.ts';
import { Wakeup } from './wakeup.ts';

/** Why a run gave its lease back, and after how long another should look. */
export interface Pause {
  readonly reason: 'idle' | 'off' | 'stopping' | 'turn over';
  readonly forMs: number;
}

/** What following the log under one lease needs. */
export interface ConsumerRunOptions {
  readonly definition: ConsumerDefinition;
  readonly tenant: OpenTenant;
  readonly state: ConsumerState;
  readonly handler: BatchHandler;
  readonly feed: Feed;
  readonly signal: () => AbortSignal;
  /** The last position that the consumer may read: the log's end, or how far the one before it has come. */
  readonly limit: () => Promise<number>;
  /** Told how far it is safe for consumers behind this one to read. */
  readonly onPosition: (position: number) => void;
  readonly isStopping: () => boolean;
  /** Whether others wait for a place in this process. */
  readonly isCrowded: () => boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** An idle consumer keeps its lease so long, to begin at once when an event comes. */
const LINGER_MS = 30_000;
const IDLE_PAUSE_MS = 600_000;
const OFF_PAUSE_MS = 60_000;
/** After so long a consumer makes room for others that wait for a place. */
const LONGEST_TURN_MS = 5_000;
/** How often pauses and retries that another process asked for are looked for, and skipped positions are written. */
const CHECK_MS = 1_000;
/** Events read at once by a consumer that wants only some names. */
const SIFTED_BATCH = 500;

interface Chunk {
  readonly events: readonly LoggedEvent[];
  readonly upTo: number;
}

/** Follows the log under one lease until there is nothing to do, the lease is lost or the hub stops. */
export class ConsumerRun {
  readonly wakeup = new Wakeup();
  readonly #options: ConsumerRunOptions;
  readonly #names: ReadonlySet<string> | undefined;
  /** Ahead of the durable position by events that do not concern the consumer. */
  #position: number;
  #checkedAtMs = -Infinity;
  #writtenAtMs = -Infinity;
  #isOff = false;
  /** What was read ahead is not what comes next. */
  #isRewound = false;

  constructor(options: ConsumerRunOptions) {
    this.#options = options;
    this.#names = options.definition.names === undefined ? undefined : new Set(options.definition.names);
    this.#position = options.handler.position;
  }

  /** Looks at once what was asked of the consumer. */
  check(): void {
    this.#checkedAtMs = -Infinity;
    this.wakeup.set();
  }

  /** @throws TendrilError LEASE_LOST, HUB_STOPPING */
  async run(): Promise<Pause> {
    const { handler, isCrowded, isStopping, onPosition, timers } = this.#options;
    await handler.loadBlocked();
    onPosition(this.#position);
    const startedAtMs = timers.monotonicMs();
    let next: Promise<Chunk | undefined> | undefined;
    for (;;) {
      if (isStopping()) return this.#pause({ reason: 'stopping', forMs: 0 });
      if (await this.#isSwitchedOff()) return this.#pause({ reason: 'off', forMs: OFF_PAUSE_MS });
      if (this.#isRewound) {
        next = undefined;
        this.#isRewound = false;
      }
      if (isCrowded() && timers.monotonicMs() - startedAtMs > LONGEST_TURN_MS) return this.#pause({ reason: 'turn over', forMs: 0 });
      const chunk = (await next) ?? (await this.#read(this.#position));
      next = undefined;
      if (chunk === undefined) {
        if (await this.#waitForMore()) continue;
        return this.#pause({ reason: 'idle', forMs: IDLE_PAUSE_MS });
      }
      // Read ahead while this chunk is handled and committed.
      next = this.#read(chunk.upTo);
      next.catch(() => undefined);
      await this.#handle(chunk, next);
    }
  }

  async #pause(pause: Pause): Promise<Pause> {
    await this.#writePosition();
    return pause;
  }

  async #waitForMore(): Promise<boolean> {
    const { isStopping, signal, timers } = this.#options;
    const idleSinceMs = timers.monotonicMs();
    // In small portions, because what another process asks is seen only by looking.
    while (timers.monotonicMs() - idleSinceMs < LINGER_MS) {
      signal().throwIfAborted();
      if ((await this.wakeup.wait(timers, CHECK_MS)) || isStopping()) return true;
      await this.#writePosition();
      // How far a consumer in another process has come is seen only by looking, too.
      if ((await this.#isSwitchedOff()) || (await this.#options.limit()) > this.#position) return true;
    }
    return false;
  }

  async #read(after: number): Promise<Chunk | undefined> {
    const { definition, feed, handler, limit, tenant } = this.#options;
    const quietUpTo = after < handler.quietUpTo ? handler.quietUpTo : Infinity;
    const last = Math.min(await limit(), quietUpTo);
    if (after >= last) return undefined;
    const count = this.#names === undefined ? definition.batchSize : Math.max(definition.batchSize, SIFTED_BATCH);
    const events = await feed.read(tenant, after, Math.min(count, last - after));
    const end = events.at(-1);
    return end === undefined ? undefined : { events, upTo: end.position };
  }

  async #handle(chunk: Chunk, next: Promise<Chunk | undefined>): Promise<void> {
    const { definition, handler, onPosition, signal } = this.#options;
    const wanted = await this.#sift(chunk.events);
    for (let start = 0; start < wanted.length; start += definition.batchSize) {
      signal().throwIfAborted();
      const batch = wanted.slice(start, start + definition.batchSize);
      const isLast = start + definition.batchSize >= wanted.length;
      const isWhole = isLast && this.#names === undefined && definition.select === undefined;
      const following = isWhole ? next.then((chunk) => chunk?.events.slice(0, definition.batchSize) ?? []) : undefined;
      await handler.handle(batch, isLast ? chunk.upTo : (batch.at(-1)?.position ?? chunk.upTo), following);
    }
    this.#position = chunk.upTo;
    onPosition(this.#position);
    // Not with every chunk: what is skipped again after a crash costs nothing.
    if (wanted.length === 0 && this.#options.timers.monotonicMs() - this.#writtenAtMs >= CHECK_MS) await this.#writePosition();
  }

  async #sift(events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]> {
    const { definition, handler, tenant } = this.#options;
    const named = this.#names === undefined ? events : events.filter((event) => this.#names?.has(event.name));
    if (definition.select === undefined || named.length === 0) return named;
    return handler.patiently(() => definition.select?.(tenant.tenant.id, named) ?? Promise.resolve(named));
  }

  async #writePosition(): Promise<void> {
    this.#writtenAtMs = this.#options.timers.monotonicMs();
    await this.#options.handler.skipTo(this.#position);
  }

  async #isSwitchedOff(): Promise<boolean> {
    const { definition, handler, log, state, tenant, timers } = this.#options;
    if (timers.monotonicMs() - this.#checkedAtMs < CHECK_MS) return this.#isOff;
    try {
      const control = await state.control();
      this.#isOff = control.isPaused || !(await definition.isEnabled(tenant.tenant.id));
      this.#checkedAtMs = timers.monotonicMs();
      if (control.rebuildsAsked > control.rebuildsBegun) {
        // Nothing may be handled on tables that are emptied in part.
        await handler.patiently(async () => handler.rebuild(await state.answerRebuild()));
        this.#position = handler.position;
        this.#isRewound = true;
        this.#options.onPosition(this.#position);
      }
      if (control.retriesAsked > control.retriesAnswered) {
        const { done, left } = await handler.retrySetAside();
        await state.updateControl((current) => ({ ...current, retriesAnswered: control.retriesAsked, done, left }));
      }
    } catch (error) {
      this.#options.signal().throwIfAborted();
      log.warn(
        { tenantId: tenant.tenant.id, consumer: definition.id, err: error },
        'what was asked of a consumer could not be read; trying again',
      );
      this.#checkedAtMs = timers.monotonicMs();
    }
    return this.#isOff;
  }
}
