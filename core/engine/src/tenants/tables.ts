import type { TableSpec } from '../ports.ts';

/** Tenants of the installation, in `_hub`. */
export const TENANTS: TableSpec = { name: '_tenants.tenants', key: 'id', indexes: { byAge: { fields: ['createdAt'] } }, personal: [] };

/** Which tenant a key belongs to, by the key's hash, in `_hub`. */
export const KEY_DIRECTORY: TableSpec = { name: '_tenants.key_directory', key: 'hash', indexes: {}, personal: [] };

/** Apps of a tenant. */
export const APPS: TableSpec = { name: '_tenants.apps', key: 'id', indexes: { byAge: { fields: ['createdAt'] } }, personal: [] };

/** API keys of a tenant, hashed. */
export const KEYS: TableSpec = { name: '_tenants.keys', key: 'id', indexes: { byAge: { fields: ['createdAt'] } }, personal: [] };

/** What this room keeps. */
export const TENANT_TABLES: readonly TableSpec[] = [TENANTS, KEY_DIRECTORY, APPS, KEYS];
