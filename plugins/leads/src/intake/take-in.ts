import { TendrilError } from '@tendril/plugin-api';
import type { Call, JsonObject, TakenIn } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';
import { createIntake, isRefused, withOrigin } from './intake.ts';
import type { IntakeCode, Statement } from './intake.ts';

/** The reasons in words. */
export const INTAKE_REASONS: Readonly<Record<IntakeCode, string>> = {
  no_identity: 'there is no user id, e-mail address or phone number',
  invalid_email: 'this is no e-mail address',
  invalid_phone: 'this is no phone number, or it lacks the country and no default country is set',
  invalid_time: 'this is no time of ISO 8601',
  too_long: 'this is too long',
};

/** What was stated of one person. */
export interface TakenStatement {
  readonly messageId: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly position: number;
  readonly isRepeated: boolean;
}

/**
 * Takes in one statement.
 *
 * @throws TendrilError INPUT_INVALID when it is none, or does not match the schema of its event
 */
export async function takeInStatement(
  statement: Statement,
  messageId: string,
  origin: JsonObject,
  call: Call<Settings>,
): Promise<TakenStatement> {
  const read = (await createIntake(call, true))(statement);
  if (isRefused(read)) throw new TendrilError('INPUT_INVALID', { field: read.member ?? 'email', reason: INTAKE_REASONS[read.code] });
  const [outcome] = await call.events.ingest([withOrigin(read.call, messageId, origin)]);
  const { position, isRepeated } = placeOf(outcome);
  const { userId, anonymousId } = read.call;
  return {
    messageId,
    position,
    isRepeated,
    ...(typeof userId === 'string' ? { userId } : {}),
    ...(typeof anonymousId === 'string' ? { anonymousId } : {}),
  };
}

/** Where an event is. @throws TendrilError INPUT_INVALID when it was not taken in */
export function placeOf(outcome: TakenIn | undefined): { readonly position: number; readonly isRepeated: boolean } {
  if (outcome?.status === 'accepted' || outcome?.status === 'duplicate')
    return { position: outcome.position, isRepeated: outcome.status === 'duplicate' };
  throw new TendrilError('INPUT_INVALID', {
    field: 'traits',
    reason: outcome !== undefined && 'reason' in outcome ? outcome.reason : 'it was not taken in',
  });
}
