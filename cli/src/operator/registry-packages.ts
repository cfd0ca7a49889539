import type { LockFile, PackageSource } from '@tendril/schemas';
import type { RegistryClient } from '@tendril/registry';
import { CommandFault, EXIT } from '../failure.ts';
import { openRegistries } from '../open-registries.ts';
import type { FoundPackage } from './found-package.ts';
import type { PluginHome } from './plugin-home.ts';

/** How registries are asked. */
export interface RegistryOptions {
  readonly place: PluginHome;
  readonly lock: LockFile;
  /** Asks this one alone. */
  readonly registry?: string | undefined;
  readonly switchesOrigin?: boolean;
  readonly note: (text: string) => void;
}

/**
 * Fetches a plugin by its id from the registries of this installation: index, signature of its author, hash and content are verified.
 *
 * @throws TendrilError NOT_FOUND, PLUGIN_REVOKED, PACKAGE_INTEGRITY, PACKAGE_INVALID, REGISTRY_…
 * @throws CommandFault when no registry is known
 */
export async function findInRegistries(
  { id, range }: { readonly id: string; readonly range?: string },
  { place, lock, registry, switchesOrigin = false, note }: RegistryOptions,
): Promise<FoundPackage> {
  const all = await openRegistries(place.home, { note });
  const registries = registry === undefined ? all : all.filter(({ name }) => name === registry);
  if (registries.length === 0)
    throw new CommandFault(
      registry === undefined
        ? `No registry is known here, so there is no ${id}. \`tendril registry add NAME URL\` adds one; a folder begins with ./, a tarball ends in .tgz, a package of npm begins with npm:.`
        : `There is no registry ${registry} here. \`tendril registry list\` shows those there are.`,
      EXIT.refused,
      'REGISTRY_UNKNOWN',
    );
  const { examinePackage, readTarball, resolveAcross } = await import('@tendril/registry');
  const lockedRegistry = switchesOrigin ? undefined : registryOf(lock.plugins[id]?.source);
  const resolved = resolveAcross({ registries, id, range, lockedRegistry });
  const client = registries.find(({ name }) => name === resolved.registry);
  if (client === undefined) throw new CommandFault(`There is no registry ${resolved.registry} here.`, EXIT.refused, 'REGISTRY_UNKNOWN');
  const { version } = resolved.version;
  const { files, integrity } = await readTarball(await client.download(id, version));
  const content = await examinePackage(files);
  if (content.id !== id || content.version !== version)
    throw new CommandFault(
      `The registry ${client.name} serves ${content.id} ${content.version} as ${id} ${version}: it is not installed.`,
      EXIT.failed,
      'PACKAGE_INTEGRITY',
    );
  const others =
    resolved.alsoIn.length === 0
      ? []
      : [`Other registries have a plugin of this id too, which may be somebody else's: ${resolved.alsoIn.join(', ')}.`];
  // The index says by whom it is signed; a version that is not signed by the id's owner is not resolved.
  return { content, source: { kind: 'registry', registry: client.name }, integrity, provenance: 'verified', notes: others };
}

/** The newest version that the origin of a plugin offers; `undefined` where nobody can tell without the network. */
export function newestIn(registries: readonly RegistryClient[], id: string, source: PackageSource): string | undefined {
  const client = registries.find(({ name }) => name === registryOf(source));
  try {
    return client?.resolve(id).version.version;
  } catch {
    return undefined;
  }
}

/** Name of the registry that a plugin came from. */
export function registryOf(source: PackageSource | undefined): string | undefined {
  return source?.kind === 'registry' ? source.registry : undefined;
}
