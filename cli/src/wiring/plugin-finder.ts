import type { PluginSource } from '@tendril/engine';
import type { Home } from '../home.ts';
import { pluginHomeOf } from '../operator/plugin-home.ts';
import type { HubSettings } from './environment.ts';
import { findInstalled } from './installed-plugins.ts';
import { FIRST_PARTY, findPluginFolders, findPlugins } from './plugin-sources.ts';

/**
 * Makes what finds the plugins of a hub, at its start and whenever they are reloaded: those that come with Tendril, those in folders that
 * the environment names, and those that the lock pins. A folder that is named wins over what is installed, for whoever works on it.
 */
export function createPluginFinder(
  home: Home,
  { pluginFolders, trustedPlugins, allowsLinked }: Pick<HubSettings, 'pluginFolders' | 'trustedPlugins' | 'allowsLinked'>,
): () => Promise<readonly PluginSource[]> {
  const trusted = new Set(trustedPlugins);
  const place = pluginHomeOf(home);
  return async () => {
    const [own, named, installed] = await Promise.all([
      findPlugins(FIRST_PARTY),
      findPluginFolders(pluginFolders),
      findInstalled(place, { mayBeLinked: allowsLinked, trusted }),
    ]);
    const developed = named.map((source) => ({ ...source, isTrusted: trusted.has(source.folder) }));
    const worked = new Set(developed.map(({ folder }) => folder));
    return [...own, ...developed, ...installed.filter(({ folder }) => !worked.has(folder)).map(withOwnId)];
  };
}

const OWN: ReadonlySet<string> = new Set(FIRST_PARTY);

/** Nothing that is installed takes the place of what comes with Tendril. */
function withOwnId(source: PluginSource): PluginSource {
  if (!OWN.has(source.folder)) return source;
  return { ...source, fault: { message: 'has the id of a plugin that comes with Tendril', code: 'PACKAGE_INVALID' } };
}
