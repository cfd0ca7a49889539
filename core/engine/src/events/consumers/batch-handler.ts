import { TendrilError } from '@tendril/plugin-api';
import type { Clock, LoggedEvent, Logger } from '@tendril/plugin-api';
import { backoffMs } from '../../backoff.ts';
import type { BackoffPolicy } from '../../backoff.ts';
import { pause } from '../../environment.ts';
import type { Random, Timers } from '../../environment.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/index.ts';
import type { ConsumerDefinition, ResolvePeople } from '../contract.ts';
import { decodeEvent } from '../event-codec.ts';
import type { EventFault } from '../fault-points.ts';
import { peopleOf } from './consumer-state.ts';
import type { ConsumerState, Cursor } from './consumer-state.ts';
import { emptyTable } from './empty-table.ts';
import { stateAfter } from './state-after.ts';
import type { Turns } from './turns.ts';

/** How often and how patiently a failing event is tried. */
export interface ConsumerRetry extends BackoffPolicy {
  /** How often an event is tried alone before it is set aside. */
  readonly attempts: number;
}

/** Errors of the surroundings, not of an event: nothing is set aside for them, however long they last. */
const SURROUNDINGS = new Set<string>([
  'STORE_UNAVAILABLE',
  'STORE_FULL',
  'OVERLOADED',
  'HUB_STOPPING',
  'PLUGIN_DISABLED',
  'PLUGIN_CONSENT_NEEDED',
  'PLUGIN_MIGRATING',
  'PLUGIN_NOT_INSTALLED_HERE',
  'PLUGIN_REVOKED',
  'PLUGIN_STOPPED',
]);
/** So a plugin fails whose code could not be started: it has seen none of the events. */
const OF_THE_START = new Set<string>(['PLUGIN_CRASHED', 'PLUGIN_FAULTY', 'PLUGIN_IMPLEMENTATION_MISMATCH']);
/** A handler that somebody else overtakes reads again, this often at once. */
const CONFLICT_RETRIES = 10;
/** A turn shares out the processor; a handler that takes longer waits for something else, and others may go on. */
const LONGEST_TURN_MS = 1_000;

/** What handling the batches of one consumer of one tenant needs. */
export interface BatchHandlerOptions {
  readonly definition: ConsumerDefinition;
  readonly tenant: OpenTenant;
  readonly state: ConsumerState;
  readonly job: { readonly id: string; readonly fence: number };
  readonly signal: () => AbortSignal;
  /** Aborted when the hub stops: what is handled comes to its end, what fails is not tried again. */
  readonly stopping: AbortSignal;
  readonly turns: Turns;
  readonly resolvePeople: () => ResolvePeople | undefined;
  readonly retry: ConsumerRetry;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly fault?: EventFault | undefined;
}

/** What comes behind a batch. */
interface Following {
  /** The last position of the batch. */
  readonly after: number;
  readonly events: Promise<readonly LoggedEvent[]>;
}

/** Events that were handled before it was their turn. */
interface Ahead {
  readonly events: readonly LoggedEvent[];
  readonly changes: Promise<readonly Change[]>;
}

/** Handles batches and moves the cursor with what they derive. One per lease. */
export class BatchHandler {
  readonly #options: BatchHandlerOptions;
  readonly #blocked = new Set<string>();
  #cursor: Cursor;
  #following: Following | undefined;
  #ahead: Ahead | undefined;

  constructor(options: BatchHandlerOptions, cursor: Cursor) {
    this.#options = options;
    this.#cursor = cursor;
  }

  /** The durable position. */
  get position(): number {
    return this.#cursor.position;
  }

  /** Up to here it is rebuilt; a batch must not reach beyond. */
  get quietUpTo(): number {
    return this.#cursor.quietUpTo;
  }

