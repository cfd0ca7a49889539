import type { ActionHandler } from '@tendril/plugin-api';
import type { FindInput, FindOutput, Settings } from '../gen/manifest.gen.ts';
import { readPerson, toProfile } from '../profile.ts';
import { resolve } from './resolve.ts';

/** A person by one of the identities, or null. */
export const find: ActionHandler<FindInput, FindOutput, Settings> = async (input, call) => {
  const { ids } = await resolve({ people: [input] }, call);
  const id = ids[0] ?? null;
  return { person: id === null ? null : toProfile((await readPerson(id, call)).value) };
};
