import type { PluginSource } from '@tendril/engine';
import { findHubHome } from './home.ts';

/** The plugins that come with the command, those of `TENDRIL_PLUGINS` and those that are installed: their manifests are read, none of their code is run. */
export async function findOfflinePlugins(): Promise<readonly PluginSource[]> {
  const [{ createPluginFinder }, { readList }] = await Promise.all([
    import('./wiring/plugin-finder.ts'),
    import('./wiring/environment.ts'),
  ]);
  const pluginFolders = readList(process.env['TENDRIL_PLUGINS']);
  return createPluginFinder(findHubHome(process.env), { pluginFolders, trustedPlugins: [], allowsLinked: true })();
}
