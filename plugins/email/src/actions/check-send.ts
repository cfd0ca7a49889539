import { TendrilError } from '@tendril/plugin-api';
import type { CheckHandler } from '@tendril/plugin-api';
import type { SendInput, SendOutput, Settings } from '../gen/manifest.gen.ts';
import { messageIdOf } from '../message-id.ts';
import { readServer } from '../server.ts';

/**
 * Asks the sink whether a mail arrived. SMTP itself has no such question, so that without a sink nobody knows.
 *
 * @throws TendrilError UPSTREAM_UNAVAILABLE when the sink does not answer as it should
 */
export const checkSend: CheckHandler<SendInput, SendOutput, Settings> = async (_input, call) => {
  const server = readServer(call.connection);
  if (server.sinkUrl === undefined) return { effect: 'unknown' };
  const messageId = messageIdOf(call.tenant.id, call.idempotencyKey, server.from.address);
  const url = new URL(
    `mails/by-message-id/${encodeURIComponent(messageId)}`,
    server.sinkUrl.endsWith('/') ? server.sinkUrl : `${server.sinkUrl}/`,
  );
  const response = await call.fetch(url, { signal: call.signal });
  await response.body?.cancel();
  if (response.status === 200) return { effect: 'happened', output: { messageId } };
  if (response.status === 404) return { effect: 'absent' };
  throw new TendrilError('UPSTREAM_UNAVAILABLE', { status: response.status });
};
