import type { Clock } from '@tendril/plugin-api';
import type { NewEvent, StateStore, TenantState } from '@tendril/engine/ports';
import { Listeners } from '../listeners.ts';
import { MYSQL } from '../migrations/dialect.ts';
import { PendingCalls } from '../pending-calls.ts';
import { toRow } from '../rows.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { TenantSessions } from '../tenant-sessions.ts';
import type { TenantSession } from '../tenant-sessions.ts';
import { applyChangeset, nameTables, readCounters } from '../work/changeset.ts';
import type { Applied, NamedChange } from '../work/changeset.ts';
import { defineTable, numberTenant, rebuildIndexes } from '../work/define-tables.ts';
import { Keyring } from '../work/keyring.ts';
import { takeOutbox } from '../work/outbox.ts';
import { aggregateRows, queryRows, readRows } from '../work/record-reads.ts';
import type { StateScope, StateTenant } from '../work/state-scope.ts';
import { createStateSql } from '../work/state-sql.ts';
import { ask } from '../work/step.ts';
import type { Work } from '../work/step.ts';
import { GroupCommitter } from './group-committer.ts';
import type { Settled } from './group-committer.ts';
import { MysqlDatabase } from './mysql-database.ts';
import type { Connection } from './mysql-database.ts';
import { dumpTables, STATE_TABLES } from './mysql-dump.ts';
import { createMysqlJobQueue } from './mysql-jobs.ts';
import { fromMysqlError, isStoreFailure } from './mysql-error.ts';
import { migrateMysql } from './mysql-migrate.ts';

const COMMITS_OF_GROUP = 64;

interface CommitRequest {
  readonly tenant: StateTenant;
  readonly changes: readonly NamedChange[];
  readonly now: number;
}

/** The state on a server that speaks MySQL's protocol. */
export async function openMysqlState(url: string, clock: Clock): Promise<StateStore> {
  const database = new MysqlDatabase(url);
  await migrateMysql(database, 'state').catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const sql = createStateSql(MYSQL);
  const tables = new Map<string, TableDefinition>();
  const keyrings = new Map<number, Keyring>();
  const tenants = new Map<number, StateTenant>();
  const emitted = new Listeners<[]>();
  const madeDue = new Listeners<[dueAt: number]>();
  const pending = new PendingCalls();

  const scopeOf = (tenant: StateTenant): StateScope => ({ sql, tenant, tables, now: clock.now() });

  const sessions = new TenantSessions(async (session, keys) => {
    const keyring = new Keyring(keys);
    const tenantNo = await database.transaction((connection) => connection.run(numberTenant(sql, keys.tenantId)));
    await database.transaction((connection) => connection.run(rebuildIndexes(scopeOf({ tenantNo, keyring }))));
    keyrings.set(session, keyring);
    tenants.set(tenantNo, { tenantNo, keyring });
    return tenantNo;
  });

  async function commitOne(connection: Connection, { tenant, changes, now }: CommitRequest): Promise<Settled<Applied>> {
    await connection.query('SAVEPOINT request');
    try {
      const applied = await connection.run(applyChangeset({ sql, tenant, tables, now }, changes));
      await connection.query(applied.result.ok ? 'RELEASE SAVEPOINT request' : 'ROLLBACK TO SAVEPOINT request');
      return { result: applied };
    } catch (error) {
      const failure = fromMysqlError(error);
      // A deadlock or a lost connection ends the transaction of all; what the server cannot take is the request's own.
      if (isStoreFailure(failure)) throw error;
      await connection.query('ROLLBACK TO SAVEPOINT request');
      return { error: failure };
    }
  }

  const committer = new GroupCommitter(COMMITS_OF_GROUP, (requests: readonly CommitRequest[]) =>
    database.transaction(async (connection) => {
      const settled: Settled<Applied>[] = [];
      for (const request of requests) settled.push(await commitOne(connection, request));
      return settled;
    }),
  );

  async function tenantOf(session: TenantSession): Promise<StateTenant> {
    const tenantNo = await session.ready();
    return { tenantNo, keyring: keyrings.get(session.session) ?? new Keyring(session.keys) };
  }

  function tenantState(session: TenantSession): TenantState {
    const read = async <Result>(work: (scope: StateScope) => Work<Result>): Promise<Result> =>
      database.read(work(scopeOf(await tenantOf(session))));
    return {
      get: async (table, keys) => {
        const rows = await read((scope) => readRows(scope, table.name, keys));
        return rows.map((row) => (row === undefined ? undefined : toRow(table, row)));
      },
      query: async (table, query) => {
        const { items, ...page } = await read((scope) => queryRows(scope, table.name, query));
        return { items: items.map((row) => toRow(table, row)), ...page };
      },
      aggregate: (table, query) => read((scope) => aggregateRows(scope, table.name, query)),
      counters: (names) => read((scope) => readCounters(scope, names)),
      commit: (changes) =>
        pending.run(async () => {
          const tenant = await tenantOf(session);
          // As JSON carries it, so that what is written does not depend on what the caller does with its objects meanwhile.
          const named = JSON.parse(JSON.stringify(nameTables(changes))) as NamedChange[];
          const { result, dueAt } = await committer.add({ tenant, changes: named, now: clock.now() });
          if (dueAt !== undefined) madeDue.notify(dueAt);
          if (result.ok && changes.some(({ op }) => op === 'emit')) emitted.notify();
          return result;
        }),
    };
  }

  return {
    defineTables: async (specs) => {
      for (const spec of specs) tables.set(spec.name, await database.transaction((connection) => connection.run(defineTable(sql, spec))));
      for (const tenant of tenants.values()) await database.transaction((connection) => connection.run(rebuildIndexes(scopeOf(tenant))));
    },
    tenant: (keys) => tenantState(sessions.of(keys)),
    jobs: createMysqlJobQueue({ database, sql, tenants, sessions, madeDue, clock }),
    outbox: {
      take: async (limit) =>
        (await database.read(takeOutbox(sql, tenants, limit))).map((item) => ({ ...item, event: JSON.parse(item.event) as NewEvent })),
      remove: (ids) =>
        database.transaction(async (connection) => {
          for (const id of ids) await connection.run(ask(sql.deleteOutbox, id));
        }),
      onEmit: (listener) => emitted.add(listener),
    },
    status: () => ({ waitingCommits: pending.count }),
    backup: (path) => dumpTables(database, 'state', STATE_TABLES, path),
    close: async () => {
      await pending.ended();
      await database.close();
    },
  };
}
