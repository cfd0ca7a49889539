import type { ActionHandler } from '@tendril/plugin-api';
import { openSegment } from '../client.ts';
import type { IdentifyInput, IdentifyOutput } from '../gen/manifest.gen.ts';
import { identityOf } from '../identity.ts';

/** Sends traits on. Segment drops repeats by the message id, which is the call's idempotency key. */
export const identify: ActionHandler<IdentifyInput, IdentifyOutput> = async (input, call) => {
  const { traits, context, timestamp } = input;
  const messageId = call.idempotencyKey;
  const message = { ...identityOf(input), traits, context, timestamp, messageId };
  await openSegment(call).deliver((analytics, settled) => analytics.identify(message, settled));
  return { messageId };
};
