import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { StateStore, TableSpec } from '@tendril/engine/ports';
import { createMemoryChangeset } from './memory-changeset.ts';
import { MemoryJobs } from './memory-jobs.ts';
import { aggregateTable, getRows, queryTable } from './memory-query.ts';
import type { MemoryState } from './memory-shared.ts';
import { MemoryTables } from './memory-tables.ts';

/** The state port in memory. */
export function createMemoryState(clock: Clock): StateStore {
  const listeners = new Set<() => void>();
  const state: MemoryState = {
    clock,
    tables: new MemoryTables(),
    jobs: new MemoryJobs(clock),
    counters: new Map(),
    outbox: new Map(),
    emitted: () => {
      for (const listener of listeners) listener();
    },
  };
  const commit = createMemoryChangeset(state);

  return {
    defineTables: async (tables: readonly TableSpec[]) => {
      for (const table of tables) state.tables.define(table);
    },
    tenant: (keys) => ({
      get: async (table, names) => getRows(state.tables.of(keys.tenantId, table.name), keys, names),
      query: async (table, query) => queryTable(state.tables.of(keys.tenantId, table.name), keys, query),
      aggregate: async (table, query) => aggregateTable(state.tables.of(keys.tenantId, table.name), query),
      counters: async (names) =>
        names.map((name) => {
          const counter = state.counters.get(`${keys.tenantId}\0${name}`);
          return counter === undefined || (counter.expiresAt ?? Infinity) <= clock.now() ? 0 : counter.value;
        }),
      commit: async (changes) => commit(keys, changes),
    }),
    jobs: state.jobs.queue,
    outbox: {
      take: async (limit) => [...state.outbox.values()].slice(0, limit),
      remove: async (ids) => {
        for (const id of ids) state.outbox.delete(id);
      },
      onEmit: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    status: () => ({ waitingCommits: 0 }),
    backup: async () => {
      throw new TendrilError('STORE_UNAVAILABLE', { store: 'memory' });
    },
    close: async () => undefined,
  };
}
