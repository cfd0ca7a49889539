import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PinnedPlugin } from '@tendril/schemas';
import { folderHash } from './files-hash.ts';
import { installedFolder } from './installed-folder.ts';
import { manifestHash } from './plugin-package.ts';

/** What is wrong with an installed version; `missing` when it is not there at all. */
export interface InstalledFault {
  readonly kind: 'missing' | 'changed';
  readonly message: string;
}

/**
 * Compares the files of an installed version with its lock: every byte is read, since times and sizes of files are easily made to fit.
 *
 * @returns what is wrong, `undefined` when nothing is
 */
export async function verifyInstalled(plugins: string, id: string, pinned: PinnedPlugin): Promise<InstalledFault | undefined> {
  const folder = folderOf(plugins, id, pinned);
  const again = `\`tendril plugins install ${id}@${pinned.version}\` puts it back`;
  try {
    if (pinned.files !== undefined && (await folderHash(folder)) !== pinned.files)
      return { kind: 'changed', message: `the files in ${folder} are not those that the lock pins: ${again}` };
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'plugin.json'), 'utf8'));
    if (pinned.files !== undefined && manifestHash(manifest) !== pinned.manifest)
      return { kind: 'changed', message: `the manifest in ${folder} is not the one that the lock pins: ${again}` };
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { kind: 'missing', message: `it is in the lock, but ${folder} is not there or not whole: ${again}` };
    return { kind: 'changed', message: `${folder} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}` };
  }
}

/** Where an installed plugin lies: below the folder of all of them, or where it is linked. */
export function folderOf(plugins: string, id: string, { source, version }: PinnedPlugin): string {
  return source.kind === 'folder' ? source.path : installedFolder(plugins, id, version);
}
