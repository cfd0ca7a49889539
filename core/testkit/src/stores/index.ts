export { missingMariadb, startMariadb } from '../servers/mariadb.ts';
export type { Mariadb } from '../servers/mariadb.ts';
export { createMemoryStores } from './memory-stores.ts';
export { ManualClock } from './stores-fixture.ts';
export type { OpenedStores, OpenStores } from './stores-fixture.ts';
export { testStores } from './test-stores.ts';
