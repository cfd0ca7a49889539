import { TendrilError } from '@tendril/plugin-api';
import type { LogSql } from './log-sql.ts';
import { ask, numberOf, optionalNumberOf } from './step.ts';
import type { Work } from './step.ts';

/** The number of a tenant, given on first sight. */
export function* numberLogTenant(sql: LogSql, tenantId: string): Work<number> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [row] = yield* ask(sql.findHead, tenantId);
    if (row !== undefined) return numberOf(row, 'tenant_no');
    const [last] = yield* ask(sql.lastTenantNo);
    // Another process may take the same number; then the insert is ignored and the next round finds another.
    yield* ask(sql.insertHead, (last === undefined ? 0 : (optionalNumberOf(last, 'last') ?? 0)) + 1, tenantId);
  }
  throw new TendrilError('STORE_UNAVAILABLE', { reason: 'no number for the tenant' });
}

/** The number of an event's kind, name or app, given on first sight. */
export function* numberName(sql: LogSql, name: string): Work<number> {
  let [row] = yield* ask(sql.findName, name);
  if (row === undefined) {
    yield* ask(sql.insertName, name);
    [row] = yield* ask(sql.findNewName, name);
  }
  if (row !== undefined) return numberOf(row, 'name_no');
  throw new TendrilError('STORE_UNAVAILABLE', { reason: 'no number for a name' });
}
