import type { TableSpec } from '../../ports.ts';

/** What gathers until a run starts: one row for each pipeline, environment and key that collects just now. */
export const PENDING: TableSpec = {
  name: '_pipelines.pending',
  key: 'id',
  indexes: { by_pipeline: { fields: ['pipeline', 'dueAt'] } },
  personal: [],
};

/** Events of batches that are not full yet, as they came: `pending id/run id/position`. */
export const PENDING_EVENTS: TableSpec = { name: '_pipelines.pending_events', key: 'key', indexes: {}, personal: [] };

/** Why an event started no run of a pipeline, where that cannot be worked out again: pipeline and a digest of the event's id. */
export const REFUSALS: TableSpec = { name: '_pipelines.refusals', key: 'key', indexes: { by_time: { fields: ['at'] } }, personal: [] };

/** Of pipelines that replace: which run of a serial key was started last. */
export const SERIAL_LATEST: TableSpec = {
  name: '_pipelines.serial_latest',
  key: 'id',
  indexes: { by_time: { fields: ['at'] } },
  personal: [],
};

/** All tables of starts. */
export const START_TABLES: readonly TableSpec[] = [PENDING, PENDING_EVENTS, REFUSALS, SERIAL_LATEST];
