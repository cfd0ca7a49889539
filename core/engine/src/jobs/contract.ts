import type { Claim } from '../ports.ts';

/** A claim that is renewed while its handler works. */
export interface Lease {
  readonly claim: Claim;
  /** Aborted when the lease is lost or the hub stops: the handler must not begin a new effect after that. */
  readonly signal: AbortSignal;
}

/**
 * Does one claimed job. It ends the job itself, in its own changeset (`finish`, `reschedule`, `bury`). When it throws,
 * the worker reschedules with exponential backoff and full jitter, and buries the job after its last attempt.
 */
export type JobHandler = (lease: Lease) => Promise<void>;

/** Runs due jobs of the registered kinds. */
export interface JobWorker {
  readonly workerId: string;
  /** How long a claim holds unless renewed, in milliseconds. */
  readonly leaseMs: number;
  /** @param options.concurrency how many jobs of this kind at once, in this process */
  register(kind: string, handler: JobHandler, options: { readonly concurrency: number; readonly attempts: number }): void;
  /** True while another job of the kind could be taken at once: then a job may be born claimed by this worker. */
  hasRoom(kind: string): boolean;
  /** Runs a job that was born claimed by this worker; its fence is 1. */
  adopt(claim: Claim): void;
  start(): void;
  stop(graceMs: number): Promise<void>;
}
