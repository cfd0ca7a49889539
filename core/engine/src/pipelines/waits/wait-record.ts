import type { JsonObject } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import type { PinnedEvent } from '../runs/records.ts';
import { withoutUndefined } from '../runs/records.ts';
import { WAITS } from './tables.ts';

/** An event that ended a wait. */
export interface Arrival {
  readonly event: PinnedEvent;
  readonly position: number;
}

/** A step that waits for an event, with all that finding the event needs: the run is not loaded for it. */
export interface WaitRecord {
  /** As the step's in the journal. */
  readonly key: string;
  readonly runId: string;
  readonly path: string;
  readonly pipeline: string;
  readonly version: number;
  readonly isTest: boolean;
  /** Name of the event; gone once one has arrived. */
  readonly awaits?: string;
  /** By whom it may come: `profile:…`, `userId:…`, `anonymousId:…`; gone once one has arrived. */
  readonly people?: readonly string[];
  /** Only events behind this position count. */
  readonly since: number;
  /** Only events that were taken in until then count, in epoch milliseconds. */
  readonly until?: number;
  /** Source of the condition. */
  readonly where?: string;
  /** What the condition reads besides the event. */
  readonly scope?: JsonObject;
  readonly registeredAt: number;
  readonly arrival?: Arrival;
}

/** Writes a wait. */
export function putWait(record: WaitRecord, expect: number): Change {
  return { op: 'put', table: WAITS, value: withoutUndefined({ ...record }), expect };
}

/** Takes a wait away; without `expect` whatever has become of it. */
export function deleteWait(key: string, expect?: number): Change {
  return { op: 'delete', table: WAITS, key, ...(expect === undefined ? {} : { expect }) };
}

/** The wait once its event has come: nobody finds it any more. */
export function withArrival({ awaits: _awaits, people: _people, scope: _scope, ...rest }: WaitRecord, arrival: Arrival): WaitRecord {
  return { ...rest, arrival };
}
