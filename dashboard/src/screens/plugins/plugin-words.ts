import type { PluginInfo } from '../../api/types.ts';

/** How it stands with a plugin, as `StateChip` names it: what keeps it from working comes first. */
export function pluginState(plugin: Pick<PluginInfo, 'state' | 'health' | 'isEnabled' | 'consent'>): string {
  if (plugin.state === 'faulty' || plugin.health.state === 'faulty') return 'faulty';
  if (plugin.health.state === 'revoked') return 'revoked';
  if (!plugin.isEnabled) return 'disabled';
  if (plugin.health.state === 'stopped') return 'halted';
  return plugin.consent.isNeeded ? 'needs_consent' : 'enabled';
}

/** Where its code runs, in plain words. */
export function tellWhereItRuns({ runsIn, isFirstParty }: Pick<PluginInfo, 'runsIn' | 'isFirstParty'>): string {
  switch (runsIn) {
    case 'process':
      return isFirstParty ? 'Inside the hub, it comes with Tendril' : 'Inside the hub, trusted by the operator';
    case 'child':
      return 'In a process of its own, apart from the hub';
    case 'declarative':
      return 'It has no code: the hub makes its requests';
    default:
      return 'Nowhere while it is faulty';
  }
}

/** Whether a plugin is meant by what somebody typed: each word stands somewhere in its names. */
export function isMeant({ id, title, description }: PluginInfo, typed: string): boolean {
  const said = `${id} ${title} ${description}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

const SOURCES: Readonly<Record<string, readonly [words: string, field: string]>> = {
  registry: ['the registry', 'registry'],
  npm: ['the npm package', 'package'],
  tarball: ['the file', 'file'],
  folder: ['the folder', 'path'],
};

/** Where it was installed from; undefined where `tendril.lock` does not say. */
export function tellSource({ source }: Pick<PluginInfo, 'source'>): string | undefined {
  const kind = source?.['kind'];
  const [words, field] = (typeof kind === 'string' ? SOURCES[kind] : undefined) ?? [];
  const name = field === undefined ? undefined : source?.[field];
  return words === undefined || typeof name !== 'string' ? undefined : `${words} ${name}`;
}
