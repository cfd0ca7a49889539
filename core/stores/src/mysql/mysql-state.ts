import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { NewEvent, StateStore, TenantState } from '@tendril/engine/ports';
import { Listeners } from '../listeners.ts';
import { MYSQL } from '../migrations/dialect.ts';
import { PendingCalls } from '../pending-calls.ts';
import { toRow } from '../rows.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { TenantSessions } from '../tenant-sessions.ts';
import type { TenantSession } from '../tenant-sessions.ts';
import { applyChangeset, readCounters } from '../work/changeset.ts';
import type { Applied } from '../work/changeset.ts';
import { defineTable, numberTenant, rebuildIndexes } from '../work/define-tables.ts';
import { foreseeChangesets } from '../work/foresee-changesets.ts';
import { Keyring } from '../work/keyring.ts';
import { takeOutbox } from '../work/outbox.ts';
import { ChangePacker, unpackChanges } from '../work/packed-changes.ts';
import type { NamedChange } from '../work/packed-changes.ts';
import { aggregateRows, queryRows, readRows } from '../work/record-reads.ts';
import type { StateScope, StateTenant } from '../work/state-scope.ts';
import { createStateSql } from '../work/state-sql.ts';
import type { Work } from '../work/step.ts';
import { deleteRows } from './batch.ts';
import { buffered } from './buffered-transaction.ts';
import { GroupCommitter } from './group-committer.ts';
import type { Settled } from './group-committer.ts';
import { MysqlDatabase } from './mysql-database.ts';
import { dumpTables, STATE_TABLES } from './mysql-dump.ts';
import { createMysqlJobQueue } from './mysql-jobs.ts';
import { fromMysqlError, isStoreFailure } from './mysql-error.ts';
import { migrateMysql } from './mysql-migrate.ts';
import { pointStatements, pointTables } from './point-statements.ts';
import type { RowBuffer } from './row-buffer.ts';
import { ServerClock } from './server-clock.ts';

const COMMITS_OF_GROUP = 256;

interface CommitRequest {
  readonly tenant: StateTenant;
  readonly changes: readonly NamedChange[];
  readonly now: number;
}

/** The state on a server that speaks MySQL's protocol. */
export async function openMysqlState(url: string, givenClock?: Clock): Promise<StateStore> {
  const sql = createStateSql(MYSQL);
  const database = new MysqlDatabase(url, pointStatements(sql, pointTables(sql)));
  const openClock = async (): Promise<Clock> => {
    await migrateMysql(database, 'state');
    return givenClock ?? (await ServerClock.open(database));
  };
  const clock = await openClock().catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const tables = new Map<string, TableDefinition>();
  const packer = new ChangePacker();
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

  const committer = new GroupCommitter(COMMITS_OF_GROUP, async (requests: readonly CommitRequest[]) => {
    try {
      return await commitGroup(requests);
    } catch (error) {
      const failure = fromMysqlError(error);
      if (isStoreFailure(failure) || requests.length === 1) return requests.map(() => ({ error: failure }));
      // One of them has what the server cannot take. Alone, each gets its own answer.
      const settled: Settled<Applied>[] = [];
      for (const request of requests) {
        settled.push(...(await commitGroup([request]).catch((own: unknown) => [{ error: fromMysqlError(own) }])));
      }
      return settled;
    }
  });

  function commitGroup(requests: readonly CommitRequest[]): Promise<readonly Settled<Applied>[]> {
    const group = requests.map(({ tenant, changes, now }) => ({ scope: { sql, tenant, tables, now }, changes }));
    return buffered(database, sql, async (buffer) => {
      await buffer.run(foreseeChangesets(group));
      const settled: Settled<Applied>[] = [];
      for (const { scope, changes } of group) settled.push(await applyOne(buffer, applyChangeset(scope, changes)));
      return settled;
    });
  }

  async function applyOne(buffer: RowBuffer, work: Work<Applied>): Promise<Settled<Applied>> {
    const mark = buffer.mark();
    try {
      const applied = await buffer.run(work);
      if (!applied.result.ok) buffer.rollBackTo(mark);
      return { result: applied };
    } catch (error) {
      // A deadlock or a lost connection ends the transaction of all.
      if (!TendrilError.is(error) || isStoreFailure(error)) throw error;
      buffer.rollBackTo(mark);
      return { error };
    }
  }

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
          const packed = unpackChanges(packer.pack(changes));
          const { result, dueAt } = await committer.add({ tenant, changes: packed, now: clock.now() });
          if (dueAt !== undefined) madeDue.notify(dueAt);
          if (result.ok && changes.some(({ op }) => op === 'emit')) emitted.notify();
          return result;
        }),
    };
  }

  return {
    defineTables: async (specs) => {
      packer.define(specs);
      for (const spec of specs) tables.set(spec.name, await database.transaction((connection) => connection.run(defineTable(sql, spec))));
      for (const tenant of tenants.values()) await database.transaction((connection) => connection.run(rebuildIndexes(scopeOf(tenant))));
    },
    tenant: (keys) => tenantState(sessions.of(keys)),
    jobs: createMysqlJobQueue({ database, sql, tenants, sessions, madeDue, clock }),
    outbox: {
      take: async (limit) =>
        (await database.read(takeOutbox(sql, tenants, limit))).map((item) => ({ ...item, event: JSON.parse(item.event) as NewEvent })),
      remove: (ids) =>
        database.write(
          deleteRows(
            'outbox',
            ['id'],
            ids.map((id) => [id]),
          ),
        ),
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
