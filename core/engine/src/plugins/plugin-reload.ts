import { TendrilError } from '@tendril/plugin-api';
import type { PluginReload } from '../hub.ts';
import type { LoadedPlugin, PluginSource } from './contract.ts';
import type { PluginLoader } from './load-plugins.ts';
import type { PluginSet } from './plugin-set.ts';
import type { RunnerUses } from './runner-uses.ts';

/** What reloading needs of the host. */
export interface ReloadOptions {
  readonly loader: PluginLoader;
  readonly find: () => Promise<readonly PluginSource[]>;
  readonly uses: RunnerUses;
  readonly current: () => PluginSet;
  /** Called before anything changes, with what is to come: makes tables known. */
  readonly prepare: (next: PluginSet) => Promise<void>;
  /** Makes the new set the one that counts. */
  readonly swap: (next: PluginSet) => void;
  /** Called with every reload, so that one that was cut short is completed by the next: has to bear being repeated. */
  readonly complete: () => Promise<void>;
  readonly isStopping: () => boolean;
}

/** @returns how to reload; reloads asked for at the same time come one after another */
export function createReload(options: ReloadOptions): () => Promise<PluginReload> {
  const { loader, find, uses, current, prepare, swap, complete, isStopping } = options;
  let last: Promise<unknown> = Promise.resolve();

  async function reload(): Promise<PluginReload> {
    if (isStopping()) throw new TendrilError('HUB_STOPPING');
    const before = current();
    const next = await loader.load(await find(), before);
    try {
      await prepare(next);
    } catch (error) {
      await stopAll(uses, notIn(before, next));
      throw error;
    }
    swap(next);
    // In the background: calls that run may take minutes.
    void stopAll(uses, notIn(next, before));
    await complete();
    return compare(before, next);
  }

  return () => {
    const reloading = last.then(reload);
    last = reloading.catch(() => undefined);
    return reloading;
  };
}

/** Plugins of `here` whose runners `there` does not have. */
function notIn(there: PluginSet, here: PluginSet): readonly LoadedPlugin[] {
  const runners = new Set([...there.plugins.values()].map(({ runner }) => runner));
  return [...here.plugins.values()].filter(({ runner }) => !runners.has(runner));
}

async function stopAll(uses: RunnerUses, plugins: readonly LoadedPlugin[]): Promise<void> {
  await Promise.all(plugins.map((plugin) => uses.retire(plugin)));
}

function compare(before: PluginSet, next: PluginSet): PluginReload {
  const added: string[] = [];
  const changed: string[] = [];
  for (const [id, plugin] of next.plugins) {
    const old = before.plugins.get(id);
    if (old === undefined) added.push(id);
    else if (old !== plugin) changed.push(id);
  }
  return { added, changed, removed: [...before.plugins.keys()].filter((id) => !next.plugins.has(id)), faults: next.faults };
}
