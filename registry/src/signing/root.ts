import { createHash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { KeySignature, RegistryRole, RegistryRoot, RegistryRootContent } from '@tendril/schemas';
import { canonicalBytes } from './canonical-json.ts';
import { keyIdOf } from './keys.ts';
import type { SigningKey } from './keys.ts';
import { signStatement } from './sign.ts';
import { checkThreshold } from './threshold.ts';

/** Public keys of a role, base64, and how many of them have to sign. */
export interface RoleKeys {
  readonly publicKeys: readonly string[];
  readonly threshold: number;
}

/** What a root says. */
export interface RootPlan {
  /** Name that the registry gives itself. */
  readonly registry: string;
  readonly root: RoleKeys;
  readonly index: RoleKeys;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The first root of a registry, signed by the keys given. */
export function createRoot(plan: RootPlan, signers: readonly SigningKey[]): RegistryRoot {
  return signedRoot(contentOf(plan, 1), signers);
}

/**
 * The root behind another one. It is trusted only when a threshold of the old keys and one of the new keys have signed, at once or
 * later by `addRootSignature`; `rootProblem` tells.
 */
export function rotateRoot(previous: RegistryRoot, plan: Omit<RootPlan, 'registry'>, signers: readonly SigningKey[]): RegistryRoot {
  const { registry, version } = previous.signed;
  return signedRoot(contentOf({ ...plan, registry }, version + 1), signers);
}

/** The root with one more signature; the same root when the key has signed already. */
export function addRootSignature(root: RegistryRoot, key: SigningKey): RegistryRoot {
  if (root.signatures.some(({ keyId }) => keyId === key.keyId)) return root;
  return { signed: root.signed, signatures: [...root.signatures, signStatement(root.signed, key)] };
}

/**
 * Why a root is not trusted; `undefined` when it is: signed by a threshold of its own root keys and, as the successor of another,
 * by a threshold of the other's, of the version right behind it and of the same registry.
 *
 * @param previous the root trusted until now; without it only whether the root is one by itself
 * @see The Update Framework 1.0.33, sections 5.3.4 (signatures) and 5.3.5 (rollback)
 */
export function rootProblem(root: RegistryRoot, previous?: RegistryRoot): string | undefined {
  const { signed, signatures } = root;
  const wrongRole = [signed.roles.root, signed.roles.index].some((role) => !isRolePossible(role, signed.keys));
  if (wrongRole) return 'a role names keys that are not there, or asks for more signatures than it has keys';
  const bytes = canonicalBytes(signed);
  const own = checkThreshold(bytes, signatures, signed.keys, signed.roles.root);
  if (!own.isMet) return `signed by ${own.signers.length} of its own root keys; ${own.threshold} are needed`;
  if (previous === undefined) return undefined;
  if (signed.registry !== previous.signed.registry) return `it is the root of ${signed.registry}, not of ${previous.signed.registry}`;
  if (signed.version !== previous.signed.version + 1) return `version ${signed.version} does not follow ${previous.signed.version}`;
  const before = checkThreshold(bytes, signatures, previous.signed.keys, previous.signed.roles.root);
  if (!before.isMet)
    return `signed by ${before.signers.length} of the root keys of version ${previous.signed.version}; ${before.threshold} are needed`;
  return undefined;
}

/** @throws TendrilError REGISTRY_UNTRUSTED when `rootProblem` finds one */
export function trustRoot(root: RegistryRoot, previous?: RegistryRoot): RegistryRoot {
  const reason = rootProblem(root, previous);
  if (reason !== undefined) throw new TendrilError('REGISTRY_UNTRUSTED', { file: `${root.signed.version}.root.json`, reason });
  return root;
}

/** What people compare when they add a registry: SHA-256 of the root's canonical JSON, hexadecimal. */
export function rootFingerprint(root: RegistryRoot): string {
  return createHash('sha256').update(canonicalBytes(root.signed)).digest('hex');
}

function contentOf(plan: RootPlan, version: number): RegistryRootContent {
  const publicKeys = [...new Set([...plan.root.publicKeys, ...plan.index.publicKeys])];
  return {
    type: 'root',
    formatVersion: 1,
    registry: plan.registry,
    version,
    createdAt: plan.createdAt.toISOString(),
    expiresAt: plan.expiresAt.toISOString(),
    keys: Object.fromEntries(publicKeys.map((key) => [keyIdOf(key), { type: 'ed25519', public: key }])),
    roles: { root: roleOf(plan.root), index: roleOf(plan.index) },
  };
}

function roleOf({ publicKeys, threshold }: RoleKeys): RegistryRole {
  const [first, ...others] = [...new Set(publicKeys)].map(keyIdOf);
  if (first === undefined || threshold < 1 || threshold > others.length + 1)
    throw new TendrilError('INPUT_INVALID', {
      threshold,
      keys: publicKeys.length,
      expected: 'a threshold of at least one and at most as many as there are keys',
    });
  return { keyIds: [first, ...others], threshold };
}

function signedRoot(signed: RegistryRootContent, signers: readonly SigningKey[]): RegistryRoot {
  const [first, ...others] = signers.map((key): KeySignature => signStatement(signed, key));
  if (first === undefined) throw new TendrilError('INPUT_INVALID', { expected: 'at least one key to sign the root with' });
  return { signed, signatures: [first, ...others] };
}

function isRolePossible({ keyIds, threshold }: RegistryRole, keys: RegistryRootContent['keys']): boolean {
  return threshold <= keyIds.length && keyIds.every((keyId) => Object.hasOwn(keys, keyId));
}
