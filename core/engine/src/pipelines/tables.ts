import type { TableSpec } from '../ports.ts';

/** Every version of every pipeline: `id@version`. */
export const DEFINITIONS: TableSpec = { name: '_pipelines.definitions', key: 'key', indexes: {}, personal: [] };

/** Which version is in force, with its settings; key is the pipeline's id. */
export const DEPLOYED: TableSpec = { name: '_pipelines.deployed', key: 'id', indexes: {}, personal: [] };

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

/** Which run a caller's idempotency key stands for. */
export const CALLS: TableSpec = { name: '_pipelines.calls', key: 'key', indexes: {}, personal: [] };

/** All tables of this room. */
export const PIPELINE_TABLES: readonly TableSpec[] = [DEFINITIONS, DEPLOYED, RUNS, JOURNAL, CALLS];

/** Counts changes of what is deployed, so that other processes notice. */
export const GENERATION_COUNTER = '_pipelines.generation';
