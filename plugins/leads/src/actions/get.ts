import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { GetInput, GetOutput, LeadsRow, ProspectsRow, Settings } from '../gen/manifest.gen.ts';
import { toLead } from '../lead-view.ts';

/** A lead by its id or by a person. @throws TendrilError NOT_FOUND */
export const get: ActionHandler<GetInput, GetOutput, Settings> = async ({ id, person }, call) => {
  const leadId = id ?? (person === undefined ? undefined : (await call.table<ProspectsRow>('prospects').get(person))?.value.lead);
  const row = leadId === undefined ? undefined : await call.table<LeadsRow>('leads').get(leadId);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: id === undefined ? 'person' : 'id' });
  return toLead(row.value);
};
