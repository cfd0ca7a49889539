import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import { pause } from '../environment.ts';
import type { Random, Timers } from '../environment.ts';
import type { Change, Claim, JobQueue } from '../ports.ts';
import type { TenantOpener } from '../tenants/contract.ts';
import { backoffMs } from '../backoff.ts';
import type { BackoffPolicy } from '../backoff.ts';
import type { JobHandler, JobWorker } from './contract.ts';
import { HeldJob } from './held-job.ts';

/** What a worker needs. */
export interface JobWorkerOptions {
  readonly queue: JobQueue;
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  /** Unique among all processes that share the stores. */
  readonly workerId: string;
  /** 30,000 unless told. */
  readonly leaseMs?: number;
  /** How often an idle worker looks for jobs that other processes made due; 1,000 unless told. */
  readonly pollMs?: number;
  readonly backoff?: BackoffPolicy;
}

interface Kind {
  readonly handler: JobHandler;
  readonly concurrency: number;
  readonly attempts: number;
  running: number;
  /** Due jobs were left where they are for want of room, or may have been. */
  isBehind: boolean;
}

const DEFAULT_BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 300_000 };
/** How many times within a lease it is looked for one that ran out: often enough that its handler stops before another begins. */
const LOOKS_PER_LEASE = 50;
/** How long handlers have, after the abort, to put their jobs back themselves. */
const ABORT_GRACE_MS = 2_000;

/** The worker of this process. It sleeps until something is due, and never asks an idle store more often than `pollMs`. */
export function createJobWorker(options: JobWorkerOptions): JobWorker {
  return new Worker(options);
}

