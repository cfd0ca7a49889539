import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, TraitListInput, TraitListOutput } from '../gen/manifest.gen.ts';
import { Catalogue } from '../segments/catalogue.ts';
import { countPeople, toCommon } from '../segments/describe.ts';

/** Computed traits by name, and how far what is being prepared is. */
export const traitList: ActionHandler<TraitListInput, TraitListOutput, Settings> = async (_input, call) => {
  const [catalogue, people] = await Promise.all([Catalogue.load(call), countPeople(call)]);
  const counts = { members: new Map<string, number>(), people };
  const items = catalogue.definitions().flatMap((definition) => {
    const trait = (definition.active ?? definition.next)?.trait;
    return trait === undefined ? [] : [{ ...toCommon(definition, counts, catalogue, call), trait }];
  });
  return { items: items.toSorted((left, right) => (left.name < right.name ? -1 : 1)) };
};
