import { createMemoryStores } from '../../src/stores/memory-stores.ts';
import { testStores } from '../../src/stores/test-stores.ts';

testStores('in memory', async (clock) => {
  const stores = createMemoryStores({ clock });
  return { stores, reopen: async () => stores, close: async () => undefined };
});
