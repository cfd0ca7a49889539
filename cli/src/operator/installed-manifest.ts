import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest, PinnedPlugin } from '@tendril/schemas';
import { CommandFault, EXIT } from '../failure.ts';
import type { PluginHome } from './plugin-home.ts';

/**
 * The manifest of an installed version, as it lies there.
 *
 * @throws CommandFault when it cannot be read
 */
export async function readInstalledManifest(place: PluginHome, id: string, pinned: PinnedPlugin): Promise<Manifest> {
  const { folderOf } = await import('@tendril/registry');
  const file = join(folderOf(place.plugins, id, pinned), 'plugin.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new CommandFault(
      `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}. \`tendril plugins install ${id}@${pinned.version}\` puts it back.`,
      EXIT.refused,
      'PLUGIN_NOT_INSTALLED_HERE',
    );
  }
}
