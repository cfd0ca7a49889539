import type { Call, ConsumerHandler, LoggedEvent } from '@tendril/plugin-api';
import { createContactReader } from '../contact-key.ts';
import type { Contacts, ReadContacts } from '../contact-key.ts';
import { CurrentModel } from '../current-model.ts';
import type { ExamplesRow, ProspectsRow, Settings } from '../gen/manifest.gen.ts';
import { LeadBook } from '../lead-book.ts';
import { createObserver } from '../observation.ts';
import type { Observer } from '../observation.ts';
import { outcomeOf } from '../outcome.ts';

/**
 * Makes leads of people who can be reached, keeps what the model may know of each person in step with the log, and
 * records every outcome with what was known before it.
 */
export const capture: ConsumerHandler<Settings> = async (events, call) => {
  const { settings } = call;
  const relevant = events.flatMap((event) =>
    event.profileId !== undefined && isRelevant(event, settings) ? [{ event, person: event.profileId }] : [],
  );
  if (relevant.length === 0) return;

  const phoneTrait = settings.phoneTrait ?? 'phone';
  const readContacts = await createContactReader(
    settings,
    relevant.some(({ event }) => Object.hasOwn(event.traits, phoneTrait)),
  );
  const book = await LeadBook.load(
    relevant.map(({ person }) => person),
    relevant.flatMap(({ event }) => readContacts(event.traits).keys),
    call,
  );
  const observer = createObserver(settings);
  const outcomes: ExamplesRow[] = [];
  for (const { event, person } of relevant) {
    const isPositive = outcomeOf(event, settings);
    if (isPositive !== undefined) outcomes.push(recordOutcome(event, person, isPositive, book));
    observe(event, person, observer, book, settings);
    captureLead(event, person, readContacts, book, settings);
  }
  book.write(call);
  await learn(outcomes, call);
};

function isRelevant(event: LoggedEvent, { contactEvent, outcome, leadEvents }: Settings): boolean {
  if (event.kind === 'hub') return false;
  if (event.name === contactEvent || event.name === outcome?.event || leadEvents?.includes(event.name) === true) return true;
  return event.kind !== 'group' && Object.keys(event.traits).length > 0;
}

/** What was known before: at the contact where there was one, else up to now. */
function recordOutcome(event: LoggedEvent, person: string, isPositive: boolean, book: LeadBook): ExamplesRow {
  const { contact, values } = book.prospect(person);
  const lead = book.leadOf(person);
  if (lead !== undefined) book.setLead({ ...lead, status: isPositive ? 'won' : 'lost' });
  const known = contact ?? { event: event.id, at: event.occurredAt, values };
  return { id: known.event, person, at: known.at, isPositive, outcome: event.id, values: known.values };
}

function observe(event: LoggedEvent, person: string, observer: Observer, book: LeadBook, { contactEvent }: Settings): void {
  const before = book.prospect(person);
  const values = event.kind === 'group' ? before.values : { ...before.values, ...observer.traits(event.traits) };
  const isContact = event.name === contactEvent;
  const contact = isContact
    ? { event: event.id, at: event.occurredAt, values: { ...values, ...observer.properties(event.properties) } }
    : before.contact;
  const after: ProspectsRow = contact === undefined ? { ...before, values } : { ...before, values, contact };
  if (isContact || JSON.stringify(after.values) !== JSON.stringify(before.values)) book.setProspect(after);
}

function captureLead(event: LoggedEvent, person: string, readContacts: ReadContacts, book: LeadBook, { leadEvents }: Settings): void {
  const stated: Contacts = event.kind === 'group' ? { keys: [] } : readContacts(event.traits);
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

/** Adds outcomes to the examples, and lets the current model follow them; one that was told again corrects the first. */
async function learn(outcomes: readonly ExamplesRow[], call: Call<Settings>): Promise<void> {
  if (outcomes.length === 0) return;
  const latest = new Map(outcomes.map((example) => [example.id, example]));
  const ids = [...latest.keys()];
  const stored = await call.table<ExamplesRow>('examples').getMany(ids);
  const model = await CurrentModel.load(call);
  for (const [index, example] of [...latest.values()].entries()) {
    const before = stored[index];
    call.changes.put('examples', example, before?.version ?? 'absent');
    if (before === undefined) model?.learn(example.values, example.isPositive);
  }
  if (stored.some((row) => row === undefined)) model?.write(call);
}
