import { createHash } from 'node:crypto';

/** By what a person can be known. */
export type IdentityKind = 'userId' | 'anonymousId' | 'email';

const KEY_BYTES = 180;

/** `kind:value`, as the log's person index and a person's list of identities have it. */
export function identityOf(kind: IdentityKind, value: string): string {
  return `${kind}:${value}`;
}

/** The key under which an identity is stored: itself, or a digest where it would be too long for a key. */
export function identityKey(identity: string): string {
  if (Buffer.byteLength(identity) <= KEY_BYTES) return identity;
  return `${identity.slice(0, identity.indexOf(':'))}:#${createHash('sha256').update(identity).digest('base64url')}`;
}

/** One spelling for all cases of an address; `undefined` for what cannot be one. */
export function normaliseEmail(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const email = value.normalize('NFKC').trim().toLowerCase();
  const at = email.lastIndexOf('@');
  return at > 0 && at < email.length - 1 && email.length <= 320 && !/\s/.test(email) ? email : undefined;
}
