import type { TableSpec, TenantKeys } from '@tendril/engine/ports';
import { TendrilError } from '@tendril/plugin-api';
import { createFaultGate } from '../fault-points.ts';
import type { Faults } from '../fault-points.ts';
import { SQLITE } from '../migrations/dialect.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { applyChangeset } from '../work/changeset.ts';
import type { Applied } from '../work/changeset.ts';
import { defineTable, numberTenant, rebuildIndexes } from '../work/define-tables.ts';
import { claimDueJobs } from '../work/claim-jobs.ts';
import type { Claimed } from '../work/claim-jobs.ts';
import { renewClaims } from '../work/job-queue.ts';
import type { HeldClaim, RenewedClaim } from '../work/job-queue.ts';
import { Keyring } from '../work/keyring.ts';
import { unpackChanges } from '../work/packed-changes.ts';
import type { StateTenant } from '../work/state-scope.ts';
import { createStateSql } from '../work/state-sql.ts';
import { ask } from '../work/step.ts';
import { serveWrites } from './serve-writes.ts';
import { openForWriting, startWorker } from './start-worker.ts';

const SWEEP_EVERY_MS = 60_000;

/** What a commit came to: when the first job is due that it made due, or true when it made none; else why it was refused. */
export type WrittenChangeset = number | true | (Applied & { readonly isTakenBack: true });

/** What the writer thread of the state does. Sessions are numbers under which keys were taken in. */
export interface StateWriter {
  readonly [method: string]: (...args: never[]) => unknown;
  readonly register: (session: number, keys: TenantKeys, now: number) => number;
  readonly define: (specs: readonly TableSpec[], now: number) => readonly TableDefinition[];
  readonly commit: (session: number, head: string, texts: readonly string[], now: number) => WrittenChangeset;
  readonly claim: (workerId: string, limit: number, leaseMs: number, kinds: readonly string[], now: number) => Claimed;
  readonly renew: (claims: readonly HeldClaim[], leaseUntil: number) => readonly RenewedClaim[];
  readonly removeOutbox: (ids: readonly number[]) => void;
  readonly backup: (path: string) => Promise<void>;
}

await startWorker(async (settings) => {
  const database = await openForWriting('state', settings);
  const sql = createStateSql(SQLITE);
  const sessions = new Map<number, StateTenant>();
  const tenants = new Map<number, StateTenant>();
  const tables = new Map<string, TableDefinition>();
  let lastTenantNo = 0;
  let sweptAt = 0;

  const rebuild = (tenant: StateTenant, now: number): void => database.run(rebuildIndexes({ sql, tenant, tables, now }));

  const writes = {
    register: (session: number, keys: TenantKeys, now: number) => {
      const tenant = { tenantNo: database.run(numberTenant(sql, keys.tenantId)), keyring: new Keyring(keys) };
      rebuild(tenant, now);
      sessions.set(session, tenant);
      tenants.set(tenant.tenantNo, tenant);
      return tenant.tenantNo;
    },
    define: (specs: readonly TableSpec[], now: number) => {
      const definitions = specs.map((spec) => database.run(defineTable(sql, spec)));
      for (const definition of definitions) tables.set(definition.spec.name, definition);
      for (const tenant of tenants.values()) rebuild(tenant, now);
      return definitions;
    },
    commit: (session: number, head: string, texts: readonly string[], now: number): WrittenChangeset => {
      const tenant = sessions.get(session);
      if (tenant === undefined) throw new TendrilError('INTERNAL', { reason: 'the session is not registered' });
      const applied = database.run(applyChangeset({ sql, tenant, tables, now }, unpackChanges({ head, texts })));
      return applied.result.ok ? (applied.dueAt ?? true) : { ...applied, isTakenBack: true };
    },
    claim: (workerId: string, limit: number, leaseMs: number, kinds: readonly string[], now: number) => {
      if (now - sweptAt > SWEEP_EVERY_MS) {
        database.run(ask(sql.sweepCounters, now));
        database.run(ask(sql.sweepGates, now));
        sweptAt = now;
      }
      const claimed = database.run(claimDueJobs(sql, { workerId, limit, leaseMs, kinds, now, tenants, lastTenantNo }));
      lastTenantNo = claimed.lastTenantNo;
      return claimed;
    },
    renew: (claims: readonly HeldClaim[], leaseUntil: number) => database.run(renewClaims(sql, claims, leaseUntil)),
    removeOutbox: (ids: readonly number[]) => {
      for (const id of ids) database.run(ask(sql.deleteOutbox, id));
    },
  };
  const controls = { backup: (path: string) => database.backup(path) };
  ({ ...writes, ...controls }) satisfies StateWriter;
  const passFault = createFaultGate(settings.faults as Faults | undefined);
  serveWrites({ store: 'state', database, writes, controls, forget: () => undefined, passFault });
});
