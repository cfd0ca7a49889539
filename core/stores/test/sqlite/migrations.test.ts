import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { initial } from '../../src/migrations/0001-initial.ts';
import { MIGRATIONS } from '../../src/migrations/all.ts';
import { SQLITE } from '../../src/migrations/dialect.ts';
import { applyMigration, pendingMigrations } from '../../src/migrations/migrate.ts';
import type { StoreName } from '../../src/migrations/migration.ts';
import { createSqliteStores } from '../../src/sqlite/create-sqlite-stores.ts';
import { SqliteDatabase } from '../../src/sqlite/sqlite-database.ts';
import { closeStores, inFolder } from '../folder.ts';
import { eventOf, hasCode, keys, LEADS } from '../support.ts';

const STORES: readonly StoreName[] = ['log', 'state'];

const BACK_TO_FIRST_STATE = `
  DROP INDEX counters_expiry; DROP INDEX jobs_due; CREATE INDEX jobs_due ON jobs (is_dead, tenant_no, priority, due_at);
  ${['job_order', 'gates', 'passed', 'waits_at', 'not_before', 'deaths'].map((column) => `ALTER TABLE jobs DROP COLUMN ${column};`).join(' ')}
  DROP TABLE job_gates; DROP TABLE parked_jobs; DROP TABLE job_counts;`;

/** Fills stores, then takes them back to the schema of the first migration. */
async function fillAtFirstSchema(folder: string): Promise<void> {
  for (const store of STORES) {
    const database = new SqliteDatabase({ path: join(folder, `${store}.db`), isReader: false, busyTimeoutMs: 100 });
    database.run(pendingMigrations(SQLITE, store, [initial]));
    database.run(applyMigration(SQLITE, store, initial, 1));
    database.close();
  }
  const early = new Database(join(folder, 'state.db'));
  assert.equal(early.prepare("SELECT COUNT(*) AS count FROM sqlite_master WHERE name = 'counters_expiry'").pluck().get(), 0);
  early.close();
  const stores = await createSqliteStores({ folder });
  await stores.state.defineTables([LEADS]);
  await stores.log.tenant(keys).append([eventOf('a'), eventOf('b')]);
  await stores.state
    .tenant(keys)
    .commit([
      { op: 'put', table: LEADS, value: { id: 'l1', score: 3 } },
      { op: 'count', counter: 'c', by: 2, expiresAt: Date.now() + 60_000 },
      ...['j1', 'j2', 'j3'].map((id) => ({ op: 'job', job: { id, kind: 'run', priority: 5, dueAt: 1, payload: { id } } }) as const),
    ]);
  const [claim] = await stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1 });
  await stores.state.tenant(keys).commit([{ op: 'bury', jobId: 'j1', fence: claim?.fence ?? 0, error: {} }]);
  await closeStores(stores);
  for (const store of STORES) {
    const database = new Database(join(folder, `${store}.db`));
    if (store === 'state') database.exec(BACK_TO_FIRST_STATE);
    database.exec(`DELETE FROM ${store}_migrations WHERE id <> '0001-initial'`);
    database.close();
  }
}

describe('migrations on SQLite', () => {
  it(
    'bring a filled database up to date, after a copy of it as it was',
    inFolder(async (folder) => {
      await fillAtFirstSchema(folder);
      const stores = await createSqliteStores({ folder });
      await stores.state.defineTables([LEADS]);
      assert.equal((await stores.log.tenant(keys).read(0, 10)).length, 2);
      assert.deepEqual(await stores.state.tenant(keys).counters(['c']), [2]);
      assert.deepEqual(
        (await stores.state.tenant(keys).query(LEADS, { index: 'byScore', equals: { score: 3 } })).items.map((row) => row.key),
        ['l1'],
      );
      assert.deepEqual(await stores.state.jobs.counts(), [
        { tenantId: 'acme', kind: 'run', state: 'waiting', count: 2 },
        { tenantId: 'acme', kind: 'run', state: 'dead', count: 1 },
      ]);
      assert.deepEqual(
        (await stores.state.jobs.claimDue('w', { limit: 5, leaseMs: 1_000 })).map(({ payload }) => payload),
        [{ id: 'j2' }, { id: 'j3' }],
      );
      await closeStores(stores);
      const migrated = new Database(join(folder, 'state.db'), { readonly: true });
      assert.deepEqual(
        migrated.prepare('SELECT id FROM state_migrations ORDER BY id').pluck().all(),
        MIGRATIONS.map(({ id }) => id),
      );
      assert.equal(migrated.prepare("SELECT COUNT(*) FROM sqlite_master WHERE name = 'counters_expiry'").pluck().get(), 1);
      migrated.close();
      for (const store of STORES) {
        const copy = new Database(join(folder, `${store}.db.before-0002-counter-expiry`), { readonly: true });
        assert.deepEqual(copy.prepare(`SELECT id FROM ${store}_migrations`).pluck().all(), ['0001-initial']);
        assert.equal(
          copy
            .prepare(`SELECT COUNT(*) FROM ${store === 'log' ? 'events' : 'records'}`)
            .pluck()
            .get(),
          store === 'log' ? 2 : 1,
        );
        copy.close();
      }
    }),
  );

  it(
    'make no copy of a database that is new or up to date',
    inFolder(async (folder) => {
      await closeStores(await createSqliteStores({ folder }));
      await closeStores(await createSqliteStores({ folder }));
      assert.deepEqual(
        (await readdir(folder)).filter((file) => file.includes('before')),
        [],
      );
    }),
  );

  it(
    'refuse what a newer version made, and leave it as it is',
    inFolder(async (folder) => {
      await closeStores(await createSqliteStores({ folder }));
      const database = new Database(join(folder, 'state.db'));
      database.exec("INSERT INTO state_migrations (id, applied_at) VALUES ('9999-from-the-future', 1)");
      database.close();
      await assert.rejects(createSqliteStores({ folder }), hasCode('STORE_NEWER'));
    }),
  );

  it('have ids that are the names of their files, in ascending order', async () => {
    const files = (await readdir(new URL('../../src/migrations/', import.meta.url))).filter((file) => /^\d{4}-/.test(file)).toSorted();
    assert.deepEqual(
      MIGRATIONS.map(({ id }) => `${id}.ts`),
      files,
    );
  });
});
