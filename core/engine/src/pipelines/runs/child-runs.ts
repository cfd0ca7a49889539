import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import type { KeptError, RunRecord } from './records.ts';

/** What a call asks for. */
export interface ChildStart {
  readonly pipeline: string;
  readonly input: JsonObject;
  readonly isDetached: boolean;
  readonly path: string;
  /** 1 for the first; each has a run of its own. */
  readonly attempt: number;
}

/** A run that would be started, with the changes that start it. */
export interface PreparedChild {
  readonly runId: string;
  readonly changes: readonly Change[];
}

/** How a child stands. */
export type ChildState =
  { readonly kind: 'open' } | { readonly kind: 'ended'; readonly output: Json } | { readonly kind: 'failed'; readonly error: KeptError };

/** What runs do with the runs that they call. */
export interface ChildRuns {
  /** @throws TendrilError PIPELINE_UNKNOWN, PIPELINE_PAUSED, PIPELINE_DEADLOCK, PIPELINE_CALL_DEPTH, INPUT_INVALID, RUN_NOT_STARTED */
  prepare(tenant: OpenTenant, parent: RunRecord, start: ChildStart): Promise<PreparedChild>;
  /** @throws nothing of its own: a child that is gone counts as failed */
  stateOf(tenant: OpenTenant, runId: string): Promise<ChildState>;
  /** Ends it, unless it has ended. */
  cancel(tenant: OpenTenant, runId: string): Promise<void>;
}
