import type { RegistryRoot } from '@tendril/schemas';
import { trustRoot } from '../signing/root.ts';
import { readRoot } from './read-signed.ts';
import type { ReadLimits, RegistryFiles } from './registry-files.ts';

const MOST_ROTATIONS = 100;

/** Of one root file. */
export const ROOT_LIMITS: ReadLimits = { mostBytes: 256_000, timeoutMs: 30_000 };

/**
 * Follows the chain of roots from a trusted one to the newest, each signed by the one before it.
 *
 * @see The Update Framework 1.0.33, section 5.3.3 (N+1.root.json until there is none)
 * @throws TendrilError REGISTRY_UNTRUSTED when a link does not hold
 */
export async function updateRoot(trusted: RegistryRoot, files: RegistryFiles): Promise<RegistryRoot> {
  let root = trusted;
  for (let rotations = 0; rotations < MOST_ROTATIONS; rotations += 1) {
    const file = `${root.signed.version + 1}.root.json`;
    const bytes = await files.read(file, ROOT_LIMITS);
    if (bytes === undefined) return root;
    root = trustRoot(readRoot(bytes, file), root);
  }
  return root;
}

/**
 * Whether the keys of the index were replaced so far that those left over could not sign an index under the old root. What
 * they have signed then no longer counts: a thief may have signed an index with an enormous number.
 *
 * @see The Update Framework 1.0.33, section 5.3.11 (recovery from a fast-forward attack)
 */
export function areIndexKeysReplaced(before: RegistryRoot, after: RegistryRoot): boolean {
  const { keyIds, threshold } = before.signed.roles.index;
  const left = keyIds.filter((keyId) => after.signed.roles.index.keyIds.includes(keyId));
  return left.length < threshold;
}
