import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';

interface Message {
  readonly person: string;
  readonly purpose: string;
  readonly text: string;
}

/**
 * Sends to the address of the permit and to nothing else: that is the one that the governor has checked. The gateway takes
 * the idempotency key, so that a repeated call sends once.
 */
export async function send({ text }: Message, call: Call): Promise<{ messageId: string }> {
  const { url } = call.connection.values as { readonly url: string };
  const response = await call.fetch(new URL('/messages', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': call.idempotencyKey },
    body: JSON.stringify({ to: call.permit.address, text }),
  });
  if (!response.ok) throw failure(response.status);
  const { id } = (await response.json()) as { readonly id?: unknown };
  if (typeof id !== 'string') throw new TendrilError('UPSTREAM_UNAVAILABLE', { reason: 'the gateway gave no id' });
  return { messageId: id };
}

function failure(status: number): TendrilError {
  if (status === 401 || status === 403) return new TendrilError('UPSTREAM_UNAUTHORIZED', { status });
  if (status === 429) return new TendrilError('UPSTREAM_THROTTLED', { status, isWithoutEffect: true });
  if (status >= 500) return new TendrilError('UPSTREAM_UNAVAILABLE', { status });
  return new TendrilError('UPSTREAM_REJECTED', { status, isWithoutEffect: true });
}
