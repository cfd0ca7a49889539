import { TendrilError } from '@tendril/plugin-api';
import { ask, textOf } from '../work/step.ts';
import type { Work } from '../work/step.ts';
import type { Dialect } from './dialect.ts';
import type { Migration, StoreName } from './migration.ts';

/**
 * The migrations that a store still needs.
 *
 * @throws TendrilError STORE_NEWER when the store has one that is not known here
 */
export function* pendingMigrations(dialect: Dialect, store: StoreName, migrations: readonly Migration[]): Work<readonly Migration[]> {
  yield* ask(
    `CREATE TABLE IF NOT EXISTS ${store}_migrations (id ${dialect.text(200)} NOT NULL PRIMARY KEY, applied_at ${dialect.integer} NOT NULL)${dialect.plain}`,
  );
  const applied = (yield* ask(`SELECT id FROM ${store}_migrations ORDER BY id`)).map((row) => textOf(row, 'id'));
  const unknown = applied.filter((id) => migrations.every((migration) => migration.id !== id));
  if (unknown.length > 0) throw new TendrilError('STORE_NEWER', { store, migrations: unknown });
  return migrations.filter((migration) => !applied.includes(migration.id));
}

/** Applies one migration and notes it. In SQLite the caller's transaction holds both; MySQL commits each statement by itself. */
export function* applyMigration(dialect: Dialect, store: StoreName, migration: Migration, now: number): Work<void> {
  const statements = store === 'log' ? migration.log(dialect) : migration.state(dialect);
  for (const statement of statements) yield* ask(statement);
  yield* ask(`INSERT INTO ${store}_migrations (id, applied_at) VALUES (?, ?)`, migration.id, now);
}
