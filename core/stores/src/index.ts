export { FAULT_POINTS } from './fault-points.ts';
export type { FaultPoint, Faults } from './fault-points.ts';
export { createSqliteStores } from './sqlite/create-sqlite-stores.ts';
export type { SqliteOptions } from './sqlite/create-sqlite-stores.ts';
