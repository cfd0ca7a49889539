import type { TableSpec } from '../ports.ts';

/** Plugins that a tenant has enabled, and for those that need it what was consented to. */
export const ENABLED: TableSpec = { name: '_plugins.enabled', key: 'plugin', indexes: {}, personal: [] };

/** A tenant's settings by plugin, as they were given; defaults are filled in when they are read. */
export const SETTINGS: TableSpec = { name: '_plugins.settings', key: 'plugin', indexes: {}, personal: [] };

/** What a tenant's plugins did that no sound plugin does, and which were stopped for it. */
export const CONDITIONS: TableSpec = { name: '_plugins.conditions', key: 'plugin', indexes: {}, personal: [] };
