import assert from 'node:assert/strict';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { BACKUP_FILES, backupStores, restoreStores } from '../../src/backup.ts';
import { createSqliteStores } from '../../src/sqlite/create-sqlite-stores.ts';
import { closeStores, inFolder } from '../folder.ts';
import { eventOf, hasCode, keys, LEADS } from '../support.ts';

describe('backup of SQLite stores', () => {
  it(
    'copies while events and rows come in, so that the state never knows more than the log',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder: join(folder, 'live') });
      await stores.state.defineTables([LEADS]);
      const log = stores.log.tenant(keys);
      const state = stores.state.tenant(keys);
      const stop = new AbortController();
      const writing = (async () => {
        for (let i = 0; !stop.signal.aborted; i += 1) {
          const [last] = await log.append([eventOf(`e${String(i)}`, 2_000)]);
          await state.commit([
            { op: 'put', table: LEADS, value: { id: 'cursor', position: last?.position ?? 0, filler: 'x'.repeat(2_000) } },
          ]);
        }
      })();
      await log.append(Array.from({ length: 300 }, (_, i) => eventOf(`first-${String(i)}`, 2_000)));
      await backupStores(stores, join(folder, 'backup'));
      stop.abort();
      await writing;
      await closeStores(stores);

      await restoreStores(join(folder, 'backup'), { folder: join(folder, 'restored') });
      const restored = await createSqliteStores({ folder: join(folder, 'restored') });
      await restored.state.defineTables([LEADS]);
      const head = await restored.log.tenant(keys).head();
      const [cursor] = await restored.state.tenant(keys).get(LEADS, ['cursor']);
      assert.ok(head >= 300);
      assert.ok(Number(cursor?.value['position'] ?? 0) <= head);
      assert.equal((await restored.log.tenant(keys).read(0, 100_000)).length, head);
      assert.deepEqual(
        (await restored.log.tenant(keys).append([eventOf('first-7')])).map(({ isDuplicate }) => isDuplicate),
        [true],
      );
      await closeStores(restored);
    }),
  );

  it(
    'holds nothing in the clear and does not overwrite',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder: join(folder, 'live') });
      await stores.log.tenant(keys).append([{ ...eventOf('visible'), payload: '{"name":"hidden-marker"}' }]);
      await backupStores(stores, join(folder, 'backup'));
      await assert.rejects(backupStores(stores, join(folder, 'backup')), hasCode('ALREADY_EXISTS'));
      const bytes = await readFile(join(folder, 'backup', BACKUP_FILES.log));
      assert.ok(bytes.includes('visible'));
      assert.ok(!bytes.includes('hidden-marker'));
      await assert.rejects(restoreStores(join(folder, 'backup'), { folder: join(folder, 'live') }), hasCode('ALREADY_EXISTS'));
      await closeStores(stores);
    }),
  );

  it(
    'refuses to restore what is damaged, missing, or of the other kind',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder: join(folder, 'live') });
      await stores.log.tenant(keys).append(Array.from({ length: 50 }, (_, i) => eventOf(String(i), 2_000)));
      await backupStores(stores, join(folder, 'backup'));
      await closeStores(stores);
      await assert.rejects(restoreStores(join(folder, 'nothing'), { folder: join(folder, 'new') }), hasCode('INPUT_INVALID'));
      await assert.rejects(
        restoreStores(join(folder, 'backup'), { folder, databaseUrl: 'mysql://user:password@127.0.0.1:1/x' }),
        hasCode('INPUT_INVALID'),
      );
      await truncate(join(folder, 'backup', BACKUP_FILES.log), 40_000);
      await assert.rejects(restoreStores(join(folder, 'backup'), { folder: join(folder, 'new') }), hasCode('INPUT_INVALID'));
    }),
  );
});
