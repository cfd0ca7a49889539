import type { TableSpec } from '../../ports.ts';

/** Starting runs for past events: one row for each time that somebody asked. */
export const BACKFILLS: TableSpec = {
  name: '_pipelines.backfills',
  key: 'id',
  indexes: { by_time: { fields: ['createdAt'] } },
  personal: [],
};

/** All tables of asking. */
export const ASK_TABLES: readonly TableSpec[] = [BACKFILLS];
