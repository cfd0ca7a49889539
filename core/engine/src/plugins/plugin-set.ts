import type { PluginFault } from '../hub.ts';
import type { LoadedAction, LoadedPlugin, PluginSource } from './contract.ts';
import { toLoadedActions } from './loaded-plugin.ts';
import { lockOf } from './lock.ts';
import type { PluginLock } from './lock.ts';

/** The plugins as they are loaded at one moment. Never changed, only replaced by another as a whole. */
export interface PluginSet {
  /** All that were found, sound or not. */
  readonly sources: readonly PluginSource[];
  /** By id, each behind those that it requires. */
  readonly plugins: ReadonlyMap<string, LoadedPlugin>;
  /** By full name. */
  readonly actions: ReadonlyMap<string, LoadedAction>;
  /** By capability, in the order of loading. */
  readonly providers: ReadonlyMap<string, readonly LoadedAction[]>;
  readonly faults: readonly PluginFault[];
  readonly lock: PluginLock;
}

/** Before anything is loaded. */
export const NO_PLUGINS: PluginSet = createPluginSet([], new Map(), []);

/** A set of these plugins with what they contribute. */
export function createPluginSet(
  sources: readonly PluginSource[],
  plugins: ReadonlyMap<string, LoadedPlugin>,
  faults: readonly PluginFault[],
): PluginSet {
  const actions = new Map<string, LoadedAction>();
  const providers = new Map<string, LoadedAction[]>();
  for (const action of [...plugins.values()].flatMap((plugin) => toLoadedActions(plugin))) {
    actions.set(action.name, action);
    const capability = action.action.implements;
    if (capability !== undefined) providers.set(capability, [...(providers.get(capability) ?? []), action]);
  }
  return { sources, plugins, actions, providers, faults, lock: lockOf([...plugins.values()].map(({ locked }) => locked)) };
}
