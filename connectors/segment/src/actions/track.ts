import type { ActionHandler } from '@tendril/plugin-api';
import { openSegment } from '../client.ts';
import type { TrackInput, TrackOutput } from '../gen/manifest.gen.ts';
import { identityOf } from '../identity.ts';

/** Sends an event on. Segment drops repeats by the message id, which is the call's idempotency key. */
export const track: ActionHandler<TrackInput, TrackOutput> = async (input, call) => {
  const { event, properties, context, timestamp } = input;
  const messageId = call.idempotencyKey;
  const message = { ...identityOf(input), event, properties, context, timestamp, messageId };
  await openSegment(call).deliver((analytics, settled) => analytics.track(message, settled));
  return { messageId };
};
