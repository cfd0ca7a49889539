import { sign as signBytes, verify as verifyBytes } from 'node:crypto';
import type { KeySignature } from '@tendril/schemas';
import { canonicalBytes } from './canonical-json.ts';
import { keyIdOf, publicKeyOf } from './keys.ts';
import type { SigningKey } from './keys.ts';

const SIGNATURE_BYTES = 64;

/**
 * What is signed. `type` keeps a signature for one kind of statement from counting for another.
 *
 * @see RFC 8032 for ed25519
 */
export interface Statement {
  readonly type: string;
}

/** Signs the canonical JSON of a statement. The same key and statement give the same signature. */
export function signStatement(statement: Statement, key: SigningKey): KeySignature {
  return { keyId: key.keyId, value: signBytes(null, canonicalBytes(statement), key.privateKey).toString('base64') };
}

/** Whether the signature is that of the public key over the statement, and says so by its key id. */
export function isSignedBy(statement: Statement, signature: KeySignature, publicKey: string): boolean {
  return isSignedOver(canonicalBytes(statement), signature, publicKey);
}

/** As `isSignedBy`, over bytes that are canonical already. */
export function isSignedOver(bytes: Buffer, signature: KeySignature, publicKey: string): boolean {
  const key = publicKeyOf(publicKey);
  if (key === undefined || keyIdOf(publicKey) !== signature.keyId) return false;
  const value = Buffer.from(signature.value, 'base64');
  return value.length === SIGNATURE_BYTES && verifyBytes(null, bytes, key, value);
}
