import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, Logger, Row } from '@tendril/plugin-api';
import type { Table } from '@tendril/schemas';
import type { JobWorker, Lease } from '../../jobs/index.ts';
import type { Change, TableSpec, TenantState } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/index.ts';
import type { LoadedPlugin } from '../contract.ts';
import { compileMigrations } from './change-row.ts';
import type { ChangeRow } from './change-row.ts';
import { fromMigration, MIGRATIONS, readMigration } from './migrations-table.ts';
import type { MigrationRecord } from './migrations-table.ts';

/** Jobs of this kind bring tables of plugins to the version of the manifest. */
export const MIGRATION_JOB = 'plugins.migrate';

const PRIORITY = 3;
const PAGE = 200;
const LOOK_AGAIN_MS = 1_000;

/** What migrations need of the host. */
export interface MigrationOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly log: Logger;
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  /** Whether calls of an earlier version go on in this process: what they write is in its version. */
  readonly isEnding: (plugin: string) => boolean;
}

/** A table that is being changed for a tenant. */
export interface MigrationProgress {
  readonly plugin: string;
  readonly table: string;
  readonly from: number;
  readonly to: number;
  readonly moved: number;
  readonly fault?: string;
}

/**
 * Brings the rows of a tenant to the version of the table in the manifest, in batches, each committed with its cursor: a
 * crash goes on where it was, and no row is changed twice. Until it is done the plugin is not called for that tenant.
 */
export interface TableMigrations {
  register(worker: JobWorker): void;
  /**
   * Passes when the tenant's tables are as the plugin expects them; plans the work otherwise.
   *
   * @throws TendrilError PLUGIN_MIGRATING while they are being changed; STORE_NEWER when a later version of the plugin wrote them
   */
  assertReady(tenantId: string, plugin: LoadedPlugin): Promise<void> | undefined;
  /** Begins what there is to do for the enabled plugins, so that nobody has to call them first. */
  plan(tenantId: string, enabled: ReadonlySet<string>): Promise<void>;
  /** What is under way. */
  progress(tenantId: string): Promise<readonly MigrationProgress[]>;
}

interface Pending {
  readonly id: string;
  readonly name: string;
  readonly table: Table;
  readonly spec: TableSpec;
  readonly record: MigrationRecord;
  readonly version: number;
}

/** @returns migrations that run once they are registered with a worker */
export function createTableMigrations({ tenants, clock, log, plugins, isEnding }: MigrationOptions): TableMigrations {
  // A plugin that is replaced is another object: its tables are looked at again.
  const ready = new Map<string, WeakSet<LoadedPlugin>>();

  async function look(tenantId: string, plugin: LoadedPlugin): Promise<void> {
    const { state } = await tenants.open(tenantId);
    const [pending] = await pendingOf(state, plugin);
    if (pending === undefined) {
      const known = ready.get(tenantId) ?? new WeakSet();
      ready.set(tenantId, known.add(plugin));
      return;
    }
    const { name, record, table } = pending;
    await state.commit([
      {
        op: 'job',
        ifAbsent: true,
        job: { id: `migrate:${plugin.id}`, kind: MIGRATION_JOB, priority: PRIORITY, dueAt: clock.now(), payload: { plugin: plugin.id } },
      },
    ]);
    const { version: from, moved, fault } = record;
    throw new TendrilError('PLUGIN_MIGRATING', {
      plugin: plugin.id,
      table: name,
      from,
      to: versionOf(table),
      moved,
      ...(fault !== undefined && { fault }),
    });
  }

  async function run({ claim, signal }: Lease): Promise<void> {
    const { tenantId, payload, id: jobId, fence } = claim;
    const plugin = plugins().get((payload as { readonly plugin: string }).plugin);
    const { state } = await tenants.open(tenantId);
    const held: Change = { op: 'held', jobId, fence };
    if (plugin !== undefined && isEnding(plugin.id)) {
      await state.commit([{ op: 'reschedule', jobId, fence, dueAt: clock.now() + LOOK_AGAIN_MS, attempts: 0 }]);
      return;
    }
    for (;;) {
      const [pending] = plugin === undefined ? [] : await pendingOf(state, plugin);
      if (plugin === undefined || pending === undefined) break;
      if (signal.aborted) throw new TendrilError('ACTION_ABORTED', { job: jobId });
      await moveBatch(state, plugin, pending, held);
    }
    await state.commit([{ op: 'finish', jobId, fence }]);
    if (plugin !== undefined) log.info({ plugin: plugin.id, tenant: tenantId }, 'the tables of a plugin are in its version');
  }

  return {
    register: (worker) => worker.register(MIGRATION_JOB, run, { concurrency: 1, attempts: Infinity }),
    assertReady: (tenantId, plugin) => {
      if (ready.get(tenantId)?.has(plugin) === true || !hasTables(plugin)) return undefined;
      return look(tenantId, plugin);
    },
    plan: async (tenantId, enabled) => {
      for (const plugin of plugins().values()) {
        if (!enabled.has(plugin.id) || !hasTables(plugin)) continue;
        await look(tenantId, plugin).catch((error: unknown) => {
          if (!TendrilError.is(error)) throw error;
          log.warn({ err: error, plugin: plugin.id, tenant: tenantId }, 'a plugin is not called before its tables are in its version');
        });
      }
    },
    progress: async (tenantId) => {
      const { state } = await tenants.open(tenantId);
      const all = await Promise.all(
        [...plugins().values()].filter(hasTables).map(async (plugin) => ({
          plugin,
          pending: await pendingOf(state, plugin).catch(() => []),
        })),
      );
      return all.flatMap(({ plugin, pending }) =>
        pending.map(({ name, table, record: { version, moved, fault } }) => ({
          plugin: plugin.id,
          table: name,
          from: version,
          to: versionOf(table),
          moved,
          ...(fault !== undefined && { fault }),
        })),
      );
    },
  };
}

