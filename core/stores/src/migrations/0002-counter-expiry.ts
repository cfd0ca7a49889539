import type { Migration } from './migration.ts';

/** Lets expired counters be swept without reading the live ones. */
export const counterExpiry: Migration = {
  id: '0002-counter-expiry',
  log: () => [],
  state: (dialect) => [
    `CREATE INDEX counters_expiry ON counters (expires_at)${dialect.name === 'sqlite' ? ' WHERE expires_at IS NOT NULL' : ''}`,
  ],
};
