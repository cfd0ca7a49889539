import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { PackageFiles } from './read-tarball.ts';

/** SHA-256 over all files with their paths, hexadecimal: one byte, one name or one file more gives another. */
export function filesHash(files: PackageFiles): string {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].toSorted()) {
    const content = files.get(path) ?? Buffer.alloc(0);
    hash.update(`${path}\0${String(content.length)}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * `filesHash` of what lies in a folder. Anything that is neither a file nor a folder gives a hash that no package has.
 *
 * @throws the file system's error, as when the folder is not there
 */
export async function folderHash(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).split(sep).join('/');
    if (entry.isFile()) files.set(path, await readFile(file));
    else if (!entry.isDirectory()) files.set(`${path}\0`, Buffer.alloc(0));
  }
  return filesHash(files);
}