/** One batch of one table, with where it got to. What was written in between is read again. */
async function moveBatch(state: TenantState, plugin: LoadedPlugin, pending: Pending, held: Change): Promise<void> {
  const { id, name, table, spec, record, version } = pending;
  // What an earlier upgrade has begun is ended first: rows in front of its cursor are in its version already.
  const target = record.target ?? versionOf(table);
  const change = compileMigrations(table, record.version, target);
  const page = await state.query(spec, { limit: PAGE, ...(record.cursor !== undefined && { cursor: record.cursor }) });
  const changed = changeRows(plugin, name, page.items, change);
  if ('fault' in changed) {
    await state.commit([
      held,
      { op: 'put', table: MIGRATIONS, value: fromMigration({ ...record, target, fault: changed.fault }), expect: version },
    ]);
    throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, table: name, reason: changed.fault });
  }
  const moved = record.moved + changed.rows.length;
  const next: MigrationRecord =
    page.nextCursor === undefined
      ? { id, version: target, moved: 0 }
      : { id, version: record.version, target, cursor: page.nextCursor, moved };
  const result = await state.commit([
    held,
    ...changed.rows.map(({ value, version: expect }): Change => ({ op: 'put', table: spec, value, expect })),
    { op: 'put', table: MIGRATIONS, value: fromMigration(next), expect: version },
  ]);
  if (!result.ok && result.reason === 'fence') throw new TendrilError('LEASE_LOST', { plugin: plugin.id });
}

/** A row that would not match the schema stops the migration: nothing is dropped to make it fit. */
function changeRows(
  plugin: LoadedPlugin,
  table: string,
  rows: readonly Row[],
  change: ChangeRow,
): { readonly rows: readonly { readonly value: JsonObject; readonly version: number }[] } | { readonly fault: string } {
  const changed: { readonly value: JsonObject; readonly version: number }[] = [];
  for (const row of rows) {
    try {
      const value = change(row.value);
      const [problem] = plugin.schemas.tables.get(table)?.validate(structuredClone(value)) ?? [];
      if (problem !== undefined) return { fault: `a row would not match the schema at ${problem.pointer}: ${problem.message}` };
      changed.push({ value, version: row.version });
    } catch (error) {
      return { fault: `an expression of a migration failed: ${error instanceof Error ? error.message : 'unknown error'}` };
    }
  }
  return { rows: changed };
}

/** @throws TendrilError STORE_NEWER */
async function pendingOf(state: TenantState, plugin: LoadedPlugin): Promise<readonly Pending[]> {
  const pending: Pending[] = [];
  for (const [name, table] of Object.entries(plugin.manifest.contributes.tables ?? {})) {
    const spec = plugin.tables.get(name);
    if (spec === undefined) continue;
    const id = `${plugin.id}.${name}`;
    const { record, version } = await readMigration(state, id);
    const supported = versionOf(table);
    const written = Math.max(record?.version ?? 1, record?.target ?? 1);
    if (written > supported) throw new TendrilError('STORE_NEWER', { plugin: plugin.id, table: name, written, supported });
    if (record?.version === supported || (record === undefined && supported === 1)) continue;
    if (record === undefined && (await state.query(spec, { limit: 1 })).items.length === 0) {
      // Nothing was written before: it begins in the version of the manifest.
      await state.commit([{ op: 'put', table: MIGRATIONS, value: fromMigration({ id, version: supported, moved: 0 }), expect: 0 }]);
      continue;
    }
    pending.push({ id, name, table, spec, record: record ?? { id, version: 1, moved: 0 }, version });
  }
  return pending;
}

/** Also where all tables are in their first version: a later version of the plugin may have written them. */
function hasTables({ manifest }: LoadedPlugin): boolean {
  return Object.keys(manifest.contributes.tables ?? {}).length > 0;
}

function versionOf(table: Table): number {
  return table.version ?? 1;
}
