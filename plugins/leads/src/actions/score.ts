import type { ActionHandler, Call, LoggedEvent } from '@tendril/plugin-api';
import { behaviourAt } from '../behaviour/known-at.ts';
import { LeadBook } from '../book/lead-book.ts';
import { createContactReader } from '../contact-key.ts';
import type { ExamplesRow, ScoreInput, ScoreOutput, Settings } from '../gen/manifest.gen.ts';
import { createObserver } from '../observation.ts';
import { scoreByPrior } from '../scoring/score-values.ts';
import { activityOf, momentFor, Scorer } from '../scoring/scorer.ts';
import { settleLeads } from '../scoring/settle-leads.ts';
import { centsOf } from '../scoring/value.ts';
import type { Profile } from '../stages/lead-roots.ts';

/** Contacts farther back than so many events of a person are not looked for. */
const EVENTS_BACK = 200;

/**
 * The probability that a person becomes a customer, with its reasons. Goes by the profile and the log, so that it does
 * not wait for the `capture` consumer, but for what people did, which that counts; makes the lead when that has not yet,
 * notes the score on it and qualifies it.
 *
 * @throws TendrilError NOT_FOUND when there is nobody of this id
 */
export const score: ActionHandler<ScoreInput, ScoreOutput, Settings> = async ({ person, properties }, call) => {
  const { settings } = call;
  const profile = await call.actions.call<Profile>('people.get@1', { id: person });
  const now = call.clock.now();
  const contact = properties === undefined ? await latestContact(profile, call) : undefined;
  const told = properties ?? contact?.properties ?? {};
  const readContacts = await createContactReader(settings, Object.hasOwn(profile.traits, settings.phoneTrait ?? 'phone'));
  const contacts = readContacts(profile.traits);
  const book = await LeadBook.load([profile.id], contacts.keys, call);
  const lead = book.capture(profile.id, contacts, { source: 'leads.score', at: now });

  const people = book.peopleOf(profile.id);
  const observer = createObserver(settings);
  const values = {
    ...observer.traits(profile.traits),
    ...observer.properties(told),
    ...behaviourAt(people, momentFor(people, now), settings),
  };
  const activityAt = Math.max(activityOf(people) ?? lead?.capturedAt ?? now, contact?.occurredAt ?? 0, properties === undefined ? 0 : now);
  const scorer = await Scorer.load(call);
  const scored = scorer.scoreOf({ values, activityAt, moment: now }) ?? scoreByPrior(await priorOf(call));
  const valueCents =
    centsOf(told, settings.value?.property) ?? centsOf(profile.traits, settings.value?.trait) ?? scorer.valueCentsOf(people);
  if (lead !== undefined) {
    scorer.note(book, lead, scored, now, valueCents);
    await settleLeads([{ id: lead.id, moment: now, event: contact?.id }], book, call);
  }
  book.write(call);
  const { reasons, ...rest } = scored;
  return {
    ...rest,
    reasons: [...reasons],
    expectedValueCents: valueCents === undefined ? null : Math.round(scored.probability * valueCents),
    currency: settings.value?.currency ?? null,
    lead: lead?.id ?? null,
    stage: (lead === undefined ? undefined : book.headOf(lead.id)?.stage) ?? null,
  };
};

async function latestContact({ identities }: Profile, call: Call<Settings>): Promise<LoggedEvent | undefined> {
  const { contactEvent } = call.settings;
  const inLog = identities.filter((identity) => !identity.startsWith('email:'));
  if (contactEvent === undefined || inLog.length === 0) return undefined;
  const page = await call.events.ofPerson(inLog, { limit: EVENTS_BACK });
  return page.items.find(({ name }) => name === contactEvent);
}

/** How often outcomes were good so far, with one of each kind added (Laplace's rule of succession). */
async function priorOf(call: Call<Settings>): Promise<number> {
  const groups = await call.table<ExamplesRow>('examples').aggregate({ index: 'by_outcome', groupBy: 'isPositive' });
  const positives = groups.find(({ group }) => group === true || group === 1)?.count ?? 0;
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  return (positives + 1) / (all + 2);
}
