import type { Change } from '../ports.ts';
import { SUPPRESSIONS } from './tables.ts';

/** The key of a suppression; `target` is an address of the channel or a person's id. Case and spaces around do not matter. */
export function suppressionId(channel: string, target: string): string {
  return `${channel}/${target.trim().toLowerCase()}`;
}

/** Holds a channel back from an address or person. */
export function suppression(channel: string, target: string, reason: string, at: number): Change {
  return { op: 'put', table: SUPPRESSIONS, value: { id: suppressionId(channel, target), channel, reason, at } };
}

/** Holds in a changeset only if there is no such suppression: reading and counting are one moment then. */
export function notSuppressed(id: string): Change {
  return { op: 'delete', table: SUPPRESSIONS, key: id, expect: 0 };
}
