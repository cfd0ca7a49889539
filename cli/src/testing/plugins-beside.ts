import type { PluginSource } from '@tendril/engine';
import { asObject } from '../authoring/author-folder.ts';
import type { AuthorFolder } from '../authoring/author-folder.ts';
import { FIRST_PARTY, findPlugins } from '../wiring/plugin-sources.ts';

/** The plugins that come with the command, for one that requires others. */
export async function pluginsBeside({ id, manifest }: AuthorFolder): Promise<readonly PluginSource[]> {
  const { requires, contributes } = asObject(manifest.json?.value);
  const follows = Object.values(asObject(asObject(contributes)['consumers'])).some((consumer) => asObject(consumer)['after'] !== undefined);
  if (Object.keys(asObject(requires)).length === 0 && !follows) return [];
  return findPlugins(FIRST_PARTY.filter((other) => other !== id));
}
