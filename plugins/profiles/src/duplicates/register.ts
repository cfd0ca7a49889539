import type { Host } from '@tendril/plugin-api';
import { dismissDuplicate } from '../actions/dismiss-duplicate.ts';
import { duplicates } from '../actions/duplicates.ts';
import { findDuplicates } from '../actions/find-duplicates.ts';
import { compare } from '../consumers/compare.ts';
import { compareImported } from '../schedules/compare-imported.ts';
import { duplicates as duplicatesSchedule } from '../schedules/duplicates.ts';

/** Registers everything about probable duplicates. */
export function registerDuplicates(host: Host): void {
  host.consumer('compare', compare);
  host.schedule('duplicates', duplicatesSchedule);
  host.schedule('compare_imported', compareImported);
  host.action('duplicates', duplicates);
  host.action('dismiss_duplicate', dismissDuplicate);
  host.action('find_duplicates', findDuplicates);
}
