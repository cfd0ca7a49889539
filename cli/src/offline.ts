import type { PluginSource } from '@tendril/engine';

/** The plugins that come with the command and those of `TENDRIL_PLUGINS`: their manifests are read, none of their code is run. */
export async function findOfflinePlugins(): Promise<readonly PluginSource[]> {
  const [{ FIRST_PARTY, findPluginFolders, findPlugins }, { readList }] = await Promise.all([
    import('./wiring/plugin-sources.ts'),
    import('./wiring/environment.ts'),
  ]);
  const developed = await findPluginFolders(readList(process.env['TENDRIL_PLUGINS']));
  return [...(await findPlugins(FIRST_PARTY)), ...developed];
}
