import type { ActionHandler, Call } from '@tendril/plugin-api';
import { createContactReader } from '../contact-key.ts';
import { CurrentModel } from '../current-model.ts';
import type { ExamplesRow, LeadsRow, ScoreInput, ScoreOutput, Settings } from '../gen/manifest.gen.ts';
import { LeadBook } from '../lead-book.ts';
import { createObserver } from '../observation.ts';
import type { Values } from '../observation.ts';
import { NO_MODEL, toReasons } from '../reasons.ts';

/** A person as `people.get@1` gives it. */
interface Profile {
  readonly id: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly identities: readonly string[];
}

type Score = Omit<ScoreOutput, 'lead'>;

/** Contacts farther back than so many events of a person are not looked for. */
const EVENTS_BACK = 200;

/**
 * The probability that a person becomes a customer, with its reasons. Goes by the profile and the log, so that it does
 * not wait for the `capture` consumer; makes the lead when that has not yet, and notes the score on it.
 *
 * @throws TendrilError NOT_FOUND when there is nobody of this id
 */
export const score: ActionHandler<ScoreInput, ScoreOutput, Settings> = async ({ person, properties }, call) => {
  const profile = await call.actions.call<Profile>('people.get@1', { id: person });
  const observer = createObserver(call.settings);
  const contact = properties ?? (await latestContact(profile, call));
  const values = { ...observer.traits(profile.traits), ...observer.properties(contact) };
  const scored = await scoreOf(values, call);
  const lead = await noteScore(profile, scored, call);
  return { ...scored, lead: lead?.id ?? null };
};

async function scoreOf(values: Values, call: Call<Settings>): Promise<Score> {
  const model = await CurrentModel.load(call);
  if (model === undefined) return { probability: await priorOf(call), reasons: [NO_MODEL], modelVersion: 0, isCalibrated: false };
  const prediction = model.score(values);
  return { probability: prediction.probability, reasons: toReasons(prediction), modelVersion: model.version, isCalibrated: true };
}

async function latestContact({ identities }: Profile, call: Call<Settings>): Promise<object> {
  const { contactEvent } = call.settings;
  const inLog = identities.filter((identity) => !identity.startsWith('email:'));
  if (contactEvent === undefined || inLog.length === 0) return {};
  const page = await call.events.ofPerson(inLog, { limit: EVENTS_BACK });
  return page.items.find(({ name }) => name === contactEvent)?.properties ?? {};
}

/** How often outcomes were good so far, with one of each kind added (Laplace's rule of succession). */
async function priorOf(call: Call<Settings>): Promise<number> {
  const groups = await call.table<ExamplesRow>('examples').aggregate({ index: 'by_outcome', groupBy: 'isPositive' });
  const positives = groups.find(({ group }) => group === true || group === 1)?.count ?? 0;
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  return (positives + 1) / (all + 2);
}

async function noteScore(
  profile: Profile,
  { probability, reasons, modelVersion }: Score,
  call: Call<Settings>,
): Promise<LeadsRow | undefined> {
  const readContacts = await createContactReader(call.settings, Object.hasOwn(profile.traits, call.settings.phoneTrait ?? 'phone'));
  const contacts = readContacts(profile.traits);
  const book = await LeadBook.load([profile.id], contacts.keys, call);
  const scoredAt = call.clock.now();
  const lead = book.capture(profile.id, contacts, { source: 'leads.score', at: scoredAt });
  if (lead === undefined) return undefined;
  const status = lead.status === 'new' ? 'scored' : lead.status;
  const after: LeadsRow = { ...lead, status, probability, reasons, modelVersion, scoredAt };
  book.setLead(after);
  book.write(call);
  return after;
}
