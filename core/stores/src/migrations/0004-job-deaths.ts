import type { Migration } from './migration.ts';

/** Counts leases of a job that ran out in a row, so that one that kills its process does not do so for ever. */
export const jobDeaths: Migration = {
  id: '0004-job-deaths',
  log: () => [],
  state: (dialect) => [`ALTER TABLE jobs ADD COLUMN deaths ${dialect.integer} NOT NULL DEFAULT 0`],
};
