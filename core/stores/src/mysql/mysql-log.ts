import type { Clock } from '@tendril/plugin-api';
import type { LogStore, NewEvent, TenantLog } from '@tendril/engine/ports';
import { Listeners } from '../listeners.ts';
import { MYSQL } from '../migrations/dialect.ts';
import { PendingCalls } from '../pending-calls.ts';
import { TenantSessions } from '../tenant-sessions.ts';
import type { TenantSession } from '../tenant-sessions.ts';
import { Keyring } from '../work/keyring.ts';
import { getEvents, readEvents, readEventsOfPerson, readHead, readLatestEvents } from '../work/log-reads.ts';
import type { LogScope, LogTenant } from '../work/log-scope.ts';
import { createLogSql } from '../work/log-sql.ts';
import { numberLogTenant } from '../work/log-tenant.ts';
import { ask, numberOf, textOf } from '../work/step.ts';
import type { Work } from '../work/step.ts';
import { GroupCommitter } from './group-committer.ts';
import { MysqlAppender } from './mysql-appender.ts';
import { MysqlDatabase } from './mysql-database.ts';
import { dumpTables, LOG_TABLES } from './mysql-dump.ts';
import { migrateMysql } from './mysql-migrate.ts';

const CALLS_OF_GROUP = 64;

/** The log on a server that speaks MySQL's protocol. */
export async function openMysqlLog(url: string, clock: Clock = { now: () => Date.now() }): Promise<LogStore> {
  const database = new MysqlDatabase(url);
  await migrateMysql(database, 'log').catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const sql = createLogSql(MYSQL);
  const appender = new MysqlAppender(database, sql);
  const committer = new GroupCommitter(CALLS_OF_GROUP, (requests: Parameters<MysqlAppender['append']>[0]) => appender.append(requests));
  const appended = new Listeners<[tenantId: string, head: number]>();
  const pending = new PendingCalls();
  const waiting = { events: 0, bytes: 0 };
  const keyrings = new Map<number, Keyring>();
  const sessions = new TenantSessions(async (session, keys) => {
    keyrings.set(session, new Keyring(keys));
    return await database.transaction((connection) => connection.run(numberLogTenant(sql, keys.tenantId)));
  });

  async function tenantOf(session: TenantSession): Promise<LogTenant> {
    const tenantNo = await session.ready();
    const keyring = keyrings.get(session.session) ?? new Keyring(session.keys);
    return { tenantNo, keyring };
  }

  async function append(session: TenantSession, events: readonly NewEvent[]) {
    if (events.length === 0) return [];
    const bytes = events.reduce((sum, event) => sum + event.payload.length, 0);
    waiting.events += events.length;
    waiting.bytes += bytes;
    try {
      const result = await committer.add({ tenant: await tenantOf(session), events, now: clock.now() });
      const fresh = result.filter(({ isDuplicate }) => !isDuplicate);
      if (fresh.length > 0) appended.notify(session.keys.tenantId, Math.max(...fresh.map(({ position }) => position)));
      return result;
    } finally {
      waiting.events -= events.length;
      waiting.bytes -= bytes;
    }
  }

  function tenantLog(session: TenantSession): TenantLog {
    const read = async <Result>(work: (scope: LogScope) => Work<Result>): Promise<Result> =>
      database.read(work({ sql, tenant: await tenantOf(session) }));
    return {
      append: (events) => pending.run(() => append(session, events)),
      read: (after, limit) => read((scope) => readEvents(scope, after, limit)),
      readPerson: (people, limit, before) => read((scope) => readEventsOfPerson(scope, people, limit, before)),
      readLatest: (limit, before, name) => read((scope) => readLatestEvents(scope, limit, before, name)),
      get: (positions) => read((scope) => getEvents(scope, positions)),
      head: () => read(readHead),
    };
  }

  return {
    tenant: (keys) => tenantLog(sessions.of(keys)),
    onAppend: (listener) => appended.add(listener),
    heads: async () => {
      const rows = await database.read(ask(sql.heads));
      return new Map(rows.map((row) => [textOf(row, 'tenant_id'), numberOf(row, 'position')]));
    },
    backup: (path) => dumpTables(database, 'log', LOG_TABLES, path),
    status: () => ({ waitingEvents: waiting.events, waitingBytes: waiting.bytes }),
    close: async () => {
      await pending.ended();
      await database.close();
    },
  };
}
