import type { Logger, LoggedEvent } from '@tendril/plugin-api';
import type { Timers } from '../environment.ts';
import type { Appended, LogStore, NewEvent, WakeUps } from '../ports.ts';
import type { OpenTenant } from '../tenants/index.ts';
import { decodeEvent, placeEvent } from './event-codec.ts';
import type { UnplacedEvent } from './event-codec.ts';
import { Tail } from './tail.ts';

/** How often other processes' appends are looked for. */
const POLL_MS = 1_000;
/** How long an append through another object over the same store may go unannounced. */
const FOREIGN_APPEND_MS = 5;

/** What feeds need. */
export interface FeedOptions {
  readonly log: LogStore;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Bytes that recently seen events may take in memory, roughly. */
  readonly tailBytes?: number;
  /** Tells and hears how far logs have grown, between processes; without it others' appends are found by looking. */
  readonly heads?: Pick<WakeUps, 'announceHead' | 'onHead'> | undefined;
}

/** `first` is the first position of what was appended, where this process appended it. */
export type HeadListener = (tenantId: string, head: number, first?: number) => void;

/** The log as this process's consumers read it: with what it appended itself still in memory. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #tail: Tail;
  readonly #heads = new Map<string, number>();
  readonly #announced = new Map<string, number>();
  readonly #listeners = new Set<HeadListener>();
  #stops: (() => void)[] = [];
  #isRunning = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#tail = new Tail(options.tailBytes);
  }

  /** Appends, keeps the events at hand for consumers, and then tells them. @param decoded the same events, where the caller has them */
  async append(tenant: OpenTenant, events: readonly NewEvent[], decoded?: readonly UnplacedEvent[]): Promise<readonly Appended[]> {
    const tenantId = tenant.tenant.id;
    const results = await tenant.log.append(events);
    let head = 0;
    let first = Infinity;
    for (let i = 0; i < results.length; i += 1) {
      const result = results[i];
      const event = events[i];
      if (result === undefined || event === undefined || result.isDuplicate) continue;
      const known = decoded?.[i];
      const logged =
        known === undefined ? decodeEvent({ position: result.position, payload: event.payload }) : placeEvent(known, result.position);
      this.#tail.add(tenantId, logged, event.payload.length);
      head = Math.max(head, result.position);
      first = Math.min(first, result.position);
    }
    if (head > 0) {
      this.#announce(tenantId, head, first);
      this.#options.heads?.announceHead(tenantId, head);
    }
    return results;
  }

  /** In position order, from `after` (exclusive); perhaps fewer than there are. */
  async read(tenant: OpenTenant, after: number, limit: number): Promise<readonly LoggedEvent[]> {
    const recent = this.atHand(tenant, after, limit);
    if (recent.length > 0) return recent;
    const stored = await tenant.log.read(after, limit);
    return stored.map((item) => {
      const event = decodeEvent(item);
      this.#tail.add(tenant.tenant.id, event, item.payload.length);
      return event;
    });
  }

  /** Those from `after` (exclusive) that were seen lately, without a gap; none where the log has to be read. */
  atHand({ tenant }: OpenTenant, after: number, limit: number): readonly LoggedEvent[] {
    return this.#tail.read(tenant.id, after, limit);
  }

  /** The last known position of a tenant; asks the store for one that was never heard of. */
  async head(tenant: OpenTenant): Promise<number> {
    const known = this.#heads.get(tenant.tenant.id);
    if (known !== undefined && this.#isRunning) return known;
    const head = await tenant.log.head();
    this.#raise(tenant.tenant.id, head);
    return Math.max(head, this.#heads.get(tenant.tenant.id) ?? 0);
  }

  /** Calls back when the log of a tenant has grown, here or elsewhere. @returns how to stop */
  onHead(listener: HeadListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#stops.push(
      this.#options.log.onAppend((tenantId, head) => {
        this.#heardOf(tenantId, head);
      }),
    );
    const stopHearing = this.#options.heads?.onHead((tenantId, head) => {
      this.#heardOf(tenantId, head);
    });
    if (stopHearing !== undefined) this.#stops.push(stopHearing);
    this.#pollLater();
  }

  stop(): void {
    this.#isRunning = false;
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  #raise(tenantId: string, head: number): void {
    if (head > (this.#heads.get(tenantId) ?? 0)) this.#heads.set(tenantId, head);
  }

  #announce(tenantId: string, head: number, first?: number): void {
    this.#raise(tenantId, head);
    const announced = this.#announced.get(tenantId) ?? 0;
    if (head <= announced && first === undefined) return;
    this.#announced.set(tenantId, Math.max(head, announced));
    for (const listener of this.#listeners) listener(tenantId, head, first);
  }

  // The store tells of an append before `append` has put its events into the tail: consumers are told a little later.
  #heardOf(tenantId: string, head: number): void {
    const isFirst = (this.#heads.get(tenantId) ?? 0) <= (this.#announced.get(tenantId) ?? 0);
    this.#raise(tenantId, head);
    if (!isFirst) return;
    this.#options.timers.after(FOREIGN_APPEND_MS, () => {
      this.#announce(tenantId, this.#heads.get(tenantId) ?? 0);
    });
  }

  #pollLater(): void {
    if (!this.#isRunning) return;
    const cancel = this.#options.timers.after(POLL_MS, () => {
      this.#stops = this.#stops.filter((stop) => stop !== cancel);
      void this.#poll().finally(() => {
        this.#pollLater();
      });
    });
    this.#stops.push(cancel);
  }

  async #poll(): Promise<void> {
    try {
      const before = new Map(this.#heads);
      for (const [tenantId, head] of await this.#options.log.heads()) {
        this.#forgetLies(tenantId, before.get(tenantId), head);
        this.#announce(tenantId, head);
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the log could not be asked for new events; trying again');
    }
  }

  /**
   * A log only grows: one that is shorter than what was heard before it was asked never was that long. Somebody else's
   * message, such as another installation's on the same server, must not make later appends go unnoticed.
   */
  #forgetLies(tenantId: string, heard: number | undefined, head: number): void {
    if (heard === undefined || heard <= head || this.#heads.get(tenantId) !== heard) return;
    this.#heads.set(tenantId, head);
    // What was not announced because of it is announced now.
    this.#announced.delete(tenantId);
  }
}
