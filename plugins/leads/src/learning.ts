import type { Call, LoggedEvent } from '@tendril/plugin-api';
import { contactOf, knownAt } from './behaviour/known-at.ts';
import type { LeadBook } from './book/lead-book.ts';
import type { CurrentModel } from './current-model.ts';
import type { ExamplesRow, Settings, TotalsRow } from './gen/manifest.gen.ts';
import { VALUE_TOTAL } from './scoring/scorer.ts';
import { centsOf } from './scoring/value.ts';

/** What was known before an outcome: at the contact where there was one, else up to now. The lead is won or lost by it. */
export function recordOutcome(event: LoggedEvent, person: string, isPositive: boolean, book: LeadBook, settings: Settings): ExamplesRow {
  const people = book.peopleOf(person);
  // One's own contact goes before that of others who share an address.
  const contact = contactOf(book.cluster(person)) ?? contactOf(people);
  const lead = book.prospect(person).lead ?? book.leadOf(person)?.id;
  if (lead !== undefined) book.state(lead, 'status', { status: isPositive ? 'won' : 'lost', statusAt: event.occurredAt }, ['snoozedUntil']);
  const known = contact ?? { event: event.id, at: event.occurredAt, values: knownAt(people, event.occurredAt, settings) };
  const valueCents = isPositive ? centsOf(event.properties, settings.value?.outcomeProperty) : undefined;
  return {
    id: known.event,
    person,
    at: known.at,
    isPositive,
    outcome: event.id,
    values: known.values,
    ...(valueCents === undefined ? {} : { valueCents }),
  };
}

/** Adds outcomes to the examples, and lets the current model follow them; one that was told again corrects the first. */
export async function learn(outcomes: readonly ExamplesRow[], model: CurrentModel | undefined, call: Call<Settings>): Promise<void> {
  if (outcomes.length === 0) return;
  const latest = new Map(outcomes.map((example) => [example.id, example]));
  const ids = [...latest.keys()];
  const stored = await call.table<ExamplesRow>('examples').getMany(ids);
  let [count, sum] = [0, 0];
  for (const [index, example] of [...latest.values()].entries()) {
    const before = stored[index];
    // Told again: what was known before the outcome was settled the first time.
    const after = before === undefined ? example : { ...example, values: before.value.values, at: before.value.at };
    call.changes.put('examples', after, before?.version ?? 'absent');
    if (before === undefined) model?.learn(example.values, example.isPositive);
    count += Number(after.valueCents !== undefined) - Number(before?.value.valueCents !== undefined);
    sum += (after.valueCents ?? 0) - (before?.value.valueCents ?? 0);
  }
  if (stored.some((row) => row === undefined)) model?.write(call);
  if (count !== 0 || sum !== 0) await addToTotal(count, sum, call);
}

async function addToTotal(count: number, sum: number, call: Call<Settings>): Promise<void> {
  const row = await call.table<TotalsRow>('totals').get(VALUE_TOTAL);
  const after: TotalsRow = { id: VALUE_TOTAL, count: (row?.value.count ?? 0) + count, sum: (row?.value.sum ?? 0) + sum };
  call.changes.put('totals', after, row?.version ?? 'absent');
}
