import type { JsonObject } from '@tendril/plugin-api';
import type { PluginIncident } from './contract.ts';

/** Something that a plugin did, as it is kept. */
export interface KeptIncident {
  readonly at: number;
  readonly kind: PluginIncident['kind'];
  readonly reason: string;
}

/** How it stands with one plugin of one tenant; nothing is kept of those that are sound. */
export interface Condition {
  readonly plugin: string;
  /** Of the last window, oldest first. */
  readonly incidents: readonly KeptIncident[];
  readonly stopped?: { readonly at: number; readonly reason: string };
  /** The last version of which it was reported that it is revoked. */
  readonly revokedVersion?: string;
}

/** A condition from its row. */
export function toCondition(row: JsonObject): Condition {
  return row as unknown as Condition;
}

/** A row of a condition. */
export function fromCondition(condition: Condition): JsonObject {
  return condition as unknown as JsonObject;
}
