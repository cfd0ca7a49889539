import { TendrilError } from '@tendril/plugin-api';
import type { Logger } from '@tendril/plugin-api';
import type { LoadedPlugin, PluginRunner } from './contract.ts';

interface Use {
  calls: number;
  isRetired: boolean;
  onIdle: () => void;
}

/** Which runners are at work, so that one that was replaced is stopped after its last call. */
export class RunnerUses {
  readonly #log: Logger;
  readonly #uses = new WeakMap<PluginRunner, Use>();
  /** Plugins of which a version that was replaced is still at work, once for each such version. */
  readonly #ending = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * @returns what to call when the call has ended
   * @throws TendrilError PLUGIN_NOT_INSTALLED_HERE for a plugin that was replaced or taken away since it was looked up
   */
  begin(plugin: LoadedPlugin): () => void {
    const { runner, id, version } = plugin;
    let use = this.#uses.get(runner);
    if (use === undefined) {
      use = { calls: 0, isRetired: false, onIdle: () => undefined };
      this.#uses.set(runner, use);
    }
    if (use.isRetired) {
      const reason = 'it was replaced while the call was on its way';
      throw new TendrilError('PLUGIN_NOT_INSTALLED_HERE', { plugin: id, version, reason, isWithoutEffect: true });
    }
    const current = use;
    current.calls += 1;
    return () => {
      current.calls -= 1;
      if (current.calls === 0) current.onIdle();
    };
  }

  /** Whether calls of a version go on that was replaced or taken away. */
  isEnding(pluginId: string): boolean {
    return this.#ending.has(pluginId);
  }

  /** Takes no new calls for it, lets the running ones end, then stops it. Does not throw. */
  async retire({ runner, id, version }: LoadedPlugin): Promise<void> {
    const use = this.#uses.get(runner) ?? { calls: 0, isRetired: true, onIdle: () => undefined };
    this.#uses.set(runner, use);
    use.isRetired = true;
    if (use.calls > 0) {
      this.#ending.set(id, (this.#ending.get(id) ?? 0) + 1);
      await new Promise<void>((resolve) => {
        use.onIdle = resolve;
      });
      const left = (this.#ending.get(id) ?? 1) - 1;
      if (left === 0) this.#ending.delete(id);
      else this.#ending.set(id, left);
    }
    await runner.stop().catch((error: unknown) => {
      this.#log.warn({ err: error, plugin: id, version }, 'plugin did not stop cleanly');
    });
  }
}
