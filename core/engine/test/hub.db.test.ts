import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteStores } from '@tendril/stores';
import { livesTwice } from './support/hub-scenario.ts';

describe('the hub on SQLite', () => {
  it('takes events in, follows them, emits, stops, and goes on where it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tendril-hub-'));
    const stores = await createSqliteStores({ folder });
    try {
      await livesTwice(stores);
    } finally {
      await stores.log.close();
      await stores.state.close();
      await rm(folder, { recursive: true });
    }
  }).timeout(60_000);
});
