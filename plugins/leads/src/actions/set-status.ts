import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { LeadsRow, SetStatusInput, SetStatusOutput, Settings } from '../gen/manifest.gen.ts';

/** Says where a lead stands. @throws TendrilError NOT_FOUND */
export const setStatus: ActionHandler<SetStatusInput, SetStatusOutput, Settings> = async ({ id, status }, call) => {
  const row = await call.table<LeadsRow>('leads').get(id);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'id' });
  if (row.value.status !== status) call.changes.put('leads', { ...row.value, status }, row.version);
  return { id, status };
};
