import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { loadLead } from '../book/load-lead.ts';
import type { Settings, SnoozeInput, SnoozeOutput } from '../gen/manifest.gen.ts';

/**
 * Takes a lead out of the queue until a moment, or brings it back at once.
 *
 * @throws TendrilError NOT_FOUND; INPUT_INVALID when the moment has passed or the lead is won or lost
 */
export const snooze: ActionHandler<SnoozeInput, SnoozeOutput, Settings> = async ({ id, until }, call) => {
  const { book, lead } = await loadLead(id, call);
  if (until === null) {
    if (lead.snoozedUntil !== undefined) book.state(lead.id, 'snooze', {}, ['snoozedUntil']);
    book.write(call);
    return { id: lead.id, until: null };
  }
  const at = Date.parse(until);
  if (!(at > call.clock.now())) throw new TendrilError('INPUT_INVALID', { field: 'until', reason: 'name a moment in the future' });
  if (lead.queue === 'closed')
    throw new TendrilError('INPUT_INVALID', { field: 'id', reason: `the lead is ${lead.status}: set its status first` });
  book.state(lead.id, 'snooze', { snoozedUntil: at });
  const after = book.headOf(lead.id);
  if (after !== undefined) book.note({ ...after, dueAt: Math.min(after.dueAt ?? Infinity, at) });
  book.write(call);
  return { id: lead.id, until: new Date(at).toISOString() };
};
