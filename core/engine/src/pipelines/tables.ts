import type { TableSpec } from '../ports.ts';
import { APPROVALS } from './approvals-table.ts';
import { WAITS } from './waits/tables.ts';
import { ASK_TABLES } from './ask/tables.ts';
import { START_TABLES } from './starts/tables.ts';
import { TRIGGER_TABLES } from './triggers/tables.ts';

/** Every version of every pipeline: `id@version`. */
export const DEFINITIONS: TableSpec = {
  name: '_pipelines.definitions',
  key: 'key',
  indexes: { by_version: { fields: ['id', 'version'] } },
  personal: [],
};

/** Which version is in force, with its settings; key is the pipeline's id in production, `id@environment` in the others. */
export const DEPLOYED: TableSpec = { name: '_pipelines.deployed', key: 'id', indexes: {}, personal: [] };

/** Names of events that steps of any version that was ever in force wait for; key is a digest of the name. */
export const AWAITED: TableSpec = { name: '_pipelines.awaited', key: 'key', indexes: {}, personal: [] };

/** Runs. Ids begin with the time of what started them, so that their order is that of the starts. */
export const RUNS: TableSpec = {
  name: '_pipelines.runs',
  key: 'id',
  indexes: {
    by_state: { fields: ['state', 'startedAt'] },
    by_pipeline: { fields: ['pipeline', 'startedAt'] },
    by_person: { fields: ['personId', 'startedAt'] },
  },
  personal: [],
};

/** Results of steps: `runId/path`. */
export const JOURNAL: TableSpec = { name: '_pipelines.journal', key: 'key', indexes: {}, personal: [] };

/** Large values of steps: `runId/path#member`. */
export const BLOBS: TableSpec = { name: '_pipelines.blobs', key: 'key', indexes: {}, personal: [] };

/** What calls with a key of their own came to, over all runs of a pipeline; key is a digest. */
export const EFFECTS: TableSpec = {
  name: '_pipelines.effects',
  key: 'key',
  indexes: { by_end: { fields: ['endedAt'] } },
  personal: [],
};

/** Runs that stopped before their next step because their pipeline holds them; key is the run's id. */
export const HELD_RUNS: TableSpec = {
  name: '_pipelines.held',
  key: 'runId',
  indexes: { by_pipeline: { fields: ['pipeline'] } },
  personal: [],
};

/** Which run a caller's idempotency key stands for. */
export const CALLS: TableSpec = { name: '_pipelines.calls', key: 'key', indexes: { by_age: { fields: ['createdAt'] } }, personal: [] };

/** All tables of this room. */
export const PIPELINE_TABLES: readonly TableSpec[] = [
  DEFINITIONS,
  DEPLOYED,
  AWAITED,
  RUNS,
  JOURNAL,
  BLOBS,
  EFFECTS,
  HELD_RUNS,
  CALLS,
  WAITS,
  APPROVALS,
  ...ASK_TABLES,
  ...START_TABLES,
  ...TRIGGER_TABLES,
];

/** Counts changes of what is deployed, so that other processes notice. */
export const GENERATION_COUNTER = '_pipelines.generation';
