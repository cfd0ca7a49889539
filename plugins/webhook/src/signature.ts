import { TendrilError } from '@tendril/plugin-api';

/** Headers that a receiver checks. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs a body: HMAC-SHA256 over id, time and body.
 *
 * @param at epoch milliseconds; receivers refuse what is more than five minutes off
 * @throws TendrilError CONNECTION_INVALID when the secret is none
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function signBody(secret: string, id: string, at: number, body: string): Promise<SignedHeaders> {
  const { Webhook } = await import('standardwebhooks');
  let signer;
  try {
    signer = new Webhook(secret);
  } catch {
    // Without the cause: it may quote the secret.
    throw new TendrilError('CONNECTION_INVALID', { field: 'secret' });
  }
  return { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at / 1000)), 'webhook-signature': signer.sign(id, new Date(at), body) };
}
