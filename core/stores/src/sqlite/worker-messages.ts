import type { WireError } from './store-error.ts';

/** One request: its number, the method's name, the arguments. */
export type WorkerRequest = readonly [id: number, method: string, args: readonly unknown[]];

/** One answer: the request's number, and either a result or an error. */
export type WorkerReply = readonly [id: number, result: unknown, error?: WireError];

/** What a worker reports first: that it is open, or why not. */
export type WorkerStart = { readonly isOpen: true } | { readonly isOpen: false; readonly error: WireError };

/** The methods of a worker, as seen by one that calls them in its own thread. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

/** What a worker is given at its start. */
export interface WorkerSettings {
  readonly path: string;
  readonly busyTimeoutMs: number;
  readonly maxPages?: number | undefined;
  readonly faults?: { readonly kill: string; readonly after: number } | undefined;
}
