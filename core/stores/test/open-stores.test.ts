import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { openStores } from '../src/open-stores.ts';
import { closeStores, inFolder } from './folder.ts';
import { hasCode } from './support.ts';

describe('openStores', () => {
  it(
    'takes the folder when there is no URL',
    inFolder(async (folder) => {
      for (const databaseUrl of [undefined, '']) {
        const stores = await openStores({ folder, databaseUrl });
        assert.ok((await readdir(folder)).includes('log.db'));
        await closeStores(stores);
      }
    }),
  );

  it(
    'refuses a URL of another protocol without telling the password in it',
    inFolder(async (folder) => {
      for (const databaseUrl of ['postgres://user:secret@host/db', 'mysql://user:secret@host', 'nonsense secret']) {
        await assert.rejects(
          openStores({ folder, databaseUrl }),
          (error) => hasCode('CONFIG_INVALID')(error) && !JSON.stringify(error).includes('secret'),
        );
      }
    }),
  );
});
