import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import type { PluginSource } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import { CommandFault } from '../failure.ts';

type ReadText = (path: string) => Promise<string>;

/**
 * A plugin's version that was published before, from its folder or tarball. Runs none of its code.
 *
 * @throws CommandFault when there is nothing of the name
 * @throws TendrilError PACKAGE_INVALID when the tarball is no package of a plugin
 */
export async function readPrevious(place: string): Promise<PluginSource> {
  const path = resolve(place);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandFault(`There is nothing at ${path}. Give the folder or the .tgz of the version before.`);
  const read = found.isDirectory() ? (file: string) => readFile(join(path, file), 'utf8') : await readerOf(path);
  return {
    folder: '',
    file: path,
    packageJson: JSON.parse(await read('package.json')) as JsonObject,
    manifest: await read('plugin.json'),
    read,
    load: () => Promise.reject(new Error('it is compared and not run')),
  };
}

async function readerOf(tarball: string): Promise<ReadText> {
  const { readTarball } = await import('@tendril/registry');
  const { files } = await readTarball(await readFile(tarball));
  return async (path) => {
    const content = files.get(posix.normalize(path));
    if (content === undefined) throw new CommandFault(`${tarball} holds no ${path}.`);
    return Buffer.from(content).toString('utf8');
  };
}
