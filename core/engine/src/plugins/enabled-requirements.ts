import { TendrilError } from '@tendril/plugin-api';
import { requiredIds } from './check/check-requirements.ts';
import type { LoadedPlugin } from './contract.ts';

type Plugins = ReadonlyMap<string, LoadedPlugin>;

/**
 * The plugin behind all that it requires. A capability is met by what is enabled, or else by its only provider.
 *
 * @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_REQUIREMENT_MISSING
 */
export function withRequirements(id: string, enabled: ReadonlySet<string>, plugins: Plugins): readonly string[] {
  const wanted = new Set<string>();
  const add = (each: string): void => {
    if (wanted.has(each)) return;
    const plugin = plugins.get(each);
    if (plugin === undefined) throw new TendrilError('PLUGIN_UNKNOWN', { plugin: each });
    for (const required of requiredIds(plugin)) add(required);
    wanted.add(each);
    for (const capability of plugin.manifest.requires?.capabilities ?? []) {
      const providers = providersOf(capability, plugins);
      if (providers.some((provider) => enabled.has(provider) || wanted.has(provider))) continue;
      const [only, ...others] = providers;
      if (only === undefined || others.length > 0)
        throw new TendrilError('PLUGIN_REQUIREMENT_MISSING', { plugin: each, capability, providers });
      add(only);
    }
  };
  add(id);
  return [...wanted];
}

/** Those of the enabled plugins that cannot do without this one. */
export function dependantsOf(id: string, enabled: ReadonlySet<string>, plugins: Plugins): readonly string[] {
  return [...enabled].filter((other) => other !== id && needs(plugins.get(other), id, enabled, plugins));
}

function needs(plugin: LoadedPlugin | undefined, id: string, enabled: ReadonlySet<string>, plugins: Plugins): boolean {
  if (plugin === undefined) return false;
  if (requiredIds(plugin).includes(id)) return true;
  return (plugin.manifest.requires?.capabilities ?? []).some((capability) => {
    const providers = providersOf(capability, plugins).filter((provider) => enabled.has(provider));
    return providers.length === 1 && providers[0] === id;
  });
}

function providersOf(capability: string, plugins: Plugins): readonly string[] {
  return [...plugins.values()]
    .filter(({ manifest }) => Object.values(manifest.contributes.actions ?? {}).some((action) => action.implements === capability))
    .map(({ id }) => id);
}
