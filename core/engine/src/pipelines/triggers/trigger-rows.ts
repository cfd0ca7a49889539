import type { Json, JsonObject } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';
import type { Change, TenantState } from '../../ports.ts';
import { TRIGGERS } from './tables.ts';

/** What is known of a schedule or a polled source between two times. */
export interface TriggerRow {
  /** Id of its job. */
  readonly key: string;
  readonly pipeline: string;
  readonly environment: EnvironmentName;
  /** What it was planned by: a deployment that changes it begins anew. */
  readonly signature: string;
  /** Not in force any more; the row stays, so that its job and a new deployment cannot miss each other. */
  readonly isGone: boolean;
  /** Up to when everything has been handled, in epoch milliseconds. */
  readonly last: number;
  /** When it is due next, in epoch milliseconds; missing when there is no time any more. */
  readonly nextAt?: number;
}

/** What is known of a polled source. */
export interface SourceRow extends TriggerRow {
  /** What the plugin's handler returned last. */
  readonly cursor?: Json;
  /** What was there when it was deployed has been seen: from now on items start runs. */
  readonly isPrimed: boolean;
  /** Polls in a row that failed; 0 when the last one did not. */
  readonly failures: number;
  /** Why the last poll failed, as it is shown. */
  readonly error?: JsonObject;
  /** It waits for a new login of one of these: `connection:name`, or `plugin:id` where none is named. */
  readonly blockedOn?: string;
}

/** Key of the row and id of the job of a trigger. */
export function triggerKey(kind: string, pipeline: string, environment: EnvironmentName): string {
  return `${kind}:${pipeline}@${environment}`;
}

/** A row as it was read, with the version to expect when it is written; 0 when there is none. */
export async function readTriggerRow<Kind extends TriggerRow>(
  state: TenantState,
  key: string,
): Promise<{ readonly row: Kind | undefined; readonly version: number }> {
  const [row] = await state.get(TRIGGERS, [key]);
  return { row: row?.value as unknown as Kind | undefined, version: row?.version ?? 0 };
}

/** The change that writes a row over the version that was read. */
export function writeTriggerRow(row: TriggerRow | SourceRow, expect: number): Change {
  return { op: 'put', table: TRIGGERS, value: row as unknown as JsonObject, expect };
}
