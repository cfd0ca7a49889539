import { TendrilError } from '@tendril/plugin-api';
import type { Change } from '../../ports.ts';
import type { Journal } from './journal.ts';
import { keepError } from './kept-error.ts';
import type { StepRecord } from './records.ts';

const OPEN: ReadonlySet<StepRecord['state']> = new Set(['running', 'sleeping', 'blocked', 'needs_approval']);
const BLOCKS: ReadonlySet<string> = new Set(['if', 'switch', 'parallel', 'forEach', 'element']);

/** What removes that which a step waits for. */
export type CancelChanges = (record: StepRecord) => readonly Change[];

/**
 * Ends the steps that will never go on: blocks in which something ended, waits and attempts that were cut short. A call
 * whose outcome nobody knows stays one that a person has to look at.
 *
 * @param options.prefix of the paths, `''` for all
 * @param options.blockState what becomes of blocks
 */
export function closeOpen(
  journal: Journal,
  options: {
    readonly prefix: string;
    readonly blockState: 'succeeded' | 'skipped';
    readonly endedAt: number;
    readonly cancelChanges: CancelChanges;
  },
): void {
  for (const record of [...journal.records()]) {
    if (!OPEN.has(record.state) || !record.path.startsWith(options.prefix)) continue;
    const { until: _until, ...rest } = record;
    if (record.intent !== undefined) {
      const error = record.error ?? keepError(new TendrilError('ACTION_NEEDS_REVIEW', { action: record.action ?? '' }));
      journal.note({ ...rest, state: 'needs_review', error, endedAt: options.endedAt });
      continue;
    }
    const state = BLOCKS.has(record.kind) ? options.blockState : 'skipped';
    journal.note({ ...rest, state, endedAt: options.endedAt }, options.cancelChanges(record));
  }
}
