import type { Deployments } from '../deployments.ts';
import { REFUSALS_KEPT_MS } from '../starts/refusals.ts';
import { REFUSALS, SERIAL_LATEST } from '../starts/tables.ts';
import { CALLS, EFFECTS } from '../tables.ts';
import type { ExpiringTable, PruningOptions } from './pruning.ts';

const DAY_MS = 86_400_000;
/** Of runs whose pipeline is not in force any more, and of single calls. */
const DEFAULT_MS = 90 * DAY_MS;

/** How long each pipeline keeps its runs: of several environments the longest time counts. */
export function createRetentionOf(deployments: Pick<Deployments, 'list'>): PruningOptions['retentionOf'] {
  return async (tenantId) => {
    const keptMs = new Map<string, number>();
    for (const { record, compiled } of await deployments.list(tenantId))
      keptMs.set(record.id, Math.max(keptMs.get(record.id) ?? 0, compiled.retentionMs));
    return { of: async (pipeline) => keptMs.get(pipeline) ?? DEFAULT_MS, shortestMs: Math.min(DEFAULT_MS, ...keptMs.values()) };
  };
}

/** What else of this room is of no use after some time. */
export const EXPIRING: readonly ExpiringTable[] = [
  { table: CALLS, index: 'by_age', keepFrom: (now) => now - DEFAULT_MS },
  { table: EFFECTS, index: 'by_end', keepFrom: (now) => now - DEFAULT_MS },
  { table: REFUSALS, index: 'by_time', keepFrom: (now) => now - REFUSALS_KEPT_MS },
  { table: SERIAL_LATEST, index: 'by_time', keepFrom: (now) => now - DEFAULT_MS },
];
