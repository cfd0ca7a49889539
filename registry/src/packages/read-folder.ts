import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packageInvalid } from './package-fault.ts';
import { PACKAGE_LIMITS } from './package-limits.ts';
import type { PackageLimits } from './package-limits.ts';
import type { PackageFiles } from './read-tarball.ts';

const NOT_PACKED: ReadonlySet<string> = new Set(['node_modules', 'test', 'coverage']);

/**
 * The files of a plugin's folder, as they would be in its package: not what it was built with, its tests, tarballs, hidden files,
 * nor anything that a link points to.
 *
 * @throws TendrilError PACKAGE_INVALID when there is more than a package may hold
 * @throws the file system's error
 */
export async function readFolder(folder: string, limits: PackageLimits = PACKAGE_LIMITS): Promise<PackageFiles> {
  const files = new Map<string, Buffer>();
  let bytes = 0;

  async function take(path: string, depth: number): Promise<void> {
    if (depth > limits.depth) throw packageInvalid({ reason: `folders are more than ${limits.depth} deep`, path });
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name.endsWith('.tgz') || (path === '' && NOT_PACKED.has(entry.name))) continue;
      const inside = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) await take(inside, depth + 1);
      else if (entry.isFile()) await takeFile(inside);
    }
  }

  async function takeFile(path: string): Promise<void> {
    const file = join(folder, path);
    const { size } = await stat(file);
    bytes += size;
    if (size > limits.fileBytes) throw packageInvalid({ reason: `a file is larger than ${limits.fileBytes} bytes`, path });
    if (bytes > limits.unpackedBytes) throw packageInvalid({ reason: `it holds more than ${limits.unpackedBytes} bytes` });
    if (files.size >= limits.files) throw packageInvalid({ reason: `it holds more than ${limits.files} files` });
    files.set(path, await readFile(file));
  }

  await take('', 1);
  return files;
}
