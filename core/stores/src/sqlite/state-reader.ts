import { TendrilError } from '@tendril/plugin-api';
import type { Aggregate, AggregateQuery, TableQuery } from '@tendril/plugin-api';
import type { GateStatus, JobGate, TenantKeys } from '@tendril/engine/ports';
import { SQLITE } from '../migrations/dialect.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { readCounters } from '../work/changeset.ts';
import { countJobs } from '../work/job-counts.ts';
import type { JobCount } from '../work/job-counts.ts';
import { deadJobs, gateStatuses, nextDueAt } from '../work/job-queue.ts';
import type { DeadJob } from '../work/job-queue.ts';
import { Keyring } from '../work/keyring.ts';
import { takeOutbox } from '../work/outbox.ts';
import type { TextOutboxItem } from '../work/outbox.ts';
import { aggregateRows, queryRows, readRows } from '../work/record-reads.ts';
import type { TextPage, TextRow } from '../work/record-reads.ts';
import type { StateScope, StateTenant } from '../work/state-scope.ts';
import { createStateSql } from '../work/state-sql.ts';
import { serveReads } from './serve-reads.ts';
import { openForReading, startWorker } from './start-worker.ts';

/** What the reader thread of the state does. Sessions are numbers under which keys were taken in. */
export interface StateReader {
  readonly [method: string]: (...args: never[]) => unknown;
  readonly register: (session: number, tenantNo: number, keys: TenantKeys) => void;
  readonly define: (definitions: readonly TableDefinition[]) => void;
  readonly get: (session: number, table: string, keys: readonly string[]) => readonly (TextRow | undefined)[];
  readonly query: (session: number, table: string, query: TableQuery) => TextPage;
  readonly aggregate: (session: number, table: string, query: AggregateQuery) => readonly Aggregate[];
  readonly counters: (session: number, names: readonly string[], now: number) => readonly number[];
  readonly nextDueAt: () => number | undefined;
  readonly countJobs: () => readonly JobCount[];
  readonly gates: (session: number, gates: readonly Pick<JobGate, 'kind' | 'key'>[]) => readonly GateStatus[];
  readonly deadJobs: (session: number, limit: number) => readonly DeadJob[];
  readonly takeOutbox: (limit: number) => readonly TextOutboxItem[];
}

await startWorker((settings) => {
  const database = openForReading(settings);
  const sql = createStateSql(SQLITE);
  const sessions = new Map<number, StateTenant>();
  const tenants = new Map<number, StateTenant>();
  const tables = new Map<string, TableDefinition>();
  const scopeOf = (session: number, now = 0): StateScope => {
    const tenant = sessions.get(session);
    if (tenant === undefined) throw new TendrilError('INTERNAL', { reason: 'the session is not registered' });
    return { sql, tenant, tables, now };
  };
  serveReads(database, {
    register: (session: number, tenantNo: number, keys: TenantKeys) => {
      const tenant = { tenantNo, keyring: new Keyring(keys) };
      sessions.set(session, tenant);
      tenants.set(tenantNo, tenant);
    },
    define: (definitions: readonly TableDefinition[]) => {
      for (const definition of definitions) tables.set(definition.spec.name, definition);
    },
    get: (session: number, table: string, keys: readonly string[]) => database.run(readRows(scopeOf(session), table, keys)),
    query: (session: number, table: string, query: TableQuery) => database.run(queryRows(scopeOf(session), table, query)),
    aggregate: (session: number, table: string, query: AggregateQuery) => database.run(aggregateRows(scopeOf(session), table, query)),
    counters: (session: number, names: readonly string[], now: number) => database.run(readCounters(scopeOf(session, now), names)),
    nextDueAt: () => database.run(nextDueAt(sql)),
    countJobs: () => database.run(countJobs(sql)),
    gates: (session: number, gates: readonly Pick<JobGate, 'kind' | 'key'>[]) =>
      database.run(gateStatuses(sql, scopeOf(session).tenant, gates)),
    deadJobs: (session: number, limit: number) => database.run(deadJobs(sql, scopeOf(session).tenant, limit)),
    takeOutbox: (limit: number) => database.run(takeOutbox(sql, tenants, limit)),
  } satisfies StateReader);
});
