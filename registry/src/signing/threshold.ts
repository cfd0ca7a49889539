import type { KeySignature, RegistryRole, RegistryRootContent } from '@tendril/schemas';
import { keyIdOf } from './keys.ts';
import { isSignedOver } from './sign.ts';

/** How far the signatures of a file go towards what its role asks for. */
export interface ThresholdResult {
  readonly isMet: boolean;
  /** Ids of the role's keys that have signed, each once. */
  readonly signers: readonly string[];
  readonly threshold: number;
}

/**
 * Counts the keys of a role that have signed. A key counts once, however many signatures it made and under however many ids it
 * is listed: an id has to be the hash of its key.
 *
 * @see The Update Framework 1.0.33, section 5.3.4 (a threshold of keys); CVE-2020-6174 (one key counted twice)
 */
export function checkThreshold(
  bytes: Buffer,
  signatures: readonly KeySignature[],
  keys: RegistryRootContent['keys'],
  role: RegistryRole,
): ThresholdResult {
  const signers = new Set<string>();
  for (const signature of signatures) {
    const { keyId } = signature;
    const key = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined;
    if (key === undefined || signers.has(keyId) || !role.keyIds.includes(keyId) || keyIdOf(key.public) !== keyId) continue;
    if (isSignedOver(bytes, signature, key.public)) signers.add(keyId);
  }
  return { isMet: signers.size >= role.threshold, signers: [...signers], threshold: role.threshold };
}
