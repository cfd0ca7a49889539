import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stores } from '@tendril/engine/ports';

/** Runs a test in a folder of its own and removes it afterwards. */
export function inFolder(test: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tendril-stores-'));
    try {
      await test(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Closes both stores. */
export async function closeStores(stores: Stores): Promise<void> {
  await Promise.all([stores.log.close(), stores.state.close()]);
}
