import type { TableSpec } from '../ports.ts';

/** One row, `all`, while everything is held back. */
export const PAUSES: TableSpec = { name: '_governor.pauses', key: 'id', indexes: {}, personal: [] };

/** One row, `limits`: caps and budgets of the tenant. */
export const LIMITS: TableSpec = { name: '_governor.limits', key: 'id', indexes: {}, personal: [] };

/** Addresses and people that a channel must not reach, by `channel/address` and `channel/person`. */
export const SUPPRESSIONS: TableSpec = { name: '_governor.suppressions', key: 'id', indexes: {}, personal: ['id'] };

/** What was reserved, by idempotency key. */
export const RESERVATIONS: TableSpec = {
  name: '_governor.reservations',
  key: 'id',
  indexes: { by_day: { fields: ['day', 'channel'] } },
  personal: [],
};

/** Unsubscribe links, by the hash of their token, so that whoever reads the table cannot use them. Kept for ever. */
export const LINKS: TableSpec = { name: '_governor.unsubscribe_links', key: 'id', indexes: {}, personal: [] };

/** All tables of this room. */
export const GOVERNOR_TABLES: readonly TableSpec[] = [PAUSES, LIMITS, SUPPRESSIONS, RESERVATIONS, LINKS];

/** Reservations are of no use once nothing can ask for them again. */
export const RESERVATIONS_KEPT_MS = 90 * 86_400_000;
