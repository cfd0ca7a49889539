import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Change } from '@tendril/engine/ports';
import { createSqliteStores } from '../../src/sqlite/create-sqlite-stores.ts';
import { closeStores, inFolder } from '../folder.ts';
import { eventOf, hasCode, keys, LEADS } from '../support.ts';

const put = (id: string, filler = ''): Change => ({ op: 'put', table: LEADS, value: { id, filler }, expect: 0 });

/** Holds the write lock of a file, as another process would. */
function lock(path: string): () => void {
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

describe('SQLite stores in trouble', () => {
  it(
    'say that the disk is full, write nothing of the call, and go on when there is room',
    inFolder(async (folder) => {
      const full = await createSqliteStores({ folder, maxPages: { log: 60, state: 60 } });
      await full.state.defineTables([LEADS]);
      const log = full.log.tenant(keys);
      const state = full.state.tenant(keys);
      let appended = 0;
      const fill = async (): Promise<void> => {
        for (;;) {
          await log.append([eventOf(`a${String(appended)}`, 3_000), eventOf(`b${String(appended)}`, 3_000)]);
          appended += 1;
        }
      };
      await assert.rejects(fill(), hasCode('STORE_FULL'));
      assert.ok(appended > 5);
      assert.equal(await log.head(), appended * 2);
      let written = 0;
      const fillState = async (): Promise<void> => {
        for (;;) {
          await state.commit([put(`l${String(written)}`, 'x'.repeat(3_000)), { op: 'count', counter: 'n', by: 1 }]);
          written += 1;
        }
      };
      await assert.rejects(fillState(), hasCode('STORE_FULL'));
      assert.deepEqual(await state.counters(['n']), [written]);
      assert.deepEqual(await state.get(LEADS, [`l${String(written)}`]), [undefined]);
      assert.deepEqual(full.log.status(), { waitingEvents: 0, waitingBytes: 0 });
      await closeStores(full);

      const roomy = await createSqliteStores({ folder });
      await roomy.state.defineTables([LEADS]);
      const again = await roomy.log.tenant(keys).append([eventOf('a0'), eventOf(`a${String(appended)}`), eventOf('new')]);
      assert.deepEqual(again, [
        { position: 1, isDuplicate: true },
        { position: appended * 2 + 1, isDuplicate: false },
        { position: appended * 2 + 2, isDuplicate: false },
      ]);
      assert.deepEqual(await roomy.state.tenant(keys).commit([put(`l${String(written)}`)]), { ok: true });
      await closeStores(roomy);
    }),
  );

  it(
    'refuse a call that does not fit and take the next one that does, in the same process',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder, maxPages: { log: 60 } });
      const log = stores.log.tenant(keys);
      await log.append([eventOf('first')]);
      await assert.rejects(log.append([eventOf('small'), eventOf('large', 400_000), eventOf('small too')]), hasCode('STORE_FULL'));
      assert.deepEqual(await log.append([eventOf('small')]), [{ position: 2, isDuplicate: false }]);
      assert.deepEqual(
        (await log.read(0, 10)).map(({ position }) => position),
        [1, 2],
      );
      await closeStores(stores);
    }),
  );

  it(
    'say that the database is locked, and go on when it is not',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder, busyTimeoutMs: 20 });
      await stores.state.defineTables([LEADS]);
      const log = stores.log.tenant(keys);
      const state = stores.state.tenant(keys);
      await log.append([eventOf('before')]);
      await state.commit([put('before')]);
      const unlock = [lock(join(folder, 'log.db')), lock(join(folder, 'state.db'))];
      await assert.rejects(log.append([eventOf('during')]), hasCode('STORE_UNAVAILABLE'));
      await assert.rejects(state.commit([put('during')]), hasCode('STORE_UNAVAILABLE'));
      await assert.rejects(stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1 }), hasCode('STORE_UNAVAILABLE'));
      await assert.rejects(stores.log.tenant({ ...keys, tenantId: 'new' }).append([eventOf('x')]), hasCode('STORE_UNAVAILABLE'));
      assert.equal((await log.read(0, 10)).length, 1, 'reading goes on');
      for (const free of unlock) free();
      assert.deepEqual(await log.append([eventOf('during')]), [{ position: 2, isDuplicate: false }]);
      assert.deepEqual(await state.commit([put('during')]), { ok: true });
      assert.deepEqual(await stores.log.tenant({ ...keys, tenantId: 'new' }).append([eventOf('x')]), [{ position: 1, isDuplicate: false }]);
      await closeStores(stores);
    }),
  );

  it(
    'do not open what is no database, and say so',
    inFolder(async (folder) => {
      await writeFile(join(folder, 'log.db'), 'x'.repeat(10_000));
      await assert.rejects(createSqliteStores({ folder }), hasCode('STORE_UNAVAILABLE'));
    }),
  );

  it(
    'refuse everything once closed',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder });
      const log = stores.log.tenant(keys);
      const last = log.append([eventOf('a')]);
      await closeStores(stores);
      assert.deepEqual(await last, [{ position: 1, isDuplicate: false }]);
      await assert.rejects(log.append([eventOf('b')]), hasCode('STORE_UNAVAILABLE'));
    }),
  );
});
