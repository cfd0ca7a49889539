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

/** Items of plugins' sources that have been seen; key is a keyed digest of the pipeline, the source and the item's primary key. */
export const SEEN: TableSpec = { name: '_pipelines.seen', key: 'key', indexes: { by_age: { fields: ['at'] } }, personal: [] };

/** How long an item is remembered after it was last seen, in milliseconds. */
export const SEEN_KEPT_MS = 90 * 86_400_000;

/** All tables of triggers. */
export const TRIGGER_TABLES: readonly TableSpec[] = [TRIGGERS, WEBHOOKS, SEEN, BROADCASTS, BROADCAST_PEOPLE];
