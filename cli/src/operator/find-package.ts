import type { LockFile } from '@tendril/schemas';
import { CommandFault, EXIT } from '../failure.ts';
import type { FoundPackage, PackageAddress } from './found-package.ts';
import { findInRegistries } from './registry-packages.ts';
import type { PluginHome } from './plugin-home.ts';

/** How a package is looked for. */
export interface FindOptions {
  readonly place: PluginHome;
  readonly lock: LockFile;
  /** Uses the folder where it lies. */
  readonly isLinked?: boolean;
  /** Takes the id from another origin than the lock says. */
  readonly switchesOrigin?: boolean;
}

/**
 * Finds and reads a package. Nothing is written and none of its code is run.
 *
 * @throws TendrilError PACKAGE_INVALID, PACKAGE_INTEGRITY, MANIFEST_INVALID, NOT_FOUND, REGISTRY_…
 * @throws CommandFault when the id belongs to another origin
 */
export async function findPackage(address: PackageAddress, options: FindOptions): Promise<FoundPackage> {
  const found = await read(address, options);
  refuseOtherOrigin(found, options);
  return found;
}

async function read(address: PackageAddress, options: FindOptions): Promise<FoundPackage> {
  if (options.isLinked === true && address.kind !== 'folder')
    throw new CommandFault('--link is for folders: name one, such as ./acme_crm.', EXIT.commandLine);
  const { examinePackage, integrityOf, readFolder, readTarball, writeTarball } = await import('@tendril/registry');
  switch (address.kind) {
    case 'folder': {
      const files = await readFolder(address.path);
      if (options.isLinked === true)
        return { content: await examinePackage(files), source: { kind: 'folder', path: address.path }, provenance: 'none', notes: [] };
      const tarball = writeTarball(files);
      const content = await examinePackage((await readTarball(tarball)).files);
      return { content, source: { kind: 'tarball', file: address.path }, integrity: integrityOf(tarball), provenance: 'none', notes: [] };
    }
    case 'tarball': {
      const { files, integrity } = await readTarball(address.path);
      return {
        content: await examinePackage(files),
        source: { kind: 'tarball', file: address.path },
        integrity,
        provenance: 'none',
        notes: [],
      };
    }
    case 'npm': {
      const { fetchFromNpm } = await import('./npm-packages.ts');
      return fetchFromNpm(address);
    }
    case 'registry':
      return findInRegistries(address, options);
  }
}

/** An id belongs to where it first came from: another origin may be somebody else's plugin of the same name. */
function refuseOtherOrigin({ content, source }: FoundPackage, { lock, switchesOrigin = false }: FindOptions): void {
  const pinned = lock.plugins[content.id];
  if (pinned === undefined || switchesOrigin) return;
  const owner = originOf(pinned.source);
  const isSame = owner === originOf(source);
  // From a file or a folder came what somebody chose on this machine.
  const isLocal = !isRemote(pinned.source.kind) && !isRemote(source.kind);
  if (isSame || isLocal) return;
  throw new CommandFault(
    `${content.id} ${pinned.version} came from ${owner}; this one comes from ${originOf(source)}, and may be somebody else's. If it is the one that you want, say --switch-registry.`,
    EXIT.refused,
    'ORIGIN_DIFFERS',
  );
}

function isRemote(kind: string): boolean {
  return kind === 'registry' || kind === 'npm';
}

/** Where something came from, in words. */
export function originOf(source: FoundPackage['source']): string {
  switch (source.kind) {
    case 'registry':
      return `the registry ${source.registry}`;
    case 'npm':
      return `npm (${source.package})`;
    case 'tarball':
      return source.file;
    case 'folder':
      return `${source.path} (linked)`;
  }
}
