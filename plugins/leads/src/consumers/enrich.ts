import { TendrilError } from '@tendril/plugin-api';
import type { Call, ConsumerHandler, LoggedEvent } from '@tendril/plugin-api';
import { askProviders } from '../enrichment/ask-providers.ts';
import { EnrichmentBudget } from '../enrichment/budget.ts';
import { companyStatementOf, learnCompanies } from '../enrichment/companies.ts';
import { FACT_FIELDS } from '../enrichment/fact.ts';
import { subjectOfTraits } from '../enrichment/subject-of-person.ts';
import { writeFacts } from '../enrichment/write-facts.ts';
import type { Person } from '../enrichment/write-facts.ts';
import type { Settings } from '../gen/manifest.gen.ts';
import { parseEmail } from '../intake/email-syntax.ts';

/** People of one batch for whom others than this plugin are asked: the log must not wait for slow services. */
const MOST_ASKED = 20;

/**
 * Learns what companies are from what people state, and enriches people when they first state an address or number, if the settings
 * say so. What enrichment itself or an import has stated enriches nobody: no loop, and no bill for a million rows.
 */
export const enrich: ConsumerHandler<Settings> = async (events, call) => {
  const stated = events.filter(({ kind, context }) => kind === 'identify' && context['source'] !== 'enrichment');
  await learnCompanies(
    stated.flatMap(({ traits }) => companyStatementOf(traits, emailOf(traits, call.settings)) ?? []),
    call,
  );
  if (call.settings.enrichment?.isAutomatic !== true) return;
  const latest = new Map(stated.flatMap((event) => (isNews(event, call.settings) ? [[event.profileId, event] as const] : [])));
  if (latest.size === 0) return;
  const budget = await EnrichmentBudget.load(call);
  let asked = 0;
  for (const [personId, event] of latest) {
    const person = await findPerson(personId, call);
    if (person === undefined) continue;
    const subject = subjectOfTraits(person.traits, call.settings);
    const findings = await askProviders({ subject, wanted: FACT_FIELDS, isFresh: false, isLocal: asked >= MOST_ASKED }, budget, call);
    if (findings.asked.some(({ outcome, costCents }) => outcome === 'answered' && costCents > 0) || findings.asked.length > 1) asked += 1;
    await writeFacts(findings, person, justBefore(event), call);
  }
  budget.write(call);
};

/** Profiles take nothing for said later than it was received, nor is a time before 1970 or after 9999 one of ISO 8601. */
function justBefore({ occurredAt, receivedAt }: LoggedEvent): number {
  return Math.max(0, Math.min(occurredAt, receivedAt) - 1);
}

function isNews({ isImported, profileId, traits }: LoggedEvent, { emailTrait = 'email', phoneTrait = 'phone' }: Settings): boolean {
  return !isImported && profileId !== undefined && (Object.hasOwn(traits, emailTrait) || Object.hasOwn(traits, phoneTrait));
}

function emailOf(traits: LoggedEvent['traits'], { emailTrait = 'email' }: Settings): string | undefined {
  const value = traits[emailTrait];
  const parts = typeof value === 'string' ? parseEmail(value) : undefined;
  return parts === undefined ? undefined : `${parts.local}@${parts.domain}`;
}

/** Somebody who became somebody else in the meantime is enriched when they next state something. */
async function findPerson(id: string | undefined, call: Call<Settings>): Promise<Person | undefined> {
  try {
    return id === undefined ? undefined : await call.actions.call<Person>('people.get@1', { id });
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
