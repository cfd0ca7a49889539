import { hkdfSync } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { Random } from '../environment.ts';
import type { Change, StateStore, TenantKeys } from '../ports.ts';
import type { Keyring } from '../tenants/index.ts';
import { open, seal } from './seal.ts';
import { TENANT_KEYS } from './tables.ts';

const KEY_BYTES = 32;
const HUB = '_hub';

interface WrappedKeys {
  readonly tenantId: string;
  readonly currentKeyId: number;
  /** Base64, by key id. */
  readonly dataKeys: Readonly<Record<string, string>>;
  readonly indexKey: string;
}

/** A keyring that can also renew keys. */
export interface VaultKeyring extends Keyring {
  /** A new data key for what is written from now on; the old ones stay, to open what they sealed. */
  rotate(tenantId: string): Promise<TenantKeys>;
}

/**
 * Tenants' keys, each wrapped by the master key and bound to its tenant and purpose. The keys of `_hub` are derived
 * from the master key by HKDF-SHA-256, because there is nowhere to keep them.
 *
 * @throws TendrilError VAULT_KEY_MISSING when the master key does not have 32 bytes
 */
export function createKeyring(options: {
  readonly state: StateStore;
  readonly masterKey: Uint8Array;
  readonly random: Random;
}): VaultKeyring {
  const { masterKey, random } = options;
  if (masterKey.length !== KEY_BYTES) throw new TendrilError('VAULT_KEY_MISSING', { expectedBytes: KEY_BYTES });
  const hubKeys: TenantKeys = {
    tenantId: HUB,
    currentKeyId: 1,
    dataKeys: { 1: derive(masterKey, 'hub data') },
    indexKey: derive(masterKey, 'hub index'),
  };
  const wrappingKey = derive(masterKey, 'wrapping');
  const hub = options.state.tenant(hubKeys);

  const wrap = (key: Uint8Array, use: string): string => seal(key, wrappingKey, use).toString('base64');
  const unwrap = (wrapped: string, use: string): Uint8Array => new Uint8Array(open(Buffer.from(wrapped, 'base64'), wrappingKey, use));

  function toRecord(keys: TenantKeys): JsonObject {
    const dataKeys = Object.fromEntries(Object.entries(keys.dataKeys).map(([id, key]) => [id, wrap(key, useOf(keys.tenantId, id))]));
    return {
      tenantId: keys.tenantId,
      currentKeyId: keys.currentKeyId,
      dataKeys,
      indexKey: wrap(keys.indexKey, useOf(keys.tenantId, 'index')),
    };
  }

  function fromRecord(record: WrappedKeys): TenantKeys {
    const dataKeys = Object.fromEntries(Object.entries(record.dataKeys).map(([id, key]) => [id, unwrap(key, useOf(record.tenantId, id))]));
    return {
      tenantId: record.tenantId,
      currentKeyId: record.currentKeyId,
      dataKeys,
      indexKey: unwrap(record.indexKey, useOf(record.tenantId, 'index')),
    };
  }

  async function read(tenantId: string): Promise<{ readonly keys: TenantKeys; readonly version: number }> {
    const [row] = await hub.get(TENANT_KEYS, [tenantId]);
    if (row === undefined) throw new TendrilError('NOT_FOUND', { tenant: tenantId });
    return { keys: fromRecord(row.value as unknown as WrappedKeys), version: row.version };
  }

  return {
    hub,
    hubKeys,
    create: (tenantId) => {
      const keys: TenantKeys = { tenantId, currentKeyId: 1, dataKeys: { 1: random.bytes(KEY_BYTES) }, indexKey: random.bytes(KEY_BYTES) };
      const change: Change = { op: 'put', table: TENANT_KEYS, value: toRecord(keys), expect: 0 };
      return { keys, change };
    },
    open: async (tenantId) => (await read(tenantId)).keys,
    rotate: async (tenantId) => {
      const { keys, version } = await read(tenantId);
      const currentKeyId = Math.max(...Object.keys(keys.dataKeys).map(Number)) + 1;
      const next: TenantKeys = { ...keys, currentKeyId, dataKeys: { ...keys.dataKeys, [currentKeyId]: random.bytes(KEY_BYTES) } };
      const result = await hub.commit([{ op: 'put', table: TENANT_KEYS, value: toRecord(next), expect: version }]);
      if (!result.ok) throw new TendrilError('CONFLICT', { tenant: tenantId });
      return next;
    },
  };
}

function derive(masterKey: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(), `tendril/v1/${purpose}`, KEY_BYTES));
}

function useOf(tenantId: string, use: string): string {
  return `tendril/tenant-key/${tenantId}/${use}`;
}
