import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import { checkAnswer } from '../answer.ts';
import type { SendInput, SendOutput } from '../gen/manifest.gen.ts';
import { signBody } from '../signature.ts';

/**
 * Delivers a signed message. Its `webhook-id` is the call's idempotency key: receivers drop what they have had.
 *
 * @throws TendrilError as `checkAnswer` says; redirects are not followed
 */
export const send: ActionHandler<SendInput, SendOutput> = async ({ url, type, data, timestamp }, call) => {
  const now = call.clock.now();
  const body = JSON.stringify({ type, timestamp: timestamp ?? new Date(now).toISOString(), data });
  const signed = await signBody(field(call, 'secret'), call.idempotencyKey, now, body);
  const response = await call.fetch(url ?? field(call, 'url'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'Tendril-Webhook/1', ...signed },
    body,
    redirect: 'manual',
    signal: call.signal,
  });
  await response.body?.cancel();
  checkAnswer(response, call.clock.now());
  return { webhookId: call.idempotencyKey, status: response.status };
};

function field(call: Call, name: 'url' | 'secret'): string {
  const value = call.connection.values[name];
  if (typeof value !== 'string') throw new TendrilError('CONNECTION_INVALID', { field: name });
  return value;
}
