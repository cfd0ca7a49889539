import { createHash } from 'node:crypto';

const KEY_BYTES = 180;
/** No text of this many characters takes more bytes than a key may have. */
const SURELY_SHORT = 60;

/** `kind:value`, as a person's list of identities has it; the log's person index knows those of `userId` and `anonymousId`. */
export function identityOf(kind: string, value: string): string {
  return `${kind}:${value}`;
}

/** What is before the colon: `userId`, `email`, `external.crm_id`. */
export function kindOf(identity: string): string {
  return identity.slice(0, identity.indexOf(':'));
}

/** The key under which an identity is stored: itself, or a digest where it would be too long for a key. */
export function identityKey(identity: string): string {
  if (identity.length <= SURELY_SHORT || Buffer.byteLength(identity) <= KEY_BYTES) return identity;
  return `${kindOf(identity)}:#${digestOf(identity)}`;
}

/** The key under which a group is stored. */
export function groupKey(id: string): string {
  return id.length <= SURELY_SHORT || Buffer.byteLength(id) <= KEY_BYTES ? id : `#${digestOf(id)}`;
}

/** One spelling for all cases of an address; `undefined` for what cannot be one. */
export function normaliseEmail(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const email = value.normalize('NFKC').trim().toLowerCase();
  const at = email.lastIndexOf('@');
  return at > 0 && at < email.length - 1 && email.length <= 320 && !/\s/.test(email) ? email : undefined;
}

/** A digest of any text, short enough to be part of a key. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
