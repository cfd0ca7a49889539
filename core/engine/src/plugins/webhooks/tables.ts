import type { TableSpec } from '../../ports.ts';

/** Addresses and secrets of plugins' webhooks: `plugin.webhook`. Found by a digest of the address. */
export const PLUGIN_WEBHOOKS: TableSpec = {
  name: '_plugins.webhooks',
  key: 'key',
  indexes: { by_token: { fields: ['tokenDigest'], unique: true } },
  personal: [],
};

/** Deliveries that were taken in; key is a digest of the webhook and the sender's delivery id. */
export const DELIVERIES: TableSpec = { name: '_plugins.deliveries', key: 'key', indexes: { by_age: { fields: ['at'] } }, personal: [] };

/** How long a delivery is remembered, in milliseconds: senders give up trying again long before. */
export const DELIVERIES_KEPT_MS = 30 * 86_400_000;
