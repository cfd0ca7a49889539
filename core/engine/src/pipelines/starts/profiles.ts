import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { ActionPath, ActionRequest } from '../../actions/contract.ts';
import { NO_PROFILE } from '../runs/run-scope.ts';

/** The capability that gives a profile by its id. */
export const PROFILE_CAPABILITY = 'people.get@1';
/** The capability that gives many profiles by their ids. */
export const PROFILES_CAPABILITY = 'people.get_many@1';
/** What one question may hold. */
const PEOPLE_AT_ONCE = 1_000;

/**
 * Reads profiles by their ids, each as expressions see it; an empty one with its id where nobody keeps profiles or the
 * person is gone.
 */
export async function readProfiles(
  actions: ActionPath,
  tenantId: string,
  ids: readonly string[],
  isTest: boolean,
): Promise<ReadonlyMap<string, JsonObject>> {
  const ask = async (name: string, input: JsonObject): Promise<Json> =>
    (await actions.execute(questionOf(tenantId, name, input, isTest))).output;
  if (ids.length > 1 && (await actions.find(tenantId, PROFILES_CAPABILITY)) !== undefined) {
    const profiles = new Map<string, JsonObject>();
    for (let start = 0; start < ids.length; start += PEOPLE_AT_ONCE) {
      const some = ids.slice(start, start + PEOPLE_AT_ONCE);
      const { people } = (await ask(PROFILES_CAPABILITY, { ids: some })) as { readonly people: readonly (JsonObject | null)[] };
      for (const [index, id] of some.entries()) profiles.set(id, { ...NO_PROFILE, id, ...people[index] });
    }
    return profiles;
  }
  const each = ids.map(async (id) => [id, { ...NO_PROFILE, id, ...(await readProfile(actions, tenantId, id, isTest)) }] as const);
  return new Map(await Promise.all(each));
}

/** One profile, through merges; `undefined` where nobody keeps profiles or the person is gone. Other errors pass: they may not last. */
export async function readProfile(actions: ActionPath, tenantId: string, id: string, isTest: boolean): Promise<JsonObject | undefined> {
  try {
    return (await actions.execute(questionOf(tenantId, PROFILE_CAPABILITY, { id }, isTest))).output as JsonObject;
  } catch (error) {
    if (TendrilError.is(error) && (error.code === 'NOT_FOUND' || error.code === 'ACTION_UNKNOWN')) return undefined;
    throw error;
  }
}

function questionOf(tenantId: string, name: string, input: JsonObject, isTest: boolean): ActionRequest {
  return { tenantId, name, input, idempotencyKey: 'read', attempt: 1, caller: { kind: 'hub' }, isTest };
}
