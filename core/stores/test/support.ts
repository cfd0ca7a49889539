import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import type { JobGate, NewEvent, TableSpec, TenantKeys } from '@tendril/engine/ports';

/** Keys of the tenant that these tests use. */
export const keys: TenantKeys = {
  tenantId: 'acme',
  currentKeyId: 1,
  dataKeys: { 1: new Uint8Array(32).fill(7) },
  indexKey: new Uint8Array(32).fill(8),
};

/** A table with a unique and a plain index. */
export const LEADS: TableSpec = {
  name: 'leads.leads',
  key: 'id',
  indexes: { byEmail: { fields: ['email'], unique: true }, byScore: { fields: ['score'] } },
  personal: ['email'],
};

/** A gate of each kind at which jobs wait. */
export const GATES: readonly JobGate[] = [
  { kind: 'concurrency', key: 'api', limit: 2 },
  { kind: 'serial', key: 'person' },
];

/** An event with a payload of about so many bytes. */
export function eventOf(messageId: string, payloadBytes = 20): NewEvent {
  return {
    messageId,
    kind: 'track',
    name: 'Order Completed',
    appId: 'app_1',
    occurredAt: 1,
    receivedAt: 2,
    person: 'userId:7',
    payload: JSON.stringify({ messageId, filler: 'x'.repeat(payloadBytes) }),
  };
}

/** For `assert.rejects`: the error of this code. */
export function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => TendrilError.is(error) && error.code === code;
}
