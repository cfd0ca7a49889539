import type { Call, ConsumerHandler, LoggedEvent } from '@tendril/plugin-api';
import { LeadBook } from '../book/lead-book.ts';
import { createContactReader } from '../contact-key.ts';
import type { Contacts } from '../contact-key.ts';
import { CurrentModel } from '../current-model.ts';
import type { ExamplesRow, Settings } from '../gen/manifest.gen.ts';
import { learn, recordOutcome } from '../learning.ts';
import { applyMerge, mergeOf } from '../merges.ts';
import { createObserver } from '../observation.ts';
import { observe } from '../observe.ts';
import { outcomeOf } from '../outcome.ts';
import { Scorer } from '../scoring/scorer.ts';
import { isOpen, settleLeads } from '../scoring/settle-leads.ts';

/**
 * Makes leads of people who can be reached, keeps what the model may know of each person in step with the log, records
 * every outcome with what was known before it, and scores and qualifies the leads of whom something is new.
 */
export const capture: ConsumerHandler<Settings> = async (events, call) => {
  const { settings } = call;
  const relevant = events.filter((event) => mergeOf(event) !== undefined || isRelevant(event, settings));
  if (relevant.length === 0) return;

  const phoneTrait = settings.phoneTrait ?? 'phone';
  const readContacts = await createContactReader(
    settings,
    relevant.some(({ traits }) => Object.hasOwn(traits, phoneTrait)),
  );
  const people = relevant.flatMap((event) => {
    const merge = mergeOf(event);
    return merge === undefined ? (event.profileId ?? []) : [merge.from, merge.into];
  });
  const contacts = new Map(relevant.map((event) => [event, readContacts(event.traits)]));
  const book = await LeadBook.load(
    people,
    [...contacts.values()].flatMap(({ keys }) => keys),
    call,
  );
  const observer = createObserver(settings);
  const outcomes: ExamplesRow[] = [];
  const changed = new Map<string, LoggedEvent>();
  for (const event of relevant) {
    const { profileId: person } = event;
    const merge = mergeOf(event);
    if (merge !== undefined) {
      if (applyMerge(merge, event.position, book)) for (const each of [merge.from, merge.into]) changed.set(each, event);
    } else if (person !== undefined && event.position > (book.prospect(person).position ?? 0)) {
      const isPositive = outcomeOf(event, settings);
      if (isPositive !== undefined) outcomes.push(recordOutcome(event, person, isPositive, book, settings));
      if (observe(event, person, observer, book, settings)) changed.set(person, event);
      captureLead(event, person, contacts.get(event), book, settings);
    }
  }
  await finish(outcomes, changed, book, call);
};

/** Learns from outcomes, scores the leads of whom something is new, and writes what changed. */
async function finish(
  outcomes: readonly ExamplesRow[],
  changed: ReadonlyMap<string, LoggedEvent>,
  book: LeadBook,
  call: Call<Settings>,
): Promise<void> {
  const events = new Map<string, LoggedEvent | undefined>([...book.touched()].map((id) => [id, undefined]));
  for (const [person, event] of changed) {
    const lead = book.leadOf(person);
    if (lead !== undefined) events.set(lead.id, event);
  }
  const last = Math.max(0, ...[...changed.values()].map(momentOf));
  const model = outcomes.length + events.size === 0 ? undefined : await CurrentModel.load(call);
  await learn(outcomes, model, call);
  if (events.size > 0) {
    const scorer = await Scorer.load(call, model);
    const open = [...events].filter(([id]) => isOpen(book.headOf(id)));
    const candidates = open.map(([id, event]) => ({ id, moment: event === undefined ? last : momentOf(event), event: event?.id }));
    for (const { id, moment } of candidates) scorer.rescore(book, id, moment);
    await settleLeads(candidates, book, call);
  }
  book.write(call);
}

function isRelevant(event: LoggedEvent, { contactEvent, outcome, leadEvents, behaviours }: Settings): boolean {
  if (event.kind === 'hub' || event.profileId === undefined) return false;
  if (event.name === contactEvent || event.name === outcome?.event || leadEvents?.includes(event.name) === true) return true;
  if (behaviours?.some((behaviour) => behaviour.event === event.name) === true) return true;
  return event.kind !== 'group' && Object.keys(event.traits).length > 0;
}

function captureLead(event: LoggedEvent, person: string, contacts: Contacts | undefined, book: LeadBook, { leadEvents }: Settings): void {
  const stated: Contacts = event.kind === 'group' || contacts === undefined ? { keys: [] } : contacts;
  const { keys: knownKeys = [], ...before } = book.prospect(person);
  const keys = [...new Set([...knownKeys, ...stated.keys])];
  const { keys: _keys, ...latest } = stated;
  if (
    keys.length > knownKeys.length ||
    (stated.name ?? before.name) !== before.name ||
    (stated.email ?? before.email) !== before.email ||
    (stated.phone ?? before.phone) !== before.phone
  ) {
    book.setProspect({ ...before, ...latest, keys });
  }
  const isLeadEvent = leadEvents?.includes(event.name) === true;
  if (isLeadEvent || (event.kind === 'identify' && stated.keys.length > 0)) {
    const { name, email, phone } = book.prospect(person);
    book.capture(
      person,
      {
        keys,
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
        ...(phone === undefined ? {} : { phone }),
      },
      { source: event.name, at: event.occurredAt },
    );
  }
}

// A clock of an application may run ahead of the hub's.
function momentOf({ receivedAt, occurredAt }: LoggedEvent): number {
  return Math.max(receivedAt, occurredAt);
}
