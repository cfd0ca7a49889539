import type { LoggedEvent } from '@tendril/plugin-api';
import type { Graph } from './graph.ts';
import type { Part } from './part.ts';

/** An event of somebody, and the part that it belongs to for ever; `part.person` is the person after the batch. */
export interface Handled {
  readonly event: LoggedEvent;
  readonly part: Part;
}

/** What a batch came to: all that behaviour states, computed traits and segments are made from. */
export interface Outcome {
  /** Events of people, in the order of the log. */
  readonly handled: readonly Handled[];
  /** What the hub reported in this batch, in order: definitions and ticks among it. */
  readonly facts: readonly LoggedEvent[];
  /** The log's clock after the batch: the greatest time at which an event was taken in so far, in epoch milliseconds. */
  readonly now: number;
  /** And before it; 0 at the beginning of the log. */
  readonly before: number;
  /** People, by `touched`, `merged` and `linkChanges`; others can be read into it. Rows are written after this. */
  readonly graph: Graph;
}
