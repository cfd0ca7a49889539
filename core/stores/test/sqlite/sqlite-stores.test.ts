import { readdir, readFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testStores } from '@tendril/testkit/stores';
import { createSqliteStores } from '../../src/sqlite/create-sqlite-stores.ts';

testStores('SQLite', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'tendril-stores-'));
  let stores = await createSqliteStores({ folder, clock });
  const close = async (): Promise<void> => {
    await Promise.all([stores.log.close(), stores.state.close()]);
  };
  return {
    stores,
    reopen: async () => {
      await close();
      stores = await createSqliteStores({ folder, clock });
      return stores;
    },
    close: async () => {
      await close();
      await rm(folder, { recursive: true });
    },
    rawBytes: async () => Buffer.concat(await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file))))),
  };
});
