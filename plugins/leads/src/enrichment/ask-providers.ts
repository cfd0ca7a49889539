import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, Row } from '@tendril/plugin-api';
import type { EnrichOutput, FactsRow, Settings } from '../gen/manifest.gen.ts';
import type { EnrichmentBudget } from './budget.ts';
import { FACT_FIELDS } from './fact.ts';
import type { FactField, KnownFact, Subject, ToldFact } from './fact.ts';
import { findLocalFacts } from './local-facts.ts';

/** What came of asking one provider. */
export type Asked = EnrichOutput['asked'][number];

/** What is wanted, and how far to go for it. */
export interface Quest {
  readonly subject: Subject;
  readonly wanted: readonly FactField[];
  /** Providers are asked although they were asked before. */
  readonly isFresh: boolean;
  /** Nobody outside is asked. */
  readonly isLocal?: boolean;
}

/** What is known at the end. */
export interface Findings {
  readonly facts: readonly KnownFact[];
  /** What was known before. */
  readonly before: readonly KnownFact[];
  readonly asked: readonly Asked[];
}

type Provider = NonNullable<NonNullable<Settings['enrichment']>['providers']>[number];

/** The action of this plugin itself, which needs no call. */
export const LOCAL = 'leads.enrich_locally';
const DAY_MS = 24 * 60 * 60 * 1_000;
const MAX_AGE_DAYS = 90;

/**
 * Asks providers in their order for what is wanted and not known yet, and keeps what they tell. Facts of this plugin's own are found
 * anew each time; those of others hold for the days of the settings.
 */
export async function askProviders(quest: Quest, budget: EnrichmentBudget, call: Call<Settings>): Promise<Findings> {
  const { enrichment = {} } = call.settings;
  const now = call.clock.now();
  const oldest = now - (enrichment.maxAgeDays ?? MAX_AGE_DAYS) * DAY_MS;
  const id = subjectId(quest.subject, call.tenant.id);
  const row = await call.table<FactsRow>('facts').get(id);
  const before = row?.value.facts ?? [];
  const askedAt: Record<string, number> = { ...row?.value.asked };
  let facts: readonly KnownFact[] = before.filter(({ at, source }) => at > oldest && source !== LOCAL);
  const asked: Asked[] = [];
  for (const provider of enrichment.providers ?? [{ action: LOCAL }]) {
    const missing = missingOf(quest.wanted, facts, provider);
    const { action, costCents = 0 } = provider;
    const skip = whyNot(provider, { missing, quest, budget, isRecent: (askedAt[action] ?? 0) > oldest });
    if (skip !== undefined) {
      asked.push({ action, outcome: skip, facts: 0, costCents: 0 });
      continue;
    }
    const answer = await ask(action, quest.subject, missing, call);
    const cost = answer?.costCents ?? costCents;
    if (answer !== undefined) {
      budget.spend(cost);
      if (action !== LOCAL) askedAt[action] = now;
    }
    const told = (answer?.facts ?? []).filter(({ field }) => missing.includes(field));
    facts = [...facts, ...told.map((fact) => toKnown(fact, action, now))];
    asked.push({
      action,
      outcome: answer === undefined ? 'failed' : 'answered',
      facts: told.length,
      costCents: answer === undefined ? 0 : cost,
    });
  }
  keep({ id, facts: [...facts], asked: askedAt }, row, call);
  return { facts: facts.filter(({ field }) => quest.wanted.includes(field)), before, asked };
}

function missingOf(wanted: readonly FactField[], facts: readonly KnownFact[], { fields }: Provider): readonly FactField[] {
  return wanted.filter((field) => !facts.some((fact) => fact.field === field) && (fields === undefined || fields.includes(field)));
}

function whyNot(
  { action, costCents = 0 }: Provider,
  {
    missing,
    quest,
    budget,
    isRecent,
  }: { readonly missing: readonly FactField[]; readonly quest: Quest; readonly budget: EnrichmentBudget; readonly isRecent: boolean },
): Asked['outcome'] | undefined {
  if (missing.length === 0 || (quest.isLocal === true && action !== LOCAL)) return 'not_needed';
  if (action !== LOCAL && isRecent && !quest.isFresh) return 'cached';
  return budget.has(costCents) ? undefined : 'over_budget';
}

/** `undefined` when it failed: another may know. */
async function ask(
  action: string,
  subject: Subject,
  wanted: readonly FactField[],
  call: Call<Settings>,
): Promise<{ readonly facts: readonly ToldFact[]; readonly costCents?: number } | undefined> {
  if (action === LOCAL) return { facts: await findLocalFacts(subject, call), costCents: 0 };
  try {
    return readAnswer(await call.actions.call(action, { ...subject, wanted }));
  } catch (error) {
    if (!TendrilError.is(error) || error.code === 'CALL_ENDED') throw error;
    call.log.warn({ action, code: error.code }, 'a provider of facts failed');
    return undefined;
  }
}

/** Of others only what has the shape of the contract is taken. */
function readAnswer(output: unknown): { readonly facts: readonly ToldFact[]; readonly costCents?: number } {
  const { facts, costCents } = (typeof output === 'object' && output !== null ? output : {}) as { facts?: unknown; costCents?: unknown };
  const read = (Array.isArray(facts) ? facts : []).flatMap((given: unknown): readonly ToldFact[] => {
    const { field, value, confidence, isGuess, evidence } = (typeof given === 'object' && given !== null ? given : {}) as Partial<
      Record<keyof ToldFact, unknown>
    >;
    const known = FACT_FIELDS.find((name) => name === field);
    const isValue = typeof value === 'string' ? value !== '' && value.length <= 500 : typeof value === 'boolean' || Number.isFinite(value);
    if (known === undefined || !isValue || typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 1)) return [];
    return [
      {
        field: known,
        value: value as ToldFact['value'],
        confidence,
        ...(isGuess === true ? { isGuess } : {}),
        ...(typeof evidence === 'string' ? { evidence: evidence.slice(0, 300) } : {}),
      },
    ];
  });
  return { facts: read, ...(typeof costCents === 'number' && costCents >= 0 ? { costCents } : {}) };
}

function toKnown({ isGuess = false, ...fact }: ToldFact, source: string, at: number): KnownFact {
  return { ...fact, isGuess, source, at };
}

function keep(value: FactsRow, before: Row<FactsRow> | undefined, call: Call<Settings>): void {
  const bare = ({ at: _at, ...fact }: KnownFact): object => fact;
  const isSame =
    before !== undefined &&
    JSON.stringify(before.value.asked) === JSON.stringify(value.asked) &&
    JSON.stringify(before.value.facts.map(bare)) === JSON.stringify(value.facts.map(bare));
  if (!isSame) call.changes.put('facts', value, before?.version ?? 'absent');
}

/** Facts are kept by what was asked about, not by person: whoever shares an address shares them. */
function subjectId({ email, phone, domain, name }: Subject, tenantId: string): string {
  const strongest = [email?.trim().toLowerCase(), phone?.replaceAll(/[^\d+]/g, ''), domain?.trim().toLowerCase(), name].find(
    (part) => part !== undefined,
  );
  return hash('sha256', `${tenantId}\0${strongest ?? ''}`, 'hex').slice(0, 40);
}
