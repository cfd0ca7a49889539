import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import { NO_PROFILE } from '../runs/run-scope.ts';
import { PROFILE_CAPABILITY } from '../trigger-consumer.ts';

/** Reads a profile by the capability that gives one; an empty one when nobody keeps profiles or this one is gone. */
export async function readProfile(actions: ActionPath, tenantId: string, personId: string, isTest: boolean): Promise<JsonObject> {
  try {
    const { output } = await actions.execute({
      tenantId,
      name: PROFILE_CAPABILITY,
      input: { id: personId },
      idempotencyKey: 'read',
      attempt: 1,
      caller: { kind: 'hub' },
      isTest,
    });
    return { ...NO_PROFILE, ...(output as JsonObject) };
  } catch (error) {
    if (TendrilError.is(error) && (error.code === 'NOT_FOUND' || error.code === 'ACTION_UNKNOWN')) return { ...NO_PROFILE, id: personId };
    throw error;
  }
}
