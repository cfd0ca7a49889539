import { packageInvalid } from './package-fault.ts';
import type { PackageLimits } from './package-limits.ts';

// Devices of Windows, with whatever behind a dot.
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * Checks a path of an archive before anything is made of it: what it names lies inside of the package on every system.
 *
 * @throws TendrilError PACKAGE_INVALID
 */
export function checkEntryPath(path: string, limits: PackageLimits): void {
  const refuse = (reason: string): never => {
    throw packageInvalid({ reason, path });
  };
  if (path === '') refuse('a file has no name');
  if (!path.isWellFormed() || path.includes('\uFFFD')) refuse('a path is no valid UTF-8');
  if (Buffer.byteLength(path) > limits.pathBytes) refuse(`a path is longer than ${limits.pathBytes} bytes`);
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) refuse('a path holds control characters');
  if (path.includes('\\')) refuse('a path holds a backslash');
  if (path.startsWith('/')) refuse('a path is absolute');
  if (/[:*?"<>|]/.test(path)) refuse('a path holds a character that not every system takes, as in drive letters: one of : * ? " < > |');
  const parts = path.split('/');
  if (parts.length > limits.depth) refuse(`a path is more than ${limits.depth} deep`);
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') refuse('a path leads out of the package, or has empty parts');
    if (/[. ]$/.test(part)) refuse('a part of a path ends in a dot or a space');
    if (RESERVED.test(part)) refuse('a part of a path is the name of a device');
  }
}

/** Refuses paths that some system takes for the same file, and files that are folders at the same time. */
export class TakenPaths {
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /** @throws TendrilError PACKAGE_INVALID when it is another's, wholly or nearly */
  take(path: string): void {
    const folded = fold(path);
    const other = this.#files.get(folded) ?? this.#folders.get(folded);
    if (other === path) throw packageInvalid({ reason: 'a file is in the package twice', path });
    if (other !== undefined)
      throw packageInvalid({ reason: `a path differs from another only in case or spelling of characters: ${other}`, path });
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) this.#takeFolder(parts.slice(0, depth).join('/'), path);
    this.#files.set(folded, path);
  }

  #takeFolder(folder: string, path: string): void {
    const folded = fold(folder);
    if (this.#files.has(folded)) throw packageInvalid({ reason: 'a file and a folder have the same name', path });
    const other = this.#folders.get(folded);
    if (other !== undefined && other !== folder)
      throw packageInvalid({ reason: `a folder differs from another only in case or spelling of characters: ${other}`, path });
    this.#folders.set(folded, folder);
  }
}

/** Coarser than what any file system does: compatibility forms are one, and so is case in both directions. */
function fold(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
