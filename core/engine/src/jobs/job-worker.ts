import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';
import { pause } from '../environment.ts';
import type { Random, Timers } from '../environment.ts';
import type { Change, Claim, JobQueue, WakeUps, WorkRole } from '../ports.ts';
import type { TenantOpener } from '../tenants/contract.ts';
import { backoffMs } from '../backoff.ts';
import type { BackoffPolicy } from '../backoff.ts';
import type { JobHandler, JobWorker, KindOptions } from './contract.ts';
import { HeldJob } from './held-job.ts';
import { RegisteredKind } from './registered-kind.ts';
import { Suspects } from './suspects.ts';

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
  /** How processes call each other; without it this one knows all that is made due, or finds it by looking. */
  readonly wakeUps?: WakeUps | undefined;
  /** Asked before each look for work: false in a process that may not take any. All may unless told. */
  readonly mayClaim?: () => boolean | Promise<boolean>;
}

const DEFAULT_BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 300_000 };
/** How many times within a lease it is looked for one that ran out: often enough that its handler stops before another begins. */
const LOOKS_PER_LEASE = 50;
/** How long handlers have, after the abort, to put their jobs back themselves. */
const ABORT_GRACE_MS = 2_000;
/** How often it is looked for work that nobody was called for, while calls come by a server: at most, and at least half of it. */
const SWEEP_MS = 5_000;
/** What is due later than this is called for by a later look. */
const CALL_AHEAD_MS = 60_000;
const ALL_ROLES: readonly WorkRole[] = ['worker', 'scheduler'];

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
  readonly #kinds = new Map<string, RegisteredKind>();
  readonly #suspects = new Suspects();
  readonly #held = new Map<string, HeldJob>();
  readonly #ends = new Set<Promise<void>>();
  #state: 'new' | 'running' | 'stopping' = 'new';
  #roles: readonly WorkRole[] = [];
  #isRefused = false;
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

  register(kind: string, handler: JobHandler, options: KindOptions): void {
    this.#kinds.set(kind, new RegisteredKind(kind, handler, options));
    if (this.#state === 'running') this.#pump();
  }

  hasRoom(kind: string): boolean {
    const found = this.#kinds.get(kind);
    if (this.#state !== 'running' || this.#isRefused || found === undefined || !this.#does(found)) return false;
    // Where others can be called, half of the room is left to what they make due.
    return found.running < (this.#options.wakeUps === undefined ? found.concurrency : found.concurrency / 2);
  }

  #does(kind: RegisteredKind): boolean {
    return this.#roles.includes(kind.role);
  }

  adopt(claim: Claim): void {
    this.#run(claim, this.#options.timers.monotonicMs());
  }

  nudge(tenantId: string, jobId: string): boolean {
    const job = this.#held.get(`${tenantId}/${jobId}`);
    job?.nudge();
    return job !== undefined;
  }

  load(): readonly { readonly kind: string; readonly running: number; readonly concurrency: number }[] {
    return [...this.#kinds.values()]
      .filter((kind) => this.#does(kind))
      .map(({ name, running, concurrency }) => ({ kind: name, running, concurrency }));
  }

  start(roles: readonly WorkRole[] = ALL_ROLES): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#roles = roles;
    const { clock, queue, wakeUps } = this.#options;
    const stopHearing = queue.onDue((dueAt) => {
      wakeUps?.publish(dueAt);
      if (roles.length > 0) this.#sleepAtMost(dueAt - clock.now());
    });
    const pump = (): void => {
      this.#pump();
    };
    const stopBeingCalled = roles.length === 0 ? undefined : wakeUps?.onWake(pump);
    this.#unsubscribe = () => {
      stopHearing();
      stopBeingCalled?.();
    };
    // One that does nothing itself has nothing to look for.
    if (roles.length === 0) return;
    this.#renewLater();
    this.#lookLater();
    this.#pump();
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopping';
    this.#options.wakeUps?.setReceiving(false);
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
    if (this.#state !== 'running' || this.#roles.length === 0) return;
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
    let sleepMs = this.#lookAgainMs();
    try {
      if (await this.#isAllowed()) sleepMs = Math.min(sleepMs, await this.#claimAllowed());
    } catch (error) {
      this.#options.log.warn({ err: error }, 'due jobs could not be claimed; trying again');
    }
    this.#rest(sleepMs);
  }

  #rest(forMs: number): void {
    if (!this.#isPumpAsked) this.#sleepAtMost(forMs);
  }

  async #isAllowed(): Promise<boolean> {
    this.#isRefused = !((await this.#options.mayClaim?.()) ?? true);
    this.#receive();
    return !this.#isRefused;
  }

  /** @returns in how many milliseconds the next job is due that nobody else is called for */
  async #claimAllowed(): Promise<number> {
    const { clock, queue, wakeUps } = this.#options;
    const askedAt = clock.now();
    const kinds = [...this.#kinds.values()].filter((kind) => this.#does(kind));
    const counts = await Promise.all(kinds.map((kind) => this.#claimKind(kind)));
    if (counts.includes('more')) this.#isPumpAsked = true;
    this.#receive();
    // Others may have room for what is left. Only after taking some: those without room would call each other for ever.
    if (counts.includes('more') || counts.includes('full')) wakeUps?.publish(clock.now());
    const dueAt = await queue.nextDueAt();
    const inMs = (dueAt ?? Infinity) - clock.now();
    // It came due while others were being claimed, and nobody else tells of it.
    if (inMs <= 0 && dueAt !== undefined && dueAt > askedAt) return 0;
    // What was due and could not be taken waits for room, and the end of a job pumps.
    if (inMs <= 0) return Infinity;
    if (wakeUps?.isConnected() !== true) return inMs;
    // One is called for it then, and not all that have looked.
    if (inMs <= CALL_AHEAD_MS) wakeUps.publish(clock.now() + inMs);
    return Infinity;
  }

  async #claimKind(kind: RegisteredKind): Promise<'more' | 'full' | 'done'> {
    const limit = Math.min(kind.concurrency - kind.running, 100);
    kind.isBehind = limit <= 0;
    if (limit <= 0) return 'done';
    const askedAtMs = this.#options.timers.monotonicMs();
    const claims = await this.#options.queue.claimDue(this.workerId, { limit, leaseMs: this.leaseMs, kinds: [kind.name] });
    kind.isBehind = claims.length === limit;
    for (const claim of Suspects.order(claims)) this.#run(claim, askedAtMs);
    if (claims.length < limit) return 'done';
    return kind.hasRoom ? 'more' : 'full';
  }

  /** A process that could take nothing leaves calls to others. */
  #receive(): void {
    const isFull = [...this.#kinds.values()].some((kind) => this.#does(kind) && kind.isBulk && !kind.hasRoom);
    this.#options.wakeUps?.setReceiving(this.#state === 'running' && !this.#isRefused && !isFull);
  }

  #lookAgainMs(): number {
    if (this.#options.wakeUps?.isConnected() !== true) return this.#pollMs;
    return (SWEEP_MS / 2) * (1 + this.#options.random.fraction());
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
    if (!this.#suspects.enter(job.key, claim)) {
      this.#track(this.#putBack(job, this.#options.clock.now() + this.leaseMs, claim.attempts));
      return;
    }
    kind.running += 1;
    this.#held.set(job.key, job);
    this.#track(
      this.#work(job, kind).finally(() => {
        kind.running -= 1;
        this.#suspects.leave(job.key);
        if (this.#held.get(job.key) === job) this.#held.delete(job.key);
        this.#receive();
        // What becomes due otherwise is announced by the store.
        if (kind.isBehind) this.#pump();
      }),
    );
  }

  #track(end: Promise<void>): void {
    this.#ends.add(end);
    void end.finally(() => this.#ends.delete(end));
  }

  async #work(job: HeldJob, kind: RegisteredKind): Promise<void> {
    const { id, tenantId, fence, deaths = 0 } = job.claim;
    const instead = kind.afterDeaths(deaths);
    if (instead !== undefined)
      this.#options.log.error(
        { tenantId, jobId: id, kind: kind.name, deaths },
        'the process of this job died again and again; giving it up',
      );
    try {
      if (instead === 'bury')
        await this.#write(job, { op: 'bury', jobId: id, fence, error: describe(new TendrilError('JOB_DIED', { jobId: id })) });
      else await (instead ?? kind.handler)(job);
    } catch (error) {
      if (job.isLost) this.#options.log.warn({ tenantId: job.claim.tenantId, jobId: job.claim.id }, 'lease lost; another worker goes on');
      else await this.#afterFailure(job, kind, error);
    }
  }

  async #afterFailure(job: HeldJob, kind: RegisteredKind, error: unknown): Promise<void> {
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
      const { held, woken } = await this.#options.queue.renew(
        jobs.map((job) => job.claim),
        this.leaseMs,
      );
      for (const job of jobs) {
        if (held.has(job.key)) job.renewed(askedAtMs);
        else if (this.#held.get(job.key) === job) job.lose();
        if (woken.has(job.key)) job.nudge();
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
