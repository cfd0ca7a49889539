import type { ActionHandler } from '@tendril/plugin-api';
import type { HistoryInput, HistoryOutput, Settings, TraitHistoryRow } from '../gen/manifest.gen.ts';
import { readPerson, toIso } from '../profile.ts';

/** Values of a person's traits over time, oldest first, the one in force last. @throws TendrilError NOT_FOUND when there is nobody of this id */
export const history: ActionHandler<HistoryInput, HistoryOutput, Settings> = async ({ id, trait }, call) => {
  const { value: person } = await readPerson(id, call);
  const row = await call.table<TraitHistoryRow>('trait_history').get(person.id);
  const past = new Map(Object.entries(row?.value.traits ?? {}));
  const traits = Object.entries(person.traits)
    .filter(([name]) => trait === undefined || name === trait)
    .map(([name, current]) => [name, [...(past.get(name) ?? []), current].map(toStated)] as const);
  return { traits: Object.fromEntries(traits) };
};

function toStated({ value, since, at, source }: TraitHistoryRow['traits'][string][number]): HistoryOutput['traits'][string][number] {
  return { value, since: toIso(since ?? at), until: toIso(at), source };
}
