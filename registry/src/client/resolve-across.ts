import { TendrilError } from '@tendril/plugin-api';
import type { RegistryClient } from './registry-client.ts';
import type { ResolvedVersion } from './resolve-version.ts';

/** What is looked for, in which registries. */
export interface AcrossOptions {
  /** In the order of their precedence, the highest first; each refreshed or loaded. */
  readonly registries: readonly RegistryClient[];
  readonly id: string;
  readonly range?: string | undefined;
  /** Name of the registry in the lock that first served the id. */
  readonly lockedRegistry?: string | undefined;
}

/** A version, and who else offers something under its id. */
export interface ResolvedAcross extends ResolvedVersion {
  /** Names of other registries that have this id; worth a word to the operator, as it may be somebody else's plugin. */
  readonly alsoIn: readonly string[];
}

/**
 * Finds a plugin in several registries, so that a stranger cannot slip another package under a known id (dependency confusion):
 * an id belongs to the registry that first served it, whatever others offer and however high their versions; without a lock
 * it is taken from the registry of the highest precedence that has it, even if only a lower one has a version in the range.
 *
 * @see "Dependency Confusion", Alex Birsan, 2021-02-09
 * @throws TendrilError REGISTRY_UNKNOWN when the registry of the lock is not among them
 * @throws TendrilError NOT_FOUND, PLUGIN_REVOKED, REGISTRY_UNTRUSTED, INPUT_INVALID
 */
export function resolveAcross({ registries, id, range, lockedRegistry }: AcrossOptions): ResolvedAcross {
  const having = registries.filter((registry) => registry.find(id) !== undefined);
  const owner = lockedRegistry === undefined ? having[0] : registries.find(({ name }) => name === lockedRegistry);
  if (owner === undefined) {
    if (lockedRegistry !== undefined)
      throw new TendrilError('REGISTRY_UNKNOWN', {
        registry: lockedRegistry,
        plugin: id,
        reason: 'tendril.lock says that the plugin came from there',
        remedy: `\`tendril registry add ${lockedRegistry} URL\``,
      });
    throw new TendrilError('NOT_FOUND', { plugin: id, registries: registries.map(({ name }) => name) });
  }
  const alsoIn = having.filter((registry) => registry !== owner).map(({ name }) => name);
  if (lockedRegistry !== undefined && owner.find(id) === undefined)
    throw new TendrilError('NOT_FOUND', {
      plugin: id,
      registry: owner.name,
      ...(alsoIn.length === 0 ? {} : { alsoIn, reason: 'others offer this id, but it belongs to the registry that first served it' }),
    });
  return { ...owner.resolve(id, range), alsoIn };
}
