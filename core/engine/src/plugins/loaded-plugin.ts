import { HUB_PREFIX } from '../events/index.ts';
import type { TableSpec } from '../ports.ts';
import { compilePermittedHosts } from './broker/permitted-hosts.ts';
import type { CheckedPlugin, LoadedAction, LoadedPlugin } from './contract.ts';
import { withDeclarative, withHttpDefaults } from './declarative/with-declarative.ts';
import { durationMs } from './duration.ts';
import { compileNamePatterns } from './name-patterns.ts';

const ACTION_TIMEOUT = '30s';

/** Everything about a plugin that can be made ready once per process. */
export function toLoadedPlugin(
  plugin: CheckedPlugin,
  { runner, runsIn, locked, isTrusted }: Pick<LoadedPlugin, 'runner' | 'runsIn' | 'locked' | 'isTrusted'>,
): LoadedPlugin {
  const { permissions } = plugin.manifest;
  return {
    ...plugin,
    runner: withDeclarative(plugin, runner),
    runsIn,
    locked,
    isTrusted,
    hosts: compilePermittedHosts(permissions?.hosts ?? []),
    tables: new Map(permissions?.storage?.includes('tables') === true ? tableSpecs(plugin) : []),
    mayRead: compileNamePatterns(permissions?.events?.read ?? []),
    mayWrite: writable(permissions?.events?.write ?? [], isTrusted),
  };
}

/** Names of what the hub itself reports are for plugins that belong to it, and only as they write them out. */
function writable(patterns: readonly string[], isTrusted: boolean): (name: string) => boolean {
  const mayWrite = compileNamePatterns(patterns);
  const reported = new Set(isTrusted ? patterns.filter((name) => name.startsWith(HUB_PREFIX)) : []);
  return (name) => (name.startsWith(HUB_PREFIX) ? reported.has(name) : mayWrite(name));
}

/** The tables of a manifest as stores know them, by the manifest's name. */
function tableSpecs({ id, manifest }: CheckedPlugin): readonly (readonly [string, TableSpec])[] {
  return Object.entries(manifest.contributes.tables ?? {}).map(([name, table]) => [
    name,
    { name: `${id}.${name}`, key: table.key, personal: table.personal ?? [], indexes: table.indexes ?? {} },
  ]);
}

/** The actions of a plugin by their full names. */
export function toLoadedActions<Plugin extends CheckedPlugin>(
  plugin: Plugin,
): readonly (Omit<LoadedAction, 'plugin'> & { readonly plugin: Plugin })[] {
  return Object.entries(plugin.manifest.contributes.actions ?? {}).flatMap(([id, written]) => {
    const action = withHttpDefaults(written, plugin.manifest.http);
    const schemas = plugin.schemas.actions.get(id);
    if (schemas === undefined) return [];
    const name = `${plugin.id}.${id}`;
    return [
      {
        name,
        id,
        plugin,
        action,
        ...schemas,
        timeoutMs: durationMs(action.timeout ?? ACTION_TIMEOUT),
        connectionKinds: [action.connection ?? []].flat(),
      },
    ];
  });
}
