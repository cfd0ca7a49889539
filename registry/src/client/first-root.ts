import { TendrilError } from '@tendril/plugin-api';
import type { RegistryRoot } from '@tendril/schemas';
import { canonicalBytes } from '../signing/canonical-json.ts';
import { rootFingerprint, trustRoot } from '../signing/root.ts';
import { checkThreshold } from '../signing/threshold.ts';
import { openRegistryFiles } from './open-files.ts';
import { readRoot } from './read-signed.ts';
import { ROOT_LIMITS } from './update-root.ts';
import { refuseExpired } from './verify-index.ts';
import type { Fetch } from './web-files.ts';

/** A root that nobody here has trusted yet. */
export interface OfferedRoot {
  readonly root: RegistryRoot;
  /** What a person compares with what the registry's operator says elsewhere. */
  readonly fingerprint: string;
  /** Ids of the root keys that have signed it. */
  readonly signers: readonly string[];
}

/**
 * Fetches the newest root of a registry that is to be added. It is sound in itself; whether it is that of whom one means, a person
 * has to say, or `keyIds` that came by another way.
 *
 * @param keyIds keys that have to be among those that signed it
 * @throws TendrilError REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED, REGISTRY_INVALID, REGISTRY_STALE, INPUT_INVALID
 */
export async function fetchFirstRoot(address: string, fetch: Fetch, now: number, keyIds: readonly string[] = []): Promise<OfferedRoot> {
  const file = 'root.json';
  const bytes = await openRegistryFiles(address, fetch).read(file, ROOT_LIMITS);
  if (bytes === undefined)
    throw new TendrilError('REGISTRY_UNREACHABLE', { file, reason: 'there is no root.json at this address, so no registry' });
  return offerRoot(readRoot(bytes, file), now, keyIds);
}

/** As `fetchFirstRoot`, of a root that is at hand. */
export function offerRoot(root: RegistryRoot, now: number, keyIds: readonly string[] = []): OfferedRoot {
  trustRoot(root);
  refuseExpired('root.json', Date.parse(root.signed.expiresAt), now);
  const { signers } = checkThreshold(canonicalBytes(root.signed), root.signatures, root.signed.keys, root.signed.roles.root);
  const missing = keyIds.filter((keyId) => !signers.includes(keyId));
  if (missing.length > 0)
    throw new TendrilError('REGISTRY_UNTRUSTED', {
      file: 'root.json',
      reason: 'it is not signed by the keys that you named',
      missing,
      signers,
    });
  return { root, fingerprint: rootFingerprint(root), signers };
}
