import { TendrilError } from '@tendril/plugin-api';

/** Whom a message is about, in the library's form: one of the two is there. */
export type Identity =
  | { readonly userId: string; readonly anonymousId?: string | undefined }
  | { readonly userId?: string | undefined; readonly anonymousId: string };

/** @throws TendrilError ACTION_INPUT_INVALID when nobody is named: Segment would accept the message and drop it */
export function identityOf({ userId, anonymousId }: { readonly userId?: string; readonly anonymousId?: string }): Identity {
  if (userId !== undefined) return { userId, anonymousId };
  if (anonymousId !== undefined) return { anonymousId };
  throw new TendrilError('ACTION_INPUT_INVALID', { pointer: '/userId', expected: 'userId or anonymousId' });
}
