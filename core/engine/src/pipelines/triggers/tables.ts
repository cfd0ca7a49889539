import type { TableSpec } from '../../ports.ts';

/** What a schedule or a plugin's source of a deployed pipeline knows; key is that of its job. */
export const TRIGGERS: TableSpec = { name: '_pipelines.triggers', key: 'key', indexes: {}, personal: [] };

/** All tables of triggers. */
export const TRIGGER_TABLES: readonly TableSpec[] = [TRIGGERS];
