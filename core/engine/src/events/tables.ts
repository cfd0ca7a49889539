import type { TableSpec } from '../ports.ts';

/** The schema in force for each event name. */
export const SCHEMAS: TableSpec = { name: '_events.schemas', key: 'id', indexes: {}, personal: [] };

/** All versions of all schemas. */
export const SCHEMA_VERSIONS: TableSpec = {
  name: '_events.schema_versions',
  key: 'id',
  indexes: { byName: { fields: ['name', 'version'] } },
  personal: [],
};

/** Calls that did not match the schema of their name. */
export const QUARANTINE: TableSpec = {
  name: '_events.quarantine',
  key: 'id',
  indexes: { byAge: { fields: ['receivedAt'] } },
  personal: [],
};

/** How far each consumer has come. */
export const CURSORS: TableSpec = { name: '_events.cursors', key: 'consumer', indexes: {}, personal: [] };

/** What was asked of each consumer: pauses and retries. Apart from the cursors, which only the holder of the lease writes. */
export const CONTROLS: TableSpec = { name: '_events.controls', key: 'consumer', indexes: {}, personal: [] };

/** Events that a consumer could not handle, and those of the same person that wait behind them. */
export const SET_ASIDE: TableSpec = {
  name: '_events.set_aside',
  key: 'id',
  indexes: { byConsumer: { fields: ['consumer', 'position'] } },
  personal: [],
};

/** What this room keeps. */
export const EVENT_TABLES: readonly TableSpec[] = [SCHEMAS, SCHEMA_VERSIONS, QUARANTINE, CURSORS, CONTROLS, SET_ASIDE];
