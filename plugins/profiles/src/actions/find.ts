import type { ActionHandler } from '@tendril/plugin-api';
import type { FindInput, FindOutput, IdentitiesRow, Settings } from '../gen/manifest.gen.ts';
import { loadIdentityRules } from '../identity-rules.ts';
import { readPerson, toProfile } from '../profile.ts';
import { keysOf, personOf } from './resolve.ts';

/** A person by the strongest of the identities that anybody has, or null. */
export const find: ActionHandler<FindInput, FindOutput, Settings> = async (input, call) => {
  const keys = keysOf(input, await loadIdentityRules(call.settings));
  const rows = await call.table<IdentitiesRow>('identities').getMany(keys);
  const id = rows.map((row) => personOf(row?.value)).find((found) => found !== undefined);
  return { person: id === undefined ? null : toProfile((await readPerson(id, call)).value) };
};
