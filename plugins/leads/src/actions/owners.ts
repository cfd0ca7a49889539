import type { ActionHandler } from '@tendril/plugin-api';
import type { LeadsRow, OwnersInput, OwnersOutput, Settings } from '../gen/manifest.gen.ts';
import { Assigner } from '../owners/assigner.ts';

/** Who works on leads, how many they have and whether they have room. */
export const owners: ActionHandler<OwnersInput, OwnersOutput, Settings> = async (_input, call) => {
  const assigner = await Assigner.load(call);
  const groups = await call
    .table<LeadsRow>('leads')
    .aggregate({ index: 'by_owner_probability', equals: { queue: 'open' }, groupBy: 'owner' });
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
    unassigned: groups.filter(({ group }) => group === null).reduce((sum, { count }) => sum + count, 0),
  };
};
