import type { ActionHandler } from '@tendril/plugin-api';
import type { GetInput, GetOutput, Settings } from '../gen/manifest.gen.ts';
import { readPerson, toProfile } from '../profile.ts';

/** What is known of a person now. @throws TendrilError NOT_FOUND when there is nobody of this id */
export const get: ActionHandler<GetInput, GetOutput, Settings> = async ({ id }, call) => toProfile((await readPerson(id, call)).value);
