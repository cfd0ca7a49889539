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

/** Broadcasts, with how far they have come. */
export const BROADCASTS: TableSpec = {
  name: '_pipelines.broadcasts',
  key: 'id',
  indexes: { by_time: { fields: ['createdAt'] }, by_pipeline: { fields: ['pipeline', 'createdAt'] } },
  personal: [],
};

/** People whom a broadcast was given, in pages: `broadcast/page`. Deleted as they are read. */
export const BROADCAST_PEOPLE: TableSpec = { name: '_pipelines.broadcast_people', key: 'key', indexes: {}, personal: [] };

/** All tables of triggers. */
export const TRIGGER_TABLES: readonly TableSpec[] = [TRIGGERS, WEBHOOKS, BROADCASTS, BROADCAST_PEOPLE];
