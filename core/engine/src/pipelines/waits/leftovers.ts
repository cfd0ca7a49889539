import type { Change } from '../../ports.ts';
import { removeApproval } from '../approvals.ts';
import type { StepRecord } from '../runs/records.ts';
import { deleteWait } from './wait-record.ts';

/** What takes away that which an open step waits for, an event or a person, when the step is cut short. */
export function removeWait(record: StepRecord): readonly Change[] {
  return record.wait === undefined ? removeApproval(record) : [deleteWait(record.key)];
}
