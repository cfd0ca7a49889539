import type { KeySignature, PublisherKey, RegistryEntry } from '@tendril/schemas';
import { compare } from 'semver';
import { keyIdOf } from './keys.ts';
import type { SigningKey } from './keys.ts';
import { isSignedBy, signStatement } from './sign.ts';
import type { Statement } from './sign.ts';

/** What an author signs of a version. The integrity covers every byte of the package, so also its manifest. */
export interface VersionStatement {
  readonly id: string;
  readonly version: string;
  /** `sha512-` and base64. */
  readonly integrity: string;
}

/** That another key signs the versions of a plugin from now on. */
export interface KeyChangeStatement {
  readonly id: string;
  /** Public key that signed until now, base64. */
  readonly from: string;
  readonly to: string;
  /** First version that the new key signs. */
  readonly since: string;
}

/** Signs a version of a plugin. */
export function signVersion(version: VersionStatement, key: SigningKey): KeySignature {
  return signStatement(versionStatement(version), key);
}

/** Whether the signature is that of the public key over this version. */
export function isVersionSignedBy(version: VersionStatement, signature: KeySignature, publicKey: string): boolean {
  return isSignedBy(versionStatement(version), signature, publicKey);
}

/** Hands a plugin over to another key; signed by the key until now. */
export function signKeyChange({ id, to, since }: Omit<KeyChangeStatement, 'from'>, from: SigningKey): PublisherKey {
  return { public: to, since, signature: signStatement(keyChangeStatement({ id, from: from.public, to, since }), from) };
}

/** Whether a key of an entry was signed for by the key before it. */
export function isKeyChangeValid(id: string, from: PublisherKey, to: PublisherKey): boolean {
  if (to.since === undefined || to.signature === undefined) return false;
  if (from.since !== undefined && compare(to.since, from.since) <= 0) return false;
  return isSignedBy(keyChangeStatement({ id, from: from.public, to: to.public, since: to.since }), to.signature, from.public);
}

/**
 * The key that has to sign a version: the last one whose `since` is not above it. `undefined` when the chain of keys before it
 * does not hold: nobody may sign then.
 */
export function keyForVersion(id: string, keys: RegistryEntry['keys'], version: string): PublisherKey | undefined {
  const [first, ...later] = keys;
  let inForce = first;
  for (const key of later) {
    if (!isKeyChangeValid(id, inForce, key)) return undefined;
    if (compare(version, key.since ?? version) < 0) break;
    inForce = key;
  }
  return first.since === undefined && first.signature === undefined ? inForce : undefined;
}

/** The id of a key of an entry. */
export function publisherKeyId(key: PublisherKey): string {
  return keyIdOf(key.public);
}

function versionStatement({ id, version, integrity }: VersionStatement): Statement & VersionStatement {
  return { type: 'plugin-version', id, version, integrity };
}

function keyChangeStatement({ id, from, to, since }: KeyChangeStatement): Statement & KeyChangeStatement {
  return { type: 'key-change', id, from, to, since };
}
