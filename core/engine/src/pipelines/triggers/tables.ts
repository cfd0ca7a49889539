import type { TableSpec } from '../../ports.ts';

/** What a schedule or a plugin's source of a deployed pipeline knows; key is that of its job. */
export const TRIGGERS: TableSpec = { name: '_pipelines.triggers', key: 'key', indexes: {}, personal: [] };

/** Addresses and secrets of webhooks, stable over versions: `pipeline@environment`. Found by a digest of the address. */
export const WEBHOOKS: TableSpec = {
  name: '_pipelines.webhooks',
  key: 'key',
  indexes: { by_token: { fields: ['tokenDigest'], unique: true } },
  personal: [],
};

/** All tables of triggers. */
export const TRIGGER_TABLES: readonly TableSpec[] = [TRIGGERS, WEBHOOKS];
