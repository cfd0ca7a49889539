import type { StoredEvent, TenantKeys } from '@tendril/engine/ports';
import { SQLITE } from '../migrations/dialect.ts';
import { Keyring } from '../work/keyring.ts';
import { getEvents, readEvents, readEventsOfPerson, readHead, readLatestEvents } from '../work/log-reads.ts';
import type { LogScope } from '../work/log-scope.ts';
import { createLogSql } from '../work/log-sql.ts';
import { ask, numberOf, textOf } from '../work/step.ts';
import { TendrilError } from '@tendril/plugin-api';
import { serveReads } from './serve-reads.ts';
import { openForReading, startWorker } from './start-worker.ts';

/** What the reader thread of the log does. Sessions are numbers under which keys were taken in. */
export interface LogReader {
  readonly [method: string]: (...args: never[]) => unknown;
  readonly register: (session: number, tenantNo: number, keys: TenantKeys) => void;
  readonly read: (session: number, after: number, limit: number) => readonly StoredEvent[];
  readonly readLatest: (session: number, limit: number, before: number | undefined, name: string | undefined) => readonly StoredEvent[];
  readonly readPerson: (session: number, people: readonly string[], limit: number, before: number | undefined) => readonly StoredEvent[];
  readonly get: (session: number, positions: readonly number[]) => readonly (StoredEvent | undefined)[];
  readonly head: (session: number) => number;
  readonly heads: () => readonly (readonly [string, number])[];
}

await startWorker((settings) => {
  const database = openForReading(settings);
  const sql = createLogSql(SQLITE);
  const scopes = new Map<number, LogScope>();
  const scopeOf = (session: number): LogScope => {
    const scope = scopes.get(session);
    if (scope === undefined) throw new TendrilError('INTERNAL', { reason: 'the session is not registered' });
    return scope;
  };
  serveReads(database, {
    register: (session: number, tenantNo: number, keys: TenantKeys) =>
      void scopes.set(session, { sql, tenant: { tenantNo, keyring: new Keyring(keys) } }),
    read: (session: number, after: number, limit: number) => database.run(readEvents(scopeOf(session), after, limit)),
    readLatest: (session: number, limit: number, before: number | undefined, name: string | undefined) =>
      database.run(readLatestEvents(scopeOf(session), limit, before, name)),
    readPerson: (session: number, people: readonly string[], limit: number, before: number | undefined) =>
      database.run(readEventsOfPerson(scopeOf(session), people, limit, before)),
    get: (session: number, positions: readonly number[]) => database.run(getEvents(scopeOf(session), positions)),
    head: (session: number) => database.run(readHead(scopeOf(session))),
    heads: () => database.run(ask(sql.heads)).map((row) => [textOf(row, 'tenant_id'), numberOf(row, 'position')] as const),
  } satisfies LogReader);
});
