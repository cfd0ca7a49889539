import { hash } from 'node:crypto';
import type { Keyring } from './keyring.ts';
import type { LogSql } from './log-sql.ts';

/** A tenant as the log knows it. */
export interface LogTenant {
  readonly tenantNo: number;
  readonly keyring: Keyring;
}

/** What work on one tenant's log needs. */
export interface LogScope {
  readonly sql: LogSql;
  readonly tenant: LogTenant;
}

/** After so long a table of message ids has taken its turn; an id is known for at least as long. */
export const DEDUPE_TURN_MS = 24 * 3_600_000;

const DIGEST_BYTES = 16;
// A tenant's events lie side by side, in position order: 8.5 billion of each tenant, a million tenants.
const POSITIONS_OF_TENANT = 2 ** 33;

/** The id of an event: tenant and position in one number. */
export function eventId(tenantNo: number, position: number): number {
  return tenantNo * POSITIONS_OF_TENANT + position;
}

/** Where the next tenant's events begin. */
export function endOfTenant(tenantNo: number): number {
  return (tenantNo + 1) * POSITIONS_OF_TENANT;
}

/** The position in an id. */
export function positionOf(id: number): number {
  return id % POSITIONS_OF_TENANT;
}

/** What a message id is remembered by. */
export function digestOf(tenantNo: number, messageId: string): Buffer {
  return hash('sha256', `${String(tenantNo)}\0${messageId}`, 'buffer').subarray(0, DIGEST_BYTES);
}

/** Binds a sealed event to its tenant and message id. */
export function eventPlace(tenantId: string, messageId: string): string {
  return `${tenantId}\0event\0${messageId}`;
}
