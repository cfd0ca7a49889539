import type { JsonObject } from '@tendril/plugin-api';
import type { ApiKey, Scope } from '../hub.ts';

/** A key as it is stored: with the hash of its secret. */
export interface KeyRecord extends ApiKey {
  readonly hash: string;
}

/** What every scope includes. */
export const SCOPES: readonly Scope[] = ['read', 'write', 'actions', 'pipelines', 'connections', 'admin'];

/** From a row of `_tenants.keys`. */
export function toKeyRecord(value: JsonObject): KeyRecord {
  return value as unknown as KeyRecord;
}

/** To a row of `_tenants.keys`. */
export function fromKeyRecord(record: KeyRecord): JsonObject {
  const { id, kind, appId, scopes, prefix, createdAt, expiresAt, revokedAt, hash } = record;
  return { id, kind, appId, scopes, prefix, createdAt, expiresAt, revokedAt, hash };
}

/** Without its hash. */
export function toApiKey({ hash: _, ...key }: KeyRecord): ApiKey {
  return key;
}

/** Neither revoked nor expired. */
export function isInForce(key: ApiKey, now: number): boolean {
  return key.revokedAt === undefined && (key.expiresAt === undefined || now < key.expiresAt);
}
