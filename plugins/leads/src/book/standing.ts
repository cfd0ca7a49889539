import type { LeadsRow } from '../gen/manifest.gen.ts';

/** Where a lead stands. */
export type Status = LeadsRow['status'];

/** From the least strict: what keeps people from being talked to again counts more. Who bought is a customer, whatever else. */
const STRICTNESS: readonly Status[] = ['new', 'scored', 'contacted', 'qualified', 'lost', 'won'];

/** The stricter of two. */
export function stricter(left: Status, right: Status): Status {
  return STRICTNESS.indexOf(right) > STRICTNESS.indexOf(left) ? right : left;
}

/** Whether nothing is to be won any more. */
export function isClosed(status: Status): boolean {
  return status === 'won' || status === 'lost';
}

/** Whether somebody should work on a lead. */
export function queueOf({ status, snoozedUntil }: Pick<LeadsRow, 'status' | 'snoozedUntil'>): 'open' | 'snoozed' | 'closed' {
  if (isClosed(status)) return 'closed';
  return snoozedUntil === undefined ? 'open' : 'snoozed';
}

/** Derived from the person, so that whoever makes the lead first gives it the same id. */
export function leadIdOf(person: string): string {
  return `lead-${person}`;
}