  /** Reads who waits behind an event that was set aside. */
  async loadBlocked(): Promise<void> {
    this.#ahead = undefined;
    this.#blocked.clear();
    if (this.#options.definition.onFailure === 'skip') return;
    for (const record of await this.#options.state.setAside()) this.#block(record.people);
  }

  /**
   * Handles events, then the cursor stands at `upTo`.
   *
   * @param following what comes next, if it is known: handled ahead while these are being committed, where all comes from the log
   * @throws TendrilError LEASE_LOST, HUB_STOPPING
   */
  async handle(events: readonly LoggedEvent[], upTo: number, following?: Promise<readonly LoggedEvent[]>): Promise<void> {
    this.#following = following === undefined ? undefined : { after: upTo, events: following };
    await this.#settle(await this.#resolved(events), upTo);
    this.#following = undefined;
  }

  async #resolved(events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]> {
    const { definition, tenant } = this.#options;
    const resolve = definition.after === undefined ? undefined : this.#options.resolvePeople();
    if (events.length === 0 || resolve === undefined) return events;
    const people = await this.patiently(() => resolve(tenant.tenant.id, events));
    return events.map((event, i) => withProfile(event, people[i]));
  }

  /** Moves the cursor over events that do not concern the consumer. */
  async skipTo(position: number): Promise<void> {
    if (position > this.#cursor.position) await this.patiently(() => this.#commit([], position));
  }

  async #settle(events: readonly LoggedEvent[], upTo: number): Promise<void> {
    for (let failures = 0, conflicts = 0; ;) {
      const [ready, waiting] = this.#partition(events);
      try {
        await this.#attempt(ready, waiting, upTo);
        return;
      } catch (error) {
        this.#rethrowWhenOver(error);
        if (isCode(error, 'CONFLICT') && (conflicts += 1) <= CONFLICT_RETRIES) continue;
        if (isSurroundings(error)) {
          await this.#backOff((failures += 1), error);
          continue;
        }
        if (ready.length > 1) return this.#halve(events, upTo);
        failures += 1;
        if (failures >= this.#options.retry.attempts) return this.#setAside(ready, waiting, upTo, error);
        await this.#backOff(failures, error);
      }
    }
  }

  async #halve(events: readonly LoggedEvent[], upTo: number): Promise<void> {
    const middle = Math.ceil(events.length / 2);
    const first = events.slice(0, middle);
    await this.#settle(first, first.at(-1)?.position ?? upTo);
    await this.#settle(events.slice(middle), upTo);
  }

  async #attempt(ready: readonly LoggedEvent[], waiting: readonly LoggedEvent[], upTo: number): Promise<void> {
    const { tenant, timers, turns, clock, state } = this.#options;
    const endTurn = await turns.take(tenant.tenant.id, Math.max(ready.length, 1));
    const cancelLimit = timers.after(LONGEST_TURN_MS, endTurn);
    try {
      this.#options.signal().throwIfAborted();
      this.#options.fault?.('consumer.before-handle');
      const changes = ready.length === 0 ? [] : await this.#changesOf(ready);
      const committing = this.#commit([...changes, ...waiting.map((event) => state.putAside(event, clock.now(), 'blocked'))], upTo);
      if (waiting.length === 0) this.#handleAhead(changes, upTo, committing);
      await committing;
    } finally {
      cancelLimit();
      endTurn();
    }
    for (const event of waiting) this.#block(peopleOf(event));
  }

