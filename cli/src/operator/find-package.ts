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
  /** Asks this registry alone. */
  readonly registry?: string | undefined;
  /** Told what the operator should know while it is looked for. */
  readonly note: (text: string) => void;
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
  const { examinePackage, readFolder, readTarball } = await import('@tendril/registry');
  switch (address.kind) {
    case 'folder': {
      if (options.isLinked === true)
        return {
          content: await examinePackage(await readFolder(address.path)),
          source: { kind: 'folder', path: address.path },
          provenance: 'none',
          notes: [],
        };
      const { files, integrity } = await readTarball(await pack(address.path));
      return {
        content: await examinePackage(files),
        source: { kind: 'tarball', file: address.path },
        integrity,
        provenance: 'none',
        notes: [],
      };
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

async function pack(folder: string): Promise<Uint8Array> {
  const { CannotPack, packPlugin } = await import('../authoring/pack.ts');
  try {
    return (await packPlugin(folder)).tarball;
  } catch (error) {
    if (!(error instanceof CannotPack)) throw error;
    throw new CommandFault([error.message, ...error.lines].join('\n'), EXIT.refused, 'PACKAGE_INVALID');
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
