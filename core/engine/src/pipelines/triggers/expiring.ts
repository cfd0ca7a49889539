import type { ExpiringTable } from '../history/pruning.ts';
import { SEEN, SEEN_KEPT_MS } from './tables.ts';

/** What of triggers is of no use after some time. */
export const TRIGGER_EXPIRING: readonly ExpiringTable[] = [{ table: SEEN, index: 'by_age', keepFrom: (now) => now - SEEN_KEPT_MS }];
