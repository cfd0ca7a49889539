import type { LoggedEvent } from '@tendril/plugin-api';
import type { Graph } from './graph.ts';
import type { Groups } from './groups.ts';
import type { Part } from './part.ts';
import type { SegmentsBatch } from './segments/index.ts';

/** An event of somebody, and the part that it belongs to for ever; `part.person` is the person after the batch. */
export interface Handled {
  readonly event: LoggedEvent;
  readonly part: Part;
}

/** What a batch came to, to be written. */
export interface Outcome {
  /** Events of people, in the order of the log. */
  readonly handled: readonly Handled[];
  readonly graph: Graph;
  readonly groups: Groups;
  readonly segments: SegmentsBatch;
}