  /** What was handled ahead, or what handling gives now. */
  async #changesOf(events: readonly LoggedEvent[]): Promise<readonly Change[]> {
    const { definition, tenant, signal } = this.#options;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const isSame = ahead?.events.length === events.length && ahead.events.every((event, index) => event === events[index]);
    // What failed ahead is handled again, and judged by how that goes.
    const made = isSame ? await ahead.changes.catch(() => undefined) : undefined;
    return made ?? definition.handle(tenant.tenant.id, events, signal());
  }

  /** Handles what comes next on the state that the commit will leave. A commit that fails takes it along. */
  #handleAhead(changes: readonly Change[], upTo: number, committing: Promise<void>): void {
    const { definition, tenant, signal } = this.#options;
    const following = this.#following;
    if (definition.derives === undefined || definition.after !== undefined || this.#blocked.size > 0) return;
    // Of a batch that is being halved more is to come before.
    if (following?.after !== upTo) return;
    void following.events
      .then((events) => {
        if (events.length === 0 || this.#following !== following) return;
        const state = stateAfter(tenant.state, changes, committing);
        const ahead = { events, changes: definition.handle(tenant.tenant.id, events, signal(), state) };
        ahead.changes.catch(() => undefined);
        this.#ahead = ahead;
        committing.catch(() => {
          if (this.#ahead === ahead) this.#ahead = undefined;
        });
      })
      .catch(() => undefined);
  }

  async #setAside(ready: readonly LoggedEvent[], waiting: readonly LoggedEvent[], upTo: number, error: unknown): Promise<void> {
    const { clock, definition, log, state, tenant } = this.#options;
    const [event] = ready;
    if (event === undefined) throw error;
    log.error({ tenantId: tenant.tenant.id, consumer: definition.id, position: event.position, err: error }, 'event set aside');
    // Of the events that waited, those behind this one wait for it too; all are in order.
    const changes = [
      state.putAside(event, clock.now(), { error }),
      ...waiting.map((other) => state.putAside(other, clock.now(), 'blocked')),
    ];
    await this.patiently(() => this.#commit(changes, upTo));
    if (definition.onFailure === 'block') for (const other of [event, ...waiting]) this.#block(peopleOf(other));
  }

  async #commit(changes: readonly Change[], upTo: number): Promise<void> {
    const { clock, fault, job, signal, state, tenant } = this.#options;
    signal().throwIfAborted();
    fault?.('consumer.before-commit');
    const all: readonly Change[] = [
      { op: 'held', jobId: job.id, fence: job.fence },
      ...this.#unheard(changes, upTo),
      state.moveCursor({ position: upTo, quietUpTo: this.#cursor.quietUpTo }, this.#cursor.version, clock.now()),
    ];
    const result = await tenant.state.commit(all);
    if (result.ok) {
      fault?.('consumer.after-commit');
      this.#cursor = { position: upTo, version: this.#cursor.version + 1, quietUpTo: this.#cursor.quietUpTo };
      return;
    }
    const isOurs = result.failed === 0 || result.failed === all.length - 1;
    throw new TendrilError(isOurs ? 'LEASE_LOST' : 'CONFLICT', { consumer: this.#options.definition.id, reason: result.reason });
  }

  /** What is emitted about events that are read again has been emitted when they came. */
  #unheard(changes: readonly Change[], position: number): readonly Change[] {
    return position > this.#cursor.quietUpTo ? changes : changes.filter(({ op }) => op !== 'emit');
  }

  /**
   * Empties the tables that are made of the log alone and goes back to its beginning. Cut short, it is done again: the
   * cursor moves last.
   */
  async rebuild(answered: Change): Promise<void> {
    this.#ahead = undefined;
    const { clock, definition, fault, job, state, tenant } = this.#options;
    const held: Change = { op: 'held', jobId: job.id, fence: job.fence };
    for (const table of definition.derives ?? []) {
      await emptyTable(tenant.state, table, async (deletions) => {
        this.#options.signal().throwIfAborted();
        fault?.('consumer.before-empty');
        await this.#commitOrLose([held, ...deletions]);
      });
    }
    const setAside = (await state.setAside()).map(({ position }) => state.takeBack(position));
    const to = { position: 0, quietUpTo: Math.max(this.#cursor.position, this.#cursor.quietUpTo) };
    fault?.('consumer.before-rewind');
    await this.#commitOrLose([held, ...setAside, answered, state.moveCursor(to, this.#cursor.version, clock.now())]);
    this.#cursor = { ...to, version: this.#cursor.version + 1 };
    this.#blocked.clear();
  }

  async #commitOrLose(changes: readonly Change[]): Promise<void> {
    const result = await this.#options.tenant.state.commit(changes);
    if (result.ok) return;
    throw new TendrilError(result.failed === 0 ? 'LEASE_LOST' : 'CONFLICT', {
      consumer: this.#options.definition.id,
      reason: result.reason,
    });
  }

  /** Tries the events set aside again, in order; those of a person whose earlier one fails again go on waiting. */
  async retrySetAside(): Promise<{ readonly done: number; readonly left: number }> {
    this.#ahead = undefined;
    const { definition, state, tenant } = this.#options;
    const records = await state.setAside();
    const blocked = new Set<string>();
    let done = 0;
    for (const record of records) {
      if (definition.onFailure === 'block' && record.people.some((person) => blocked.has(person))) {
        for (const person of record.people) blocked.add(person);
        continue;
      }
      const [stored] = await this.#options.tenant.log.get([record.position]);
      const error = stored === undefined ? undefined : await this.#retryOne(record.position, stored.payload);
      if (error === undefined) {
        done += 1;
        if (stored === undefined) await tenant.state.commit([state.takeBack(record.position)]);
        continue;
      }
      for (const person of record.people) blocked.add(person);
    }
    await this.loadBlocked();
    return { done, left: records.length - done };
  }

  async #retryOne(position: number, payload: string): Promise<unknown> {
    const { definition, tenant, state, clock, job, signal } = this.#options;
    const [event = decodeEvent({ position, payload })] = await this.#resolved([decodeEvent({ position, payload })]);
    try {
      signal().throwIfAborted();
      const changes = await definition.handle(tenant.tenant.id, [event], signal());
      const result = await tenant.state.commit([
        { op: 'held', jobId: job.id, fence: job.fence },
        ...this.#unheard(changes, position),
        state.takeBack(position),
      ]);
      return result.ok ? undefined : new TendrilError(result.failed === 0 ? 'LEASE_LOST' : 'CONFLICT');
    } catch (error) {
      this.#rethrowWhenOver(error);
      await tenant.state.commit([state.putAside(event, clock.now(), { error })]);
      return error;
    }
  }

  #partition(events: readonly LoggedEvent[]): readonly [LoggedEvent[], LoggedEvent[]] {
    if (this.#blocked.size === 0) return [[...events], []];
    const ready: LoggedEvent[] = [];
    const waiting: LoggedEvent[] = [];
    const blocked = new Set(this.#blocked);
    for (const event of events) {
      const people = peopleOf(event);
      if (!people.some((person) => blocked.has(person))) {
        ready.push(event);
        continue;
      }
      waiting.push(event);
      for (const person of people) blocked.add(person);
    }
    return [ready, waiting];
  }

  #block(people: readonly string[]): void {
    for (const person of people) this.#blocked.add(person);
  }

  #rethrowWhenOver(error: unknown): void {
    this.#options.signal().throwIfAborted();
    if (isCode(error, 'LEASE_LOST')) throw error;
  }

  /** Does it until the surroundings let it succeed. @throws TendrilError LEASE_LOST, HUB_STOPPING */
  async patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await work();
      } catch (error) {
        this.#rethrowWhenOver(error);
        await this.#backOff(failures, error);
      }
    }
  }

  async #backOff(failures: number, error: unknown): Promise<void> {
    const { definition, log, random, retry, signal, stopping, tenant, timers } = this.#options;
    log.warn({ tenantId: tenant.tenant.id, consumer: definition.id, failures, err: error }, 'consumer failed; trying again');
    await pause(timers, backoffMs(failures, retry, random), AbortSignal.any([signal(), stopping]));
    signal().throwIfAborted();
    if (stopping.aborted) throw new TendrilError('HUB_STOPPING', { consumer: definition.id });
  }
}

function withProfile(event: LoggedEvent, profileId: string | undefined): LoggedEvent {
  return profileId === undefined ? event : { ...event, profileId };
}

function isCode(error: unknown, code: string): boolean {
  return TendrilError.is(error) && error.code === code;
}

function isSurroundings(error: unknown): boolean {
  if (!TendrilError.is(error)) return false;
  return SURROUNDINGS.has(error.code) || (OF_THE_START.has(error.code) && error.details['isWithoutEffect'] === true);
}
