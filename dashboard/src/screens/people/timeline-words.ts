import type { PersonChange, TimelineEntry } from '../../api/customers/people.ts';
import { tell } from './person-facts.ts';

/** Which entries of a timeline are shown. */
export type TimelineFilter = 'all' | 'events' | 'changes' | 'segments' | 'sends';

/** The choices, in the order in which they are offered. */
export const TIMELINE_FILTERS: readonly { readonly filter: TimelineFilter; readonly text: string }[] = [
  { filter: 'all', text: 'All' },
  { filter: 'events', text: 'Events' },
  { filter: 'changes', text: 'Changes and merges' },
  { filter: 'segments', text: 'Segments' },
  { filter: 'sends', text: 'Messages' },
];

const MERGES = /^tendril\.profiles\.(un)?merged$/;
const SEGMENT = /^tendril\.segment\./;
const SENDS = /^tendril\.(send|unsubscribed|suppressed|unsuppressed)\b|^(email|e-mail|sms|push|message|mail)\b/i;

/** Whether an entry is of the kind that one looks for. */
export function fits(entry: TimelineEntry, filter: TimelineFilter): boolean {
  switch (filter) {
    case 'events':
      return entry.kind !== 'hub' && !entry.name.startsWith('tendril.');
    case 'changes':
      return (entry.changes?.length ?? 0) > 0 || MERGES.test(entry.name);
    case 'segments':
      return SEGMENT.test(entry.name);
    case 'sends':
      return SENDS.test(entry.name);
    default:
      return true;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  identify: 'the application said who it was',
  email: 'the same e-mail address',
  phone: 'the same phone number',
  alias: 'the application said that both are one',
  rule: 'a rule for duplicates',
  person: 'somebody of your team said so',
};

/** Why two people were joined, in words. */
export function tellReason(reason: string | undefined): string {
  return reason === undefined ? 'not told' : (REASONS[reason] ?? reason.replaceAll('_', ' '));
}

/** A change of a person in one line. */
export function tellChange(change: PersonChange): string {
  switch (change.kind) {
    case 'trait': {
      const now = change.value === undefined || change.value === null ? 'removed' : tell(change.value);
      const before = change.before === undefined || change.before === null ? '' : `${tell(change.before)} → `;
      return `${change.trait ?? 'A trait'}: ${before}${now}`;
    }
    case 'merged':
      return `Joined with ${change.person ?? 'another person'}: ${tellReason(change.reason)}`;
    case 'unmerged':
      return `Taken apart from ${change.person ?? 'another person'}`;
    case 'consent':
      return `${change.isGranted === true ? 'Agreed to' : 'Refused'} ${change.category ?? 'messages'}`;
    default:
      return change.kind.replaceAll('_', ' ');
  }
}
