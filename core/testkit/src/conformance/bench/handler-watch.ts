import type { Host, Plugin } from '@tendril/plugin-api';
import type { PluginSource } from '@tendril/engine/plugins';

/** Tells when the handlers of actions have really ended, which the host does not wait for once it has cut them off. */
export class HandlerWatch {
  readonly #running = new Set<Promise<unknown>>();

  /** The same plugin, seen. Only where its code runs in this process. */
  watched(source: PluginSource): PluginSource {
    return {
      ...source,
      load: async () => {
        const loaded = await source.load();
        return isPlugin(loaded.default) ? { ...loaded, default: this.#seen(loaded.default) } : loaded;
      },
    };
  }

  /** @returns whether every handler has ended within the time */
  async haveEnded(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs);
    });
    const ended = Promise.allSettled(this.#running).then(() => true);
    const haveEnded = await Promise.race([ended, tooLate]);
    clearTimeout(timer);
    // One that never ends is told of once.
    this.#running.clear();
    return haveEnded;
  }

  #seen(plugin: Plugin): Plugin {
    return {
      setup: (host) => {
        const action: Host['action'] = (id, handler) =>
          host.action<never, unknown, never>(id, (input, call) => this.#watch(async () => handler(input, call)));
        return plugin.setup({ ...host, action });
      },
    };
  }

  #watch<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = work();
    this.#running.add(running);
    const end = (): void => {
      this.#running.delete(running);
    };
    running.then(end, end);
    return running;
  }
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && 'setup' in value && typeof value.setup === 'function';
}