class Worker implements JobWorker {
  readonly workerId: string;
  readonly leaseMs: number;
  readonly #options: JobWorkerOptions;
  readonly #pollMs: number;
  readonly #backoff: BackoffPolicy;
  readonly #kinds = new Map<string, Kind>();
  readonly #held = new Map<string, HeldJob>();
  readonly #ends = new Set<Promise<void>>();
  #state: 'new' | 'running' | 'stopping' = 'new';
  #isPumping = false;
  #isPumpAsked = false;
  #pumping: Promise<void> = Promise.resolve();
  #sleepUntilMs = Infinity;
  #cancelSleep: () => void = () => undefined;
  #cancelRenewal: () => void = () => undefined;
  #cancelLook: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    this.workerId = options.workerId;
    this.leaseMs = options.leaseMs ?? 30_000;
    this.#pollMs = options.pollMs ?? 1_000;
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF;
  }

  register(kind: string, handler: JobHandler, options: { readonly concurrency: number; readonly attempts: number }): void {
    this.#kinds.set(kind, { handler, ...options, running: 0, isBehind: false });
    if (this.#state === 'running') this.#pump();
  }

  hasRoom(kind: string): boolean {
    const found = this.#kinds.get(kind);
    return this.#state === 'running' && found !== undefined && found.running < found.concurrency;
  }

  adopt(claim: Claim): void {
    this.#run(claim, this.#options.timers.monotonicMs());
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#unsubscribe = this.#options.queue.onDue((dueAt) => {
      this.#sleepAtMost(dueAt - this.#options.clock.now());
    });
    this.#renewLater();
    this.#lookLater();
    this.#pump();
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopping';
    this.#unsubscribe();
    this.#cancelSleep();
    await this.#settled(graceMs);
    for (const job of this.#held.values()) job.stop();
    await this.#settled(ABORT_GRACE_MS);
    this.#cancelRenewal();
    this.#cancelLook();
  }

  async #settled(withinMs: number): Promise<void> {
    const timeout = new AbortController();
    // A claim that is under way may still bring jobs, and the store has to stay open for it.
    const ended = this.#pumping
      .then(() => Promise.allSettled(this.#ends))
      .then(() => {
        timeout.abort();
      });
    await Promise.race([ended, pause(this.#options.timers, withinMs, timeout.signal)]);
  }

  #pump(): void {
    if (this.#state !== 'running') return;
    this.#isPumpAsked = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#pumping = this.#claimAll().finally(() => {
      this.#isPumping = false;
      if (this.#isPumpAsked) this.#pump();
    });
  }

  async #claimAll(): Promise<void> {
    this.#isPumpAsked = false;
    this.#cancelSleep();
    this.#sleepUntilMs = Infinity;
    let sleepMs = this.#pollMs;
    try {
      const counts = await Promise.all([...this.#kinds].map(([kind, entry]) => this.#claimKind(kind, entry)));
      if (counts.includes('more')) this.#isPumpAsked = true;
      const dueAt = await this.#options.queue.nextDueAt();
      // What is due but could not be taken waits for room, and the end of a job pumps.
      if (dueAt !== undefined && dueAt > this.#options.clock.now()) sleepMs = Math.min(sleepMs, dueAt - this.#options.clock.now());
    } catch (error) {
      this.#options.log.warn({ err: error }, 'due jobs could not be claimed; trying again');
    }
    if (!this.#isPumpAsked) this.#sleepAtMost(sleepMs);
  }

  async #claimKind(kind: string, entry: Kind): Promise<'more' | 'done'> {
    const limit = Math.min(entry.concurrency - entry.running, 100);
    entry.isBehind = limit <= 0;
    if (limit <= 0) return 'done';
    const askedAtMs = this.#options.timers.monotonicMs();
    const claims = await this.#options.queue.claimDue(this.workerId, { limit, leaseMs: this.leaseMs, kinds: [kind] });
    entry.isBehind = claims.length === limit;
    for (const claim of claims) this.#run(claim, askedAtMs);
    return claims.length === limit && entry.running < entry.concurrency ? 'more' : 'done';
  }

  #sleepAtMost(delayMs: number): void {
    if (this.#state !== 'running') return;
    const untilMs = this.#options.timers.monotonicMs() + delayMs;
    if (this.#isPumping && delayMs <= 0) this.#isPumpAsked = true;
    if (untilMs >= this.#sleepUntilMs) return;
    this.#cancelSleep();
    if (delayMs <= 0) {
      this.#pump();
      return;
    }
    this.#sleepUntilMs = untilMs;
    this.#cancelSleep = this.#options.timers.after(delayMs, () => {
      this.#pump();
    });
  }

  #run(claim: Claim, askedAtMs: number): void {
    const job = new HeldJob(claim, { timers: this.#options.timers, leaseMs: this.leaseMs, renewedAtMs: askedAtMs });
    const kind = this.#kinds.get(claim.kind);
    if (kind === undefined || this.#state === 'stopping') {
      this.#track(this.#putBack(job, this.#options.clock.now(), claim.attempts));
      return;
    }
    kind.running += 1;
    this.#held.set(job.key, job);
    this.#track(
      this.#work(job, kind).finally(() => {
        kind.running -= 1;
        if (this.#held.get(job.key) === job) this.#held.delete(job.key);
        // What becomes due otherwise is announced by the store.
        if (kind.isBehind) this.#pump();
      }),
    );
  }

  #track(end: Promise<void>): void {
    this.#ends.add(end);
    void end.finally(() => this.#ends.delete(end));
  }

  async #work(job: HeldJob, kind: Kind): Promise<void> {
    try {
      await kind.handler(job);
    } catch (error) {
      if (job.isLost) this.#options.log.warn({ tenantId: job.claim.tenantId, jobId: job.claim.id }, 'lease lost; another worker goes on');
      else await this.#afterFailure(job, kind, error);
    }
  }

  async #afterFailure(job: HeldJob, kind: Kind, error: unknown): Promise<void> {
    const { claim } = job;
    // Ended by the hub's stop, not by a fault of its own.
    if (job.isAborted) return this.#putBack(job, this.#options.clock.now(), claim.attempts);
    if (TendrilError.is(error) && error.code === 'LEASE_LOST') return;
    const failures = claim.attempts + 1;
    const fields = { tenantId: claim.tenantId, jobId: claim.id, kind: claim.kind, failures, err: error };
    if (failures >= kind.attempts) {
      this.#options.log.error(fields, 'job failed for the last time');
      return this.#write(job, { op: 'bury', jobId: claim.id, fence: claim.fence, error: describe(error) });
    }
    this.#options.log.warn(fields, 'job failed; trying again later');
    const delayMs = Math.max(backoffMs(failures, this.#backoff, this.#options.random), retryAfterMs(error));
    return this.#putBack(job, this.#options.clock.now() + delayMs, failures);
  }

  #putBack(job: HeldJob, dueAt: number, attempts: number): Promise<void> {
    return this.#write(job, { op: 'reschedule', jobId: job.claim.id, fence: job.claim.fence, dueAt, attempts });
  }

  /** When it cannot be written the lease runs out by itself, and the job is claimed again. */
  async #write(job: HeldJob, change: Change): Promise<void> {
    try {
      const { state } = await this.#options.tenants.open(job.claim.tenantId);
      await state.commit([change]);
    } catch (error) {
      this.#options.log.warn(
        { tenantId: job.claim.tenantId, jobId: job.claim.id, err: error },
        'job could not be put back; its lease will run out',
      );
    }
  }

  #renewLater(): void {
    this.#cancelRenewal = this.#options.timers.after(this.leaseMs / 3, () => {
      void this.#renew().finally(() => {
        if (this.#state !== 'stopping' || this.#held.size > 0) this.#renewLater();
      });
    });
  }

  // Not with the renewals: a store that does not answer must not keep a handler from hearing that its lease is over.
  #lookLater(): void {
    this.#cancelLook = this.#options.timers.after(this.leaseMs / LOOKS_PER_LEASE, () => {
      // Asking is enough: a lease that ran out says so itself.
      const hasHeld = [...this.#held.values()].filter((job) => !job.isAborted).length > 0;
      if (this.#state !== 'stopping' || hasHeld) this.#lookLater();
    });
  }

  async #renew(): Promise<void> {
    const jobs = [...this.#held.values()].filter((job) => !job.isLost);
    if (jobs.length === 0) return;
    const askedAtMs = this.#options.timers.monotonicMs();
    try {
      const { held } = await this.#options.queue.renew(
        jobs.map((job) => job.claim),
        this.leaseMs,
      );
      for (const job of jobs) {
        if (held.has(job.key)) job.renewed(askedAtMs);
        else if (this.#held.get(job.key) === job) job.lose();
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'leases could not be renewed; trying again');
    }
  }
}

function retryAfterMs(error: unknown): number {
  const value = TendrilError.is(error) ? error.details['retryAfterMs'] : undefined;
  return typeof value === 'number' && value > 0 ? value : 0;
}

function describe(error: unknown): JsonObject {
  // Only the catalogue's texts are kept: another error's message may hold anything.
  return TendrilError.is(error)
    ? { code: error.code, message: error.message }
    : { code: 'INTERNAL', name: error instanceof Error ? error.name : typeof error };
}
