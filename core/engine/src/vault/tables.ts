import type { TableSpec } from '../ports.ts';

/** Wrapped keys of tenants, in `_hub`. */
export const TENANT_KEYS: TableSpec = { name: '_vault.tenant_keys', key: 'tenantId', indexes: {}, personal: [] };

/** Connections of a tenant; the store seals whole records, secrets included. */
export const CONNECTIONS: TableSpec = {
  name: '_vault.connections',
  key: 'name',
  indexes: { byPlugin: { fields: ['plugin', 'createdAt'] } },
  personal: [],
};

/** What this room keeps. */
export const VAULT_TABLES: readonly TableSpec[] = [TENANT_KEYS, CONNECTIONS];
