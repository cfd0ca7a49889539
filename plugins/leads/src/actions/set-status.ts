import type { ActionHandler } from '@tendril/plugin-api';
import { loadLead } from '../book/load-lead.ts';
import { isClosed } from '../book/standing.ts';
import type { SetStatusInput, SetStatusOutput, Settings } from '../gen/manifest.gen.ts';

/** Says where a lead stands. Won and lost ones leave the queue. @throws TendrilError NOT_FOUND */
export const setStatus: ActionHandler<SetStatusInput, SetStatusOutput, Settings> = async ({ id, status }, call) => {
  const { book, lead } = await loadLead(id, call);
  if (lead.status === status) return { id: lead.id, status };
  const isOver = isClosed(status);
  book.state(lead.id, 'status', { status, statusAt: call.clock.now() }, isOver ? ['snoozedUntil'] : []);
  const after = book.headOf(lead.id);
  // Back in the queue, it fades and is looked at as before.
  if (after !== undefined && !isOver && after.dueAt === undefined) book.note({ ...after, basis: '' });
  book.write(call);
  return { id: lead.id, status };
};
