import { Queue, Worker } from 'bullmq';
import type { WorkRole } from '@tendril/engine/ports';
import type { RedisLink } from './redis-link.ts';

/** Due times within the same stretch share one wake-up, at its end. */
const BUCKET_MS = 100;
/** What is due later is found by the workers' own look long before: Redis keeps at most so many buckets. */
const HORIZON_MS = 60_000;
/**
 * Commits within so long after the first share one wake-up: after some quiet, and when one has just been sent. What keeps
 * time for others needs it less often.
 */
const GATHER_MS: Readonly<Record<WorkRole, { readonly first: number; readonly next: number }>> = {
  worker: { first: 3, next: 20 },
  scheduler: { first: 250, next: 250 },
};
/** How long a wake-up that nobody had room for waits before it is offered again. */
const PASS_ON_MS = 50;
/** Wake-ups for what is due now share one job within so long, unless it has been done. */
const NOW_MS = 1_000;

/** Wake-ups of one kind of process. Jobs hold nothing but their id; what is due stands in the state store. */
export class WakeQueue {
  readonly #role: WorkRole;
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #name: string;
  readonly #queue: Queue;
  readonly #buckets = new Set<number>();
  #isDueNow = false;
  #flushTimer: NodeJS.Timeout | undefined;
  #isFlushing = false;
  #flushedAtMs = -Infinity;
  #worker: Worker | undefined;
  #isReceiving = true;

  constructor(options: { readonly role: WorkRole; readonly link: RedisLink; readonly prefix: string }) {
    this.#role = options.role;
    this.#link = options.link;
    this.#prefix = options.prefix;
    this.#name = `wake-${options.role}`;
    this.#queue = new Queue(this.#name, {
      connection: this.#link.commands,
      prefix: this.#prefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: 100 } },
    });
    this.#queue.on('error', () => undefined);
  }

  publish(dueAt: number): void {
    // Nothing is kept for a server that is away: workers look by themselves.
    if (!this.#link.isConnected) return;
    const inMs = dueAt - Date.now();
    if (inMs > HORIZON_MS) return;
    if (inMs <= 0) this.#isDueNow = true;
    else this.#buckets.add(Math.ceil(dueAt / BUCKET_MS) * BUCKET_MS);
    this.#flushSoon();
  }

  listen(onWake: () => void): void {
    const worker = new Worker(this.#name, () => Promise.resolve(), {
      connection: this.#link.connectPatiently(),
      prefix: this.#prefix,
      drainDelay: 5,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', () => undefined);
    // After its removal: what is published while a wake-up of the same id is still there adds nothing, so the look for
    // work has to come behind.
    worker.on('completed', () => {
      if (this.#isReceiving) onWake();
      else this.publish(Date.now() + PASS_ON_MS);
    });
    this.#worker = worker;
  }

  setReceiving(isReceiving: boolean): void {
    if (this.#isReceiving === isReceiving) return;
    this.#isReceiving = isReceiving;
    if (isReceiving) void this.#worker?.resume();
    else void this.#worker?.pause(true);
  }

  async close(): Promise<void> {
    clearTimeout(this.#flushTimer);
    this.#worker?.removeAllListeners('completed');
    await Promise.allSettled([this.#worker?.close(true), this.#queue.close()]);
  }

  #hasGathered(): boolean {
    return this.#isDueNow || this.#buckets.size > 0;
  }

  #flushSoon(): void {
    if (this.#isFlushing || this.#flushTimer !== undefined) return;
    const { first, next } = GATHER_MS[this.#role];
    const hasJustFlushed = performance.now() - this.#flushedAtMs < next;
    this.#flushTimer = setTimeout(
      () => {
        this.#flushTimer = undefined;
        void this.#flush();
      },
      hasJustFlushed ? next : first,
    );
    this.#flushTimer.unref();
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true;
    const now = Date.now();
    const jobs = [...this.#buckets].map((at) => ({
      name: 'wake',
      data: {},
      opts: { jobId: `at-${String(at)}`, delay: Math.max(0, at - now) },
    }));
    if (this.#isDueNow) jobs.push({ name: 'wake', data: {}, opts: { jobId: `now-${String(Math.floor(now / NOW_MS))}`, delay: 0 } });
    this.#buckets.clear();
    this.#isDueNow = false;
    try {
      await this.#queue.addBulk(jobs);
    } catch {
      // Lost with the server: the workers' own look finds the work.
    } finally {
      this.#isFlushing = false;
      this.#flushedAtMs = performance.now();
      if (this.#hasGathered()) this.#flushSoon();
    }
  }
}
