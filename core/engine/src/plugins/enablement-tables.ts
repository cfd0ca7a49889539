import type { TableSpec } from '../ports.ts';

/** Plugins that a tenant has enabled. */
export const ENABLED: TableSpec = { name: '_plugins.enabled', key: 'plugin', indexes: {}, personal: [] };

/** A tenant's settings by plugin, as they were given; defaults are filled in when they are read. */
export const SETTINGS: TableSpec = { name: '_plugins.settings', key: 'plugin', indexes: {}, personal: [] };
