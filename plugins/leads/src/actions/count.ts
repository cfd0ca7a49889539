import type { ActionHandler } from '@tendril/plugin-api';
import type { CountInput, CountOutput, LeadsRow, Settings } from '../gen/manifest.gen.ts';

/** How many leads there are, and where they stand. */
export const count: ActionHandler<CountInput, CountOutput, Settings> = async (_input, call) => {
  const groups = await call.table<LeadsRow>('leads').aggregate({ index: 'by_status', groupBy: 'status' });
  const byStatus = Object.fromEntries(groups.map(({ group, count: leads }) => [typeof group === 'string' ? group : 'unknown', leads]));
  return { count: groups.reduce((sum, { count: leads }) => sum + leads, 0), byStatus };
};
