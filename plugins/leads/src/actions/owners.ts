import type { ActionHandler } from '@tendril/plugin-api';
import type { OwnersInput, OwnersOutput, Settings } from '../gen/manifest.gen.ts';
import { Assigner, countLeads } from '../owners/assigner.ts';

/** Who works on leads, how many they have and whether they have room. */
export const owners: ActionHandler<OwnersInput, OwnersOutput, Settings> = async (_input, call) => {
  const assigner = await Assigner.load(call, true);
  return {
    owners: assigner.states().map(({ owner, territory, openLeads, assignedToday, hasRoom }) => ({
      id: owner.id,
      name: owner.name,
      ...(owner.email === undefined ? {} : { email: owner.email }),
      isAway: owner.isAway === true,
      openLeads,
      assignedToday,
      hasRoom,
      ...(territory !== undefined && 'problem' in territory ? { problem: `${territory.source}: ${territory.problem}` } : {}),
    })),
    unassigned: await countLeads(null, call),
  };
};
