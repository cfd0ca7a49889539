import { TendrilError } from '@tendril/plugin-api';
import type { JobHandler, JobWorker, Lease } from '../../jobs/contract.ts';
import type { Claim, JobQueue } from '../../ports.ts';
import type { VirtualTime } from './virtual-time.ts';

const LEASE_MS = 3_600_000;
const CLAIMED_AT_ONCE = 100;
/** Turns of the event loop after which what has not moved waits for the clock. */
const QUIET_TURNS = 3;
/** Rounds without the clock moving after which it is said that something goes round in circles. */
const MAX_ROUNDS = 100_000;

/** Does the jobs of a world with virtual time: what is due now at once, then the clock moves on to what is due next. */
export class SimulatedWorker implements JobWorker {
  readonly workerId = 'simulation';
  readonly leaseMs = LEASE_MS;
  readonly #queue: JobQueue;
  readonly #time: VirtualTime;
  readonly #outside: OutsideCalls;
  readonly #handlers = new Map<string, JobHandler>();
  readonly #held = new Map<string, SimulatedLease>();

  constructor(options: { readonly queue: JobQueue; readonly time: VirtualTime; readonly outside: OutsideCalls }) {
    this.#queue = options.queue;
    this.#time = options.time;
    this.#outside = options.outside;
  }

  register(kind: string, handler: JobHandler): void {
    this.#handlers.set(kind, handler);
  }

  hasRoom(): boolean {
    return false;
  }

  adopt(): void {
    throw new TendrilError('INTERNAL', { reason: 'a simulation claims its jobs itself' });
  }

  nudge(tenantId: string, jobId: string): boolean {
    const lease = this.#held.get(`${tenantId}/${jobId}`);
    lease?.nudge();
    return lease !== undefined;
  }

  start(): void {
    // Nothing runs by itself here.
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  load(): readonly [] {
    return [];
  }

  /**
   * Does all work that is due up to a moment, moving the clock to each.
   *
   * @param isOver asked between jobs: ends it early
   */
  async runUntil(until: number, isOver: () => boolean | Promise<boolean> = () => false): Promise<void> {
    for (let round = 0; ; round += 1) {
      if (round > MAX_ROUNDS) throw new TendrilError('OVERLOADED', { reason: 'the simulation does not come to an end' });
      if (await isOver()) return;
      const claims = await this.#queue.claimDue(this.workerId, { limit: CLAIMED_AT_ONCE, leaseMs: LEASE_MS });
      if (claims.length > 0) {
        await this.#handleAll(claims);
        continue;
      }
      const dueAt = await this.#queue.nextDueAt();
      if (dueAt === undefined || dueAt > until) break;
      this.#time.moveTo(dueAt);
    }
    this.#time.moveTo(until);
  }

  async #handleAll(claims: readonly Claim[]): Promise<void> {
    let pending = claims.length;
    let failure: { readonly error: unknown } | undefined;
    for (const claim of claims) {
      this.#handle(claim)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          pending -= 1;
        });
    }
    const isDone = (): boolean => pending === 0;
    while (!isDone()) await this.#letThemWork(isDone);
    if (failure !== undefined) throw failure.error;
  }

  async #handle(claim: Claim): Promise<void> {
    const handler = this.#handlers.get(claim.kind);
    if (handler === undefined) throw new TendrilError('INTERNAL', { reason: 'no handler', kind: claim.kind });
    const lease = new SimulatedLease(claim);
    const key = `${claim.tenantId}/${claim.id}`;
    this.#held.set(key, lease);
    try {
      await handler(lease);
    } finally {
      this.#held.delete(key);
    }
  }

  /** Waits until they are done or stand still; then the clock moves to the timer that one of them waits for. */
  async #letThemWork(isDone: () => boolean): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn += 1) {
      await nextTurn();
      if (isDone()) return;
    }
    const outside = this.#outside.next();
    if (outside !== undefined) await outside;
    else if (!this.#time.fireNext()) await nextTurn();
  }
}

/** Counts calls that take real time, so that the virtual clock waits for them. */
export class OutsideCalls {
  readonly #open = new Set<Promise<unknown>>();

  /** Follows a call to its end. */
  follow<Result>(call: Promise<Result>): Promise<Result> {
    const settled = call.then(
      () => undefined,
      () => undefined,
    );
    this.#open.add(settled);
    void settled.finally(() => this.#open.delete(settled));
    return call;
  }

  /** Resolves with the next end of a call; `undefined` when none is open. */
  next(): Promise<unknown> | undefined {
    return this.#open.size === 0 ? undefined : Promise.race(this.#open);
  }
}

class SimulatedLease implements Lease {
  readonly claim: Claim;
  readonly signal = new AbortController().signal;
  readonly #listeners = new Set<() => void>();

  constructor(claim: Claim) {
    this.claim = claim;
  }

  onNudge(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  nudge(): void {
    for (const listener of this.#listeners) listener();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
