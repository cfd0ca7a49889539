import type { TenantKeys } from '@tendril/engine/ports';
import { TendrilError } from '@tendril/plugin-api';
import { createFaultGate } from '../fault-points.ts';
import type { Faults } from '../fault-points.ts';
import { SQLITE } from '../migrations/dialect.ts';
import { Keyring } from '../work/keyring.ts';
import { createLogSql } from '../work/log-sql.ts';
import type { LogTenant } from '../work/log-scope.ts';
import { numberLogTenant } from '../work/log-tenant.ts';
import { LogAppender } from './log-appender.ts';
import type { FlatEvents } from './log-appender.ts';
import { serveWrites } from './serve-writes.ts';
import { openForWriting, startWorker } from './start-worker.ts';

/** What the writer thread of the log does. */
export interface LogWriter {
  readonly [method: string]: (...args: never[]) => unknown;
  /** Takes in keys under a number of the caller's. @returns the tenant's number */
  readonly register: (session: number, keys: TenantKeys) => number;
  /** @returns for each event its position, negative when it is a duplicate */
  readonly append: (session: number, events: FlatEvents, now: number) => readonly number[];
  readonly backup: (path: string) => Promise<void>;
}

await startWorker(async (settings) => {
  const database = await openForWriting('log', settings);
  const sql = createLogSql(SQLITE);
  const passFault = createFaultGate(settings.faults as Faults | undefined);
  const appender = new LogAppender(database, sql);
  const tenants = new Map<number, LogTenant>();
  const writes = {
    register: (session: number, keys: TenantKeys) => {
      const tenantNo = database.run(numberLogTenant(sql, keys.tenantId));
      tenants.set(session, { tenantNo, keyring: new Keyring(keys) });
      return tenantNo;
    },
    append: (session: number, events: FlatEvents, now: number) => {
      const tenant = tenants.get(session);
      // Nothing may look as if it were on disk.
      if (tenant === undefined) throw new TendrilError('INTERNAL', { reason: 'the session is not registered' });
      return appender.append(tenant, events, now);
    },
  };
  const controls = { backup: (path: string) => database.backup(path) };
  ({ ...writes, ...controls }) satisfies LogWriter;
  serveWrites({ store: 'log', database, writes, controls, forget: () => appender.forget(), passFault });
});
