import { createHash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { RegistryIndex, RegistryRoot } from '@tendril/schemas';
import { canonicalBytes } from '../signing/canonical-json.ts';
import { checkThreshold } from '../signing/threshold.ts';
import { invalid, readEnvelope, readIndex } from './read-signed.ts';
import type { SeenIndex } from './registry-state.ts';

/** What an index is measured by. */
export interface IndexTrust {
  readonly root: RegistryRoot;
  /** What was seen of this registry before. */
  readonly seen?: SeenIndex | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether the operator said that an expired index will do. */
  readonly mayBeExpired?: boolean;
}

/** An index that may be relied upon. */
export interface TrustedIndex {
  readonly index: RegistryIndex;
  readonly seen: SeenIndex;
}

const FILE = 'index.json';

/**
 * Checks an index: signatures first, then its shape, whose it is, that it is not older than one seen before, that it has not expired.
 *
 * @see The Update Framework 1.0.33, sections 5.4.2 to 5.4.4 (timestamp role: signatures, rollback, freeze)
 * @throws TendrilError REGISTRY_UNTRUSTED when too few keys have signed, or it is that of another registry
 * @throws TendrilError REGISTRY_STALE when it was rolled back or has expired
 * @throws TendrilError REGISTRY_INVALID when it is damaged, or two were signed under one number
 */
export function verifyIndex(bytes: Uint8Array, { root, seen, now, mayBeExpired = false }: IndexTrust): TrustedIndex {
  const envelope = readEnvelope(bytes, FILE);
  const content = canonicalContent(envelope.signed);
  const { keys, roles } = root.signed;
  const { isMet, signers, threshold } = checkThreshold(content, envelope.signatures, keys, roles.index);
  if (!isMet)
    throw new TendrilError('REGISTRY_UNTRUSTED', {
      file: FILE,
      reason: `signed by ${signers.length} of the keys that the root names; ${threshold} are needed`,
    });
  const index = readIndex(envelope, FILE);
  const { registry, sequence } = index.signed;
  if (registry !== root.signed.registry)
    throw new TendrilError('REGISTRY_UNTRUSTED', { file: FILE, reason: `it is the index of ${registry}, not of ${root.signed.registry}` });
  const contentHash = sha256(content);
  refuseRollback(sequence, contentHash, seen);
  const expiresAt = Date.parse(index.signed.expiresAt);
  if (!mayBeExpired) refuseExpired(FILE, expiresAt, now);
  return { index, seen: { sequence, contentHash, fileHash: sha256(bytes), expiresAt, refreshedAt: now } };
}

/** @throws TendrilError REGISTRY_STALE when a file may be relied upon no longer */
export function refuseExpired(file: string, expiresAt: number, now: number): void {
  if (expiresAt > now) return;
  throw new TendrilError('REGISTRY_STALE', {
    file,
    expiredAt: new Date(expiresAt).toISOString(),
    reason: 'either nobody has built the registry anew, or somebody keeps newer files from you',
    remedy: 'ask its operator; check the clock of this machine; `--allow-expired` takes it all the same',
  });
}

/** SHA-256, hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function canonicalContent(signed: unknown): Buffer {
  try {
    return canonicalBytes(signed);
  } catch (error) {
    throw invalid(FILE, 'it holds what has no canonical form', error);
  }
}

function refuseRollback(sequence: number, contentHash: string, seen: SeenIndex | undefined): void {
  if (seen === undefined || sequence > seen.sequence) return;
  if (sequence < seen.sequence)
    throw new TendrilError('REGISTRY_STALE', {
      file: FILE,
      served: sequence,
      seen: seen.sequence,
      reason: 'an older index is served than was seen before: somebody may want you to miss a revocation',
    });
  if (contentHash !== seen.contentHash) throw invalid(FILE, `another index was seen under the same number ${sequence}`);
}
