import { TendrilError } from '@tendril/plugin-api';
import type { RegistryEntry, RegistryIndexContent, RegistryRevocation, RegistryVersion } from '@tendril/schemas';
import { rcompare, satisfies, validRange } from 'semver';
import { isVersionSignedBy, keyForVersion, publisherKeyId } from '../signing/statements.ts';

/** A version that may be installed. */
export interface ResolvedVersion {
  /** The operator's name of the registry. */
  readonly registry: string;
  readonly id: string;
  readonly entry: RegistryEntry;
  readonly version: RegistryVersion;
  /** Id of the key that owns the plugin's id: the first one of its author. */
  readonly ownerKeyId: string;
}

/** What decides which version is the best. */
export interface ResolveOptions {
  /** The operator's name of the registry. */
  readonly registry: string;
  /** Semver range; any release without it. */
  readonly range?: string | undefined;
  /** Version of the plugin contract that the host speaks. */
  readonly contractVersion: string;
}

/** A plugin of an index; ids such as `constructor` are no members of every object here. */
export function findEntry(index: RegistryIndexContent, id: string): RegistryEntry | undefined {
  return Object.hasOwn(index.plugins, id) ? index.plugins[id] : undefined;
}

/** The revocation that covers a version; one whose range cannot be read covers all versions. */
export function findRevocation(revocations: readonly RegistryRevocation[], id: string, version: string): RegistryRevocation | undefined {
  return revocations.find(
    (revocation) =>
      revocation.id === id &&
      (validRange(revocation.versions) === null || satisfies(version, revocation.versions, { includePrerelease: true })),
  );
}

/**
 * The highest version in the range that runs here and is not revoked. Pre-releases only where the range names one.
 *
 * @throws TendrilError INPUT_INVALID when the range is none
 * @throws TendrilError NOT_FOUND when the id is unknown, or no version is in the range or runs here
 * @throws TendrilError PLUGIN_REVOKED when all that would do are revoked
 * @throws TendrilError REGISTRY_UNTRUSTED when the author's key has not signed the version
 */
export function resolveVersion(index: RegistryIndexContent, id: string, options: ResolveOptions): ResolvedVersion {
  const { registry, range = '*', contractVersion } = options;
  if (validRange(range) === null) throw new TendrilError('INPUT_INVALID', { range, expected: 'a semver range such as ^1.2.0' });
  const entry = findEntry(index, id);
  if (entry === undefined) throw new TendrilError('NOT_FOUND', { plugin: id, registry });
  const inRange = entry.versions
    .filter(({ version }) => satisfies(version, range))
    .toSorted((one, other) => rcompare(one.version, other.version));
  const running = inRange.filter(({ engines }) => satisfies(contractVersion, engines.tendril, { includePrerelease: true }));
  const version = running.find((candidate) => findRevocation(index.revocations, id, candidate.version) === undefined);
  if (version === undefined) throw noVersion({ index, id, entry, inRange, running, options });
  const key = keyForVersion(id, entry.keys, version.version);
  if (
    key === undefined ||
    !isVersionSignedBy({ id, version: version.version, integrity: version.integrity }, version.signature, key.public)
  )
    throw new TendrilError('REGISTRY_UNTRUSTED', {
      plugin: id,
      version: version.version,
      reason: 'it is not signed by the key of its author',
    });
  return { registry, id, entry, version, ownerKeyId: publisherKeyId(entry.keys[0]) };
}

interface Failure {
  readonly index: RegistryIndexContent;
  readonly id: string;
  readonly entry: RegistryEntry;
  readonly inRange: readonly RegistryVersion[];
  readonly running: readonly RegistryVersion[];
  readonly options: ResolveOptions;
}

function noVersion({ index, id, entry, inRange, running, options }: Failure): TendrilError {
  const { registry, range, contractVersion } = options;
  const [revoked] = running;
  if (revoked !== undefined) {
    const { reason } = findRevocation(index.revocations, id, revoked.version) ?? {};
    return new TendrilError('PLUGIN_REVOKED', { plugin: id, registry, version: revoked.version, reason });
  }
  const [newest] = inRange;
  if (newest !== undefined)
    return new TendrilError('NOT_FOUND', {
      plugin: id,
      registry,
      reason: `version ${newest.version} is made for tendril ${newest.engines.tendril}; this one is ${contractVersion}`,
    });
  const known = entry.versions.map(({ version }) => version).slice(-10);
  return new TendrilError('NOT_FOUND', { plugin: id, registry, range, versions: known });
}
