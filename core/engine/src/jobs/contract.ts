import type { Claim, WorkRole } from '../ports.ts';

/** A claim that is renewed while its handler works. */
export interface Lease {
  readonly claim: Claim;
  /** Aborted when the lease is lost or the hub stops: the handler must not begin a new effect after that. */
  readonly signal: AbortSignal;
  /**
   * Calls back when somebody asked to wake the job while it is held, because something about it has changed: at once when
   * that was in this process, with the next renewal of the lease otherwise. May call more than once for one change.
   *
   * @returns how to stop listening
   */
  onNudge(listener: () => void): () => void;
}

/**
 * Does one claimed job. It ends the job itself, in its own changeset (`finish`, `reschedule`, `bury`). When it throws,
 * the worker reschedules with exponential backoff and full jitter, and buries the job after its last attempt.
 */
export type JobHandler = (lease: Lease) => Promise<void>;

/** How jobs of a kind are done. */
export interface KindOptions {
  /** How many jobs of this kind at once, in this process. */
  readonly concurrency: number;
  /** After how many failures in a row a job is buried; `Infinity` for never. */
  readonly attempts: number;
  /** In which processes; `worker` unless told. */
  readonly role?: WorkRole;
  /**
   * Does a job whose process died five times in a row before it wrote anything, in place of the handler. Without it such
   * a job is buried, unless its attempts are endless.
   */
  readonly onDeaths?: JobHandler;
}

/** Runs due jobs of the registered kinds. */
export interface JobWorker {
  readonly workerId: string;
  /** How long a claim holds unless renewed, in milliseconds. */
  readonly leaseMs: number;
  register(kind: string, handler: JobHandler, options: KindOptions): void;
  /** True while another job of the kind could be taken at once: then a job may be born claimed by this worker. */
  hasRoom(kind: string): boolean;
  /** Runs a job that was born claimed by this worker; its fence is 1. */
  adopt(claim: Claim): void;
  /** Tells the handler of a job that something about it has changed. @returns whether this process holds it */
  nudge(tenantId: string, jobId: string): boolean;
  /** @param roles what this process does, all unless told; with none it only tells others that work is due */
  start(roles?: readonly WorkRole[]): void;
  /** Takes no more jobs, waits for those in hand, then aborts them and puts them back. */
  stop(graceMs: number): Promise<void>;
  /** How busy each kind is in this process. */
  load(): readonly { readonly kind: string; readonly running: number; readonly concurrency: number }[];
}
