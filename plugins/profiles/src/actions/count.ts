import type { ActionHandler } from '@tendril/plugin-api';
import type { CountInput, CountOutput, PeopleRow, Settings } from '../gen/manifest.gen.ts';

/** How many people there are, merged ones counted once. */
export const count: ActionHandler<CountInput, CountOutput, Settings> = async (_input, call) => {
  const [total] = await call.table<PeopleRow>('people').aggregate({ index: 'recent', equals: { state: 'active' } });
  return { count: total?.count ?? 0 };
};
