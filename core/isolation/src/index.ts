export { createIsolation } from './host/create-isolation.ts';
export { isolationTier } from './host/command.ts';
export type { IsolationOptions } from './host/options.ts';
