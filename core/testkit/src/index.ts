export { createMemoryStores } from './stores/memory-stores.ts';
