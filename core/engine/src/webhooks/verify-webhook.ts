import { TendrilError } from '@tendril/plugin-api';
import { hmacSha256, isSameSecret, isSameSignature } from './same-secret.ts';

/** How senders of webhooks prove who they are. */
export type VerificationScheme = 'standard_webhooks' | 'hmac_sha256' | 'github' | 'stripe' | 'slack' | 'basic' | 'bearer';

/** How the sender of one webhook proves who it is. */
export interface Verification {
  readonly scheme: VerificationScheme;
  /** Of `hmac_sha256`: what holds the signature, `x-signature` unless told. */
  readonly header?: string;
  /** How far a signed time may be from now, in milliseconds; 5 minutes unless told. */
  readonly toleranceMs?: number;
}

/** What is signed. */
export interface SignedRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Uint8Array;
}

interface Proof extends SignedRequest {
  readonly secret: string;
  /** Header that holds the signature, in lower case. */
  readonly header: string;
  /** @throws TendrilError WEBHOOK_UNVERIFIED when a signed time, in seconds, is too far from now */
  readonly assertFresh: (timestamp: string) => void;
}

const DEFAULT_TOLERANCE_MS = 300_000;
const DEFAULT_HEADER = 'x-signature';

/** Headers that hold a proof: they are never handed to a run. */
export const PROOF_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'webhook-signature',
  'svix-signature',
  'x-hub-signature',
  'x-hub-signature-256',
  'stripe-signature',
  'x-slack-signature',
  DEFAULT_HEADER,
]);

/**
 * Makes sure that a request comes from who knows the secret.
 *
 * @param now in epoch milliseconds
 * @throws TendrilError WEBHOOK_UNVERIFIED with the `reason`, also while no secret is set
 */
export function verifyWebhook(
  { scheme, header = DEFAULT_HEADER, toleranceMs = DEFAULT_TOLERANCE_MS }: Verification,
  secret: string | undefined,
  request: SignedRequest,
  now: number,
): void {
  if (secret === undefined || secret === '') throw unverified('no secret is set for this address');
  CHECKS[scheme]({
    ...request,
    secret,
    header: header.toLowerCase(),
    assertFresh: (timestamp) => assertFresh(timestamp, toleranceMs, now),
  });
}

/** Headers without what proves who sent them. @param header the one that a manifest or pipeline names */
export function withoutProof(headers: SignedRequest['headers'], header?: string): Readonly<Record<string, string>> {
  const proof = header?.toLowerCase();
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !PROOF_HEADERS.has(name) && name !== proof));
}

/** What tells a repeated delivery from a new one by the scheme itself; `undefined` where it has nothing of the kind. */
export function deliveryIdOf(scheme: VerificationScheme | undefined, headers: SignedRequest['headers'], body: unknown): string | undefined {
  switch (scheme) {
    case 'standard_webhooks':
      return headers['webhook-id'] ?? headers['svix-id'];
    case 'github':
      return headers['x-github-delivery'];
    case 'stripe':
      return textMember(body, 'id');
    case 'slack':
      return textMember(body, 'event_id');
    default:
      return undefined;
  }
}

const CHECKS: Readonly<Record<VerificationScheme, (proof: Proof) => void>> = {
  standard_webhooks: checkStandardWebhooks,
  hmac_sha256: ({ headers, header, rawBody, secret }) => {
    const given = required(headers, header).replace(/^sha256=/i, '');
    demand(isSameSignature(given, hmacSha256(secret, rawBody)));
  },
  github: ({ headers, rawBody, secret }) => {
    const [, given] = /^sha256=([0-9a-f]{64})$/.exec(required(headers, 'x-hub-signature-256')) ?? [];
    demand(given !== undefined && isSameSignature(given, hmacSha256(secret, rawBody)));
  },
  stripe: checkStripe,
  slack: ({ headers, rawBody, secret, assertFresh }) => {
    const timestamp = required(headers, 'x-slack-request-timestamp');
    const [, given] = /^v0=([0-9a-f]{64})$/.exec(required(headers, 'x-slack-signature')) ?? [];
    assertFresh(timestamp);
    demand(given !== undefined && isSameSignature(given, hmacSha256(secret, `v0:${timestamp}:`, rawBody)));
  },
  basic: ({ headers, secret }) => {
    const [, given] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(required(headers, 'authorization')) ?? [];
    demand(given !== undefined && isSameSecret(Buffer.from(given, 'base64').toString(), secret));
  },
  bearer: ({ headers, secret }) => {
    const [, given] = /^bearer +(\S+)$/i.exec(required(headers, 'authorization')) ?? [];
    demand(given !== undefined && isSameSecret(given, secret));
  },
};

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md ; Svix names the headers after itself */
function checkStandardWebhooks({ headers, rawBody, secret, assertFresh }: Proof): void {
  const prefix = headers['webhook-id'] === undefined && headers['svix-id'] !== undefined ? 'svix' : 'webhook';
  const id = required(headers, `${prefix}-id`);
  const timestamp = required(headers, `${prefix}-timestamp`);
  const signatures = required(headers, `${prefix}-signature`).split(' ');
  assertFresh(timestamp);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  // Anybody can sign with an empty key.
  if (key.length === 0) throw unverified('the secret that is set for this address is no base64');
  const expected = hmacSha256(key, `${id}.${timestamp}.`, rawBody).toString('base64');
  // All are looked at, so that the time does not tell which one it was.
  demand(signatures.filter((signature) => signature.startsWith('v1,') && isSameSecret(signature.slice(3), expected)).length > 0);
}

/** @see https://docs.stripe.com/webhooks, "Verify webhook signatures manually" */
function checkStripe({ headers, rawBody, secret, assertFresh }: Proof): void {
  const parts = required(headers, 'stripe-signature')
    .split(',')
    .map((part) => part.trim().split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1] ?? '';
  assertFresh(timestamp);
  const expected = hmacSha256(secret, `${timestamp}.`, rawBody);
  demand(parts.filter(([name, value = '']) => name === 'v1' && isSameSignature(value, expected)).length > 0);
}

function assertFresh(timestamp: string, toleranceMs: number, now: number): void {
  const isNumber = /^\d{1,12}$/.test(timestamp);
  if (!isNumber) throw unverified('the signed time is missing or is no number of seconds');
  if (Math.abs(now - Number(timestamp) * 1_000) > toleranceMs) throw unverified('the signed time is too far from now');
}

function required(headers: SignedRequest['headers'], name: string): string {
  const value = headers[name];
  if (value === undefined || value === '') throw unverified(`the header \`${name}\` is missing`);
  return value;
}

function demand(isProven: boolean): void {
  if (!isProven) throw unverified('the proof does not fit');
}

function unverified(reason: string): TendrilError {
  return new TendrilError('WEBHOOK_UNVERIFIED', { reason });
}

function textMember(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = (body as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}
