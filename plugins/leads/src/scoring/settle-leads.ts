import type { Call, Identities } from '@tendril/plugin-api';
import type { LeadBook } from '../book/lead-book.ts';
import { isClosed } from '../book/standing.ts';
import type { LeadsRow, ProspectsRow, Settings } from '../gen/manifest.gen.ts';
import { Assigner } from '../owners/assigner.ts';
import { rootsOf } from '../stages/lead-roots.ts';
import type { Profile } from '../stages/lead-roots.ts';
import { moveLead } from '../stages/move-lead.ts';
import { StageRules } from '../stages/stage-rules.ts';

/** A lead whose stage and owner may change, when it is, and the event after which it is looked at. */
export interface Candidate {
  readonly id: string;
  readonly moment: number;
  readonly event?: string | undefined;
}

/** Moves scored leads of the book to where the rules see them, and assigns those that reached the stage for it. */
export async function settleLeads(candidates: readonly Candidate[], book: LeadBook, call: Call<Settings>): Promise<void> {
  const rules = new StageRules(call);
  if (rules.stages.length === 0) return;
  const open = candidates.filter(({ id }) => isOpen(book.headOf(id)));
  const profiles = rules.needsProfile ? await readProfiles(peopleOf(open, book), call) : new Map<string, Profile>();
  for (const { id, moment, event } of open) {
    const lead = book.headOf(id);
    if (lead === undefined) continue;
    const prospects = book.peopleOf(lead.person);
    const { stage, reasons } = rules.judge(lead, rootsOf(lead, prospects, profiles.get(lead.person), moment));
    if (stage === lead.stage) continue;
    const isRise = rules.rankOf(stage) > rules.rankOf(lead.stage);
    moveLead(book, lead, { stage, by: 'rule', reasons, at: moment, event, isRise }, identitiesOf(prospects), call);
  }
  const least = rules.rankOf(call.settings.assignment?.stage);
  if (least >= 0)
    await assignReached(
      open.filter(({ id }) => isWaiting(book.headOf(id), least, rules)),
      book,
      call,
    );
}

/** Assigns leads that nobody has, one after the other. */
async function assignReached(waiting: readonly Candidate[], book: LeadBook, call: Call<Settings>): Promise<void> {
  if (waiting.length === 0) return;
  const assigner = await Assigner.load(call);
  const profiles = assigner.needsProfile ? await readProfiles(peopleOf(waiting, book), call) : new Map<string, Profile>();
  for (const { id, moment } of waiting) {
    const lead = book.headOf(id);
    if (lead === undefined) continue;
    const prospects = book.peopleOf(lead.person);
    const owner = assigner.choose(rootsOf(lead, prospects, profiles.get(lead.person), moment));
    if (owner !== undefined) assigner.give(book, lead, owner, 'rule', identitiesOf(prospects), call);
  }
  assigner.write(call);
}

function isWaiting(lead: LeadsRow | undefined, least: number, rules: StageRules): boolean {
  return lead !== undefined && lead.owner === undefined && rules.rankOf(lead.stage) >= least;
}

function peopleOf(candidates: readonly Candidate[], book: LeadBook): readonly string[] {
  return candidates.flatMap(({ id }) => book.headOf(id)?.person ?? []);
}

/** By what the application knows people that are one: as the one who was active last was called. */
export function identitiesOf(prospects: readonly ProspectsRow[]): Identities | undefined {
  return prospects
    .filter(({ identities }) => identities !== undefined)
    .toSorted((a, b) => (b.activeAt ?? 0) - (a.activeAt ?? 0) || (b.position ?? 0) - (a.position ?? 0))[0]?.identities;
}

/** Profiles by person. */
export async function readProfiles(people: readonly string[], call: Call<Settings>): Promise<ReadonlyMap<string, Profile>> {
  const ids = [...new Set(people)];
  const profiles = new Map<string, Profile>();
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
    const some = ids.slice(from, from + MOST_AT_ONCE);
    const answer = await call.actions.call<{ readonly people: readonly (Profile | null)[] }>('people.get_many@1', { ids: some });
    for (const [index, id] of some.entries()) {
      const profile = answer.people[index];
      if (profile !== undefined && profile !== null) profiles.set(id, profile);
    }
  }
  return profiles;
}

const MOST_AT_ONCE = 100;

/** Whether there is a lead that something may still come of. */
export function isOpen(lead: LeadsRow | undefined): boolean {
  return lead !== undefined && !isClosed(lead.status);
}
