import type { Clock } from '@tendril/plugin-api';
import type { OutboxItem } from '@tendril/engine/ports';
import type { MemoryJobs } from './memory-jobs.ts';
import type { MemoryTables } from './memory-tables.ts';

/** What all tenants of the fake share. */
export interface MemoryState {
  readonly clock: Clock;
  readonly tables: MemoryTables;
  readonly jobs: MemoryJobs;
  readonly counters: Map<string, { readonly value: number; readonly expiresAt: number | undefined }>;
  readonly outbox: Map<number, OutboxItem>;
  readonly emitted: () => void;
}
