import type { Call } from '@tendril/plugin-api';

/** What an invocation needs. */
export interface Invocation {
  /** `kind id`. */
  readonly handler: string;
  readonly method?: string;
  readonly input: readonly unknown[];
  readonly call: Call;
}

/** A call that a plugin's process works on, as the hub's end keeps it. */
export interface OpenCall {
  readonly number: number;
  readonly call: Call;
  /** What it may reach; `undefined` where the engine did not say. */
  readonly scope: EgressScope | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Of the questions that are being answered. */
  readonly asks: Map<number, AbortController>;
  readonly streams: Set<number>;
  /** Cut off what is open when the call ends. */
  readonly closing: Set<(error: unknown) => void>;
  changes: number;
  changesBytes: number;
  logLines: number;
  /** The hub has given it up; the process has not said that it ended. */
  isAborted: boolean;
}

/** What the engine bound to the running handler. */
export interface EgressScope {
  plainFetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}
