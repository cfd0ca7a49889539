import type { Call, Identities } from '@tendril/plugin-api';
import type { LeadBook } from '../book/lead-book.ts';
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
  if (open.length === 0) return;
  const assigner = call.settings.assignment?.stage === undefined ? undefined : await Assigner.load(call);
  const needsProfile = rules.needsProfile || assigner?.needsProfile === true;
  const people = open.flatMap(({ id }) => book.headOf(id)?.person ?? []);
  const profiles = needsProfile ? await readProfiles(people, call) : new Map<string, Profile>();
  for (const { id, moment, event } of open) {
    const lead = book.headOf(id);
    if (lead === undefined) continue;
    const prospects = book.peopleOf(lead.person);
    const roots = rootsOf(lead, prospects, profiles.get(lead.person), moment);
    const { stage, reasons } = rules.judge(lead, roots);
    if (stage !== lead.stage) {
      const isRise = rules.rankOf(stage) > rules.rankOf(lead.stage);
      moveLead(book, lead, { stage, by: 'rule', reasons, at: moment, event, isRise }, identitiesOf(prospects), call);
    }
    const moved = book.headOf(id);
    if (moved !== undefined) assignAt(moved, { rules, assigner, book, prospects, profile: profiles.get(moved.person), moment }, call);
  }
  assigner?.write(call);
}

interface Assignment {
  readonly rules: StageRules;
  readonly assigner: Assigner | undefined;
  readonly book: LeadBook;
  readonly prospects: readonly ProspectsRow[];
  readonly profile: Profile | undefined;
  readonly moment: number;
}

/** Assigns a lead that nobody has once it is in the stage of the settings, or beyond. */
export function assignAt(lead: LeadsRow, { rules, assigner, book, prospects, profile, moment }: Assignment, call: Call<Settings>): void {
  const rank = rules.rankOf(call.settings.assignment?.stage);
  if (assigner === undefined || rank < 0 || lead.owner !== undefined || rules.rankOf(lead.stage) < rank) return;
  const owner = assigner.choose(rootsOf(lead, prospects, profile, moment));
  if (owner !== undefined) assigner.give(book, lead, owner, 'rule', identitiesOf(prospects), call);
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

function isOpen(lead: LeadsRow | undefined): boolean {
  return lead !== undefined && lead.status !== 'won' && lead.status !== 'lost';
}
