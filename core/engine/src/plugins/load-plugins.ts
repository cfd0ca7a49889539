import { CONTRACT_VERSION } from '@tendril/plugin-api';
import type { PluginFault } from '../hub.ts';
import { checkManifests } from './check/check-manifests.ts';
import { requiredIds } from './check/check-requirements.ts';
import { fault } from './check/fault.ts';
import type { CheckedPlugin, LoadedPlugin, PluginSource, LockedPlugin } from './contract.ts';
import { loadFault } from './examine-plugin.ts';
import { toLoadedPlugin } from './loaded-plugin.ts';
import { isSameLock, lockPlugin } from './lock.ts';
import { isTrusted, openRunner } from './open-runner.ts';
import type { RunnerOptions } from './open-runner.ts';
import { withGrants } from './permissions/grants.ts';
import { createPluginSet } from './plugin-set.ts';
import type { PluginSet } from './plugin-set.ts';

/** Loads plugins, again and again. */
export interface PluginLoader {
  /**
   * Checks all manifests together and loads what is sound, each plugin behind those that it requires. What `running` has
   * already and did not change stays as it is; where the new one is faulty, the running one stays.
   */
  load(sources: readonly PluginSource[], running: PluginSet): Promise<PluginSet>;
}

/** @returns a loader that remembers whose code this process has loaded */
export function createPluginLoader(options: RunnerOptions): PluginLoader {
  /** What of each plugin was loaded in this process: an ES module cannot be loaded a second time. */
  const loadedHere = new Map<string, LockedPlugin>();

  /** One that failed to load is kept by Node all the same. */
  function mayLoad(locked: LockedPlugin): boolean {
    const before = loadedHere.get(locked.id);
    if (before !== undefined && !isSameLock(before, locked)) return false;
    loadedHere.set(locked.id, locked);
    return true;
  }

  async function loadOne(checked: CheckedPlugin, current: LoadedPlugin | undefined): Promise<LoadedPlugin | PluginFault> {
    try {
      const plugin = withGrants(checked);
      const locked = await lockPlugin(checked);
      const isSame = current !== undefined && isSameLock(current.locked, locked);
      const trusted = isTrusted(checked.source, options.isolation);
      if (isSame && trusted === current.isTrusted) return refreshed(current, plugin);
      const opened = await openRunner(plugin, { ...options, mayLoad: () => mayLoad(locked) });
      if (opened === 'restart needed') return restartFault(plugin, loadedHere.get(plugin.id)?.version);
      return toLoadedPlugin(plugin, { ...opened, locked, isTrusted: trusted });
    } catch (error) {
      return loadFault(checked, error);
    }
  }

  return {
    load: async (sources, running) => {
      const checked = await checkManifests(sources, CONTRACT_VERSION);
      const faults = [...checked.faults];
      const plugins = new Map<string, LoadedPlugin>();
      const keep = (id: string): void => {
        const current = running.plugins.get(id);
        if (current !== undefined && lacking(current, plugins).length === 0) plugins.set(id, current);
      };
      // One whose new version is faulty may be what a sound one requires, so those that stay go first.
      const sound = new Set(checked.plugins.map(({ id }) => id));
      const found = new Set(sources.map(({ folder }) => folder));
      for (const id of running.plugins.keys()) if (found.has(id) && !sound.has(id)) keep(id);
      for (const plugin of checked.plugins) {
        const broken = lacking(plugin, plugins);
        const loaded =
          broken.length === 0
            ? await loadOne(plugin, running.plugins.get(plugin.id))
            : fault(
                plugin,
                { pointer: '/requires', message: `requires ${broken.join(', ')}, which did not load` },
                'PLUGIN_REQUIREMENT_MISSING',
              );
        if ('runner' in loaded) plugins.set(plugin.id, loaded);
        else {
          faults.push(loaded);
          keep(plugin.id);
        }
      }
      return createPluginSet(sources, plugins, faults);
    },
  };
}

/** What it requires and is not there. */
function lacking(plugin: CheckedPlugin, plugins: ReadonlyMap<string, LoadedPlugin>): readonly string[] {
  return requiredIds(plugin).filter((id) => !plugins.has(id));
}

/** The same code: what the operator says of it may have changed. */
function refreshed(current: LoadedPlugin, plugin: CheckedPlugin): LoadedPlugin {
  const isUntouched =
    JSON.stringify([current.source.revoked, current.source.grants]) === JSON.stringify([plugin.source.revoked, plugin.source.grants]);
  return isUntouched ? current : toLoadedPlugin(plugin, current);
}

function restartFault(plugin: CheckedPlugin, running: string | undefined): PluginFault {
  const message = `is loaded in this process in version ${running ?? 'before'}, whose code cannot be replaced while it runs`;
  return fault(plugin, { pointer: '', message, suggestion: 'restart this process' }, 'PLUGIN_FAULTY');
}
