import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import { askProviders } from '../enrichment/ask-providers.ts';
import { EnrichmentBudget } from '../enrichment/budget.ts';
import { FACT_FIELDS } from '../enrichment/fact.ts';
import type { KnownFact } from '../enrichment/fact.ts';
import { subjectOfTraits } from '../enrichment/subject-of-person.ts';
import { writeFacts } from '../enrichment/write-facts.ts';
import type { Person } from '../enrichment/write-facts.ts';
import type { EnrichInput, EnrichOutput, LeadsRow, Settings } from '../gen/manifest.gen.ts';

/**
 * Finds out what is not stated of somebody.
 *
 * @throws TendrilError NOT_FOUND; INPUT_INVALID when nothing is known by which anybody could be found
 */
export const enrich: ActionHandler<EnrichInput, EnrichOutput, Settings> = async (input, call) => {
  const { person: personId, lead, wanted = FACT_FIELDS, isWritten = true, isFresh = false, ...given } = input;
  const person = await findPerson(personId, lead, call);
  const subject = { ...(person === undefined ? {} : subjectOfTraits(person.traits, call.settings)), ...given };
  if (Object.keys(subject).length === 0)
    throw new TendrilError('INPUT_INVALID', { field: 'person', reason: 'no address, number or name is known of them' });
  const budget = await EnrichmentBudget.load(call);
  const findings = await askProviders({ subject, wanted, isFresh }, budget, call);
  budget.write(call);
  const { written, stated } =
    person === undefined || !isWritten ? { written: [], stated: [] } : await writeFacts(findings, person, call.clock.now(), call);
  const known = new Set(findings.facts.map(({ field }) => field));
  return {
    facts: findings.facts.map(tell),
    missing: wanted.filter((field) => !known.has(field)),
    written: [...written],
    stated: [...stated],
    asked: [...findings.asked],
  };
};

async function findPerson(id: string | undefined, leadId: string | undefined, call: Call<Settings>): Promise<Person | undefined> {
  const lead = leadId === undefined ? undefined : await call.table<LeadsRow>('leads').get(leadId);
  if (leadId !== undefined && lead === undefined) throw new TendrilError('NOT_FOUND', { field: 'lead' });
  const personId = id ?? lead?.value.person;
  return personId === undefined ? undefined : call.actions.call<Person>('people.get@1', { id: personId });
}

function tell({ at, ...fact }: KnownFact): EnrichOutput['facts'][number] {
  return { ...fact, at: new Date(at).toISOString() };
}
