import type { Call, Row, ScheduleHandler } from '@tendril/plugin-api';
import { LeadBook } from '../book/lead-book.ts';
import type { LeadsRow, Settings } from '../gen/manifest.gen.ts';
import { Scorer } from '../scoring/scorer.ts';
import { settleLeads } from '../scoring/settle-leads.ts';

/** Leads of one tick at most: the rest waits for the next. */
const MOST_A_TICK = 2_000;
const AT_ONCE = 200;

/**
 * Looks at leads whose time has come although nothing happened: put off until now, behaviour that fades or leaves its
 * window, another model, other settings. Each piece is committed for itself; what is left is due at the next tick.
 */
export const refresh: ScheduleHandler<Settings> = async (call) => {
  const now = call.clock.now();
  const scorer = await Scorer.load(call);
  for (let done = 0; done < MOST_A_TICK && !call.signal.aborted;) {
    const ids = await dueLeads(now, scorer.basis, call);
    if (ids.length === 0) return;
    await lookAt(ids, now, scorer, call);
    await call.changes.flush();
    done += ids.length;
  }
};

async function dueLeads(now: number, basis: string, call: Call<Settings>): Promise<readonly string[]> {
  const leads = call.table<LeadsRow>('leads');
  const due = await leads.query({ index: 'by_due', from: 0, to: now + 1, limit: AT_ONCE });
  const stale: (Row<LeadsRow> | undefined)[] = [];
  for (const queue of ['open', 'snoozed']) {
    const equals = { queue };
    stale.push(...(await leads.query({ index: 'by_basis', equals, from: '', to: basis, limit: AT_ONCE })).items);
    // The least text behind it: all that is greater.
    stale.push(...(await leads.query({ index: 'by_basis', equals, from: `${basis}\u0001`, limit: AT_ONCE })).items);
  }
  return [...new Set([...due.items, ...stale].flatMap((row) => row?.key ?? []))].slice(0, AT_ONCE);
}

async function lookAt(ids: readonly string[], now: number, scorer: Scorer, call: Call<Settings>): Promise<void> {
  const book = await LeadBook.loadLeads(ids, call);
  for (const id of ids) {
    const lead = book.headOf(id);
    if (lead?.snoozedUntil !== undefined && lead.snoozedUntil <= now) book.state(id, 'snooze', {}, ['snoozedUntil']);
    if (lead !== undefined) scorer.rescore(book, id, now);
  }
  await settleLeads(
    ids.map((id) => ({ id, moment: now })),
    book,
    call,
  );
  book.write(call);
}
