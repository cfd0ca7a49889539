import type { JsonObject } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import { digest, withoutUndefined } from '../runs/records.ts';
import { REFUSALS } from './tables.ts';

/** Why an event started nothing of its own: codes of `StartReason` that cannot be worked out again. */
export type RefusalCode =
  | 'rate_limit'
  | 'serial_overflow'
  /** A key of a limit could not be evaluated. */
  | 'key_failed'
  /** A later event of the key took its place, or it waits for one. */
  | 'debounced'
  /** It is one of the events of `runId`, or will be. */
  | 'batched'
  /** What was gathered was dropped: the pipeline was paused, or taken out of force, when it was due. */
  | 'paused'
  | 'undeployed';

/** One of them, as it is kept for a while. */
export interface Refusal {
  readonly key: string;
  readonly pipeline: string;
  readonly eventId: string;
  readonly code: RefusalCode;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Of `batched`: the run that reads it among its `events`. */
  readonly runId?: string;
  /** Of `debounced` and `batched`: the row of `_pipelines.pending` that gathers it. */
  readonly pendingId?: string;
}

/** How long they are kept, in milliseconds: as long as `why` can be asked with some hope. */
export const REFUSALS_KEPT_MS = 30 * 86_400_000;

/** Under which key it is kept what became of an event at a pipeline. */
export function refusalKey(pipeline: string, eventId: string): string {
  return `${pipeline}/${digest(eventId, 40)}`;
}

/** The change that keeps it. */
export function refusalChange(refusal: Omit<Refusal, 'key'>): Change {
  const value = withoutUndefined({ ...refusal, key: refusalKey(refusal.pipeline, refusal.eventId) });
  return { op: 'put', table: REFUSALS, value: value satisfies JsonObject };
}
