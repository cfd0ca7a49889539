import type { JsonObject } from '@tendril/plugin-api';
import type { ConnectionInfo } from '../hub.ts';

/** A connection as it is sealed, secrets among its values. Never log or return it from the hub. */
export interface ConnectionRecord {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly isSandbox: boolean;
  readonly state: ConnectionInfo['state'];
  readonly createdAt: number;
  readonly testedAt?: number;
  /** For `oauth2`: `accessToken`, `refreshToken`, `expiresAt` (epoch milliseconds) among them. */
  readonly values: JsonObject;
  /** A worker that refreshes the token now, and until when the others wait for it. */
  readonly refreshing?: { readonly by: string; readonly until: number };
}

/** What the manifest says of a kind of connection. */
export interface ConnectionKind {
  readonly schema: JsonObject;
  /** Fields that are never shown: `x-secret` or `writeOnly` in the schema. */
  readonly secretFields: readonly string[];
  /** The action that tests one. */
  readonly testAction?: string;
  /** Present on kinds whose access token is refreshed. */
  readonly oauth2?: JsonObject;
}

/** Fields that every `oauth2` connection has; never shown, whatever its schema says. */
export const OAUTH_FIELDS: readonly string[] = ['accessToken', 'refreshToken', 'expiresAt', 'clientId', 'clientSecret'];

/** From a row of `_vault.connections`. */
export function toConnectionRecord(value: JsonObject): ConnectionRecord {
  return value as unknown as ConnectionRecord;
}

/** To a row of `_vault.connections`. */
export function fromConnectionRecord(record: ConnectionRecord): JsonObject {
  const { name, plugin, kind, isSandbox, state, createdAt, testedAt, values, refreshing } = record;
  return { name, plugin, kind, isSandbox, state, createdAt, testedAt, values, refreshing };
}

/** Without its secrets. Fails closed: a field that the schema does not name, or all of an unknown kind, stays hidden. */
export function toConnectionInfo(record: ConnectionRecord, kind: ConnectionKind | undefined): ConnectionInfo {
  const { name, plugin, state, createdAt, testedAt, isSandbox } = record;
  const known = kind?.schema['properties'];
  const shown = Object.entries(record.values).filter(
    ([field]) =>
      typeof known === 'object' &&
      known !== null &&
      Object.hasOwn(known, field) &&
      kind?.secretFields.includes(field) === false &&
      !OAUTH_FIELDS.includes(field),
  );
  return {
    name,
    plugin,
    kind: record.kind,
    isSandbox,
    state,
    createdAt,
    ...(testedAt === undefined ? {} : { testedAt }),
    values: Object.fromEntries(shown),
  };
}
