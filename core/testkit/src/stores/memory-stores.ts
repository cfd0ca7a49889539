import type { Clock } from '@tendril/plugin-api';
import type { Stores } from '@tendril/engine/ports';
import { createMemoryLog } from './memory-log.ts';
import { createMemoryState } from './memory-state.ts';

/**
 * Both stores in memory, with the logic of the real ones: guards, indexes, counters, fences, positions per tenant.
 * Nothing outlives the process and `backup` is refused.
 */
export function createMemoryStores(options: { readonly clock?: Clock } = {}): Stores {
  const clock = options.clock ?? { now: () => Date.now() };
  return { log: createMemoryLog(clock), state: createMemoryState(clock) };
}
