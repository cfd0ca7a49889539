export { backoffMs } from '../backoff.ts';
export type { BackoffPolicy } from '../backoff.ts';
export type { JobHandler, JobWorker, KindOptions, Lease } from './contract.ts';
export { createJobWorker } from './job-worker.ts';
export type { JobWorkerOptions } from './job-worker.ts';
export { NEVER_MS } from './never.ts';
