import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import type { Logger } from '@tendril/plugin-api';
import { readLock } from '@tendril/registry/installed';
import type { RegistryClient } from '@tendril/registry';
import type { PinnedPlugin } from '@tendril/schemas';
import { openRegistries } from '../open-registries.ts';
import type { PluginHome } from '../operator/plugin-home.ts';
import { readRegistries, registryFolder } from '../registries-file.ts';

const EVERY_MS = 6 * 3_600_000;

/** What registries have taken back. */
export interface Revocations {
  /** Why a version must not run, as far as is known. */
  readonly of: (id: string, pinned: PinnedPlugin) => { readonly reason: string } | undefined;
  /**
   * Asks the registries, now and every six hours, and says when something that is installed was taken back, or given back. A registry
   * that does not answer is a warning: what was known stays known.
   *
   * @returns how to stop
   */
  watch(onChange: () => Promise<void>): () => void;
}

/**
 * Knows what was revoked when the registries were last asked, at once and without asking: a start waits for nobody.
 */
export async function readRevocations(place: PluginHome, log: Logger): Promise<Revocations> {
  let clients: readonly RegistryClient[] = await readCopies(place, log);
  const find = (id: string, { source, version }: PinnedPlugin): { readonly reason: string } | undefined => {
    if (source.kind !== 'registry') return undefined;
    const revocation = clients.find(({ name }) => name === source.registry)?.revocation(id, version);
    return revocation === undefined ? undefined : { reason: revocation.reason };
  };

  async function revoked(): Promise<readonly string[]> {
    const { plugins } = await readLock(place.lockFile);
    return Object.entries(plugins).flatMap(([id, pinned]) => (find(id, pinned) === undefined ? [] : [`${id} ${pinned.version}`]));
  }

  async function refresh(onChange: () => Promise<void>): Promise<void> {
    const before = await revoked();
    const failed = new Set<string>();
    const opened = await openRegistries(place.home, {
      isForced: true,
      note: (text) => log.info({}, text),
      onFault: (registry, error) => {
        failed.add(registry);
        log.warn({ registry, err: error }, 'a registry could not be asked for revocations; what it said last counts');
      },
    });
    clients = [...opened, ...clients.filter(({ name }) => failed.has(name))];
    const after = await revoked();
    for (const plugin of after.filter((each) => !before.includes(each)))
      log.error({ plugin, alert: 'plugin_revoked' }, 'a registry has taken back a version that is installed: it is not called any more');
    if (before.join() !== after.join()) await onChange();
  }

  return {
    of: find,
    watch(onChange) {
      let isRunning = false;
      let isStopped = false;
      const run = (): void => {
        if (isRunning) return;
        isRunning = true;
        refresh(async () => (isStopped ? undefined : onChange()))
          .catch((error: unknown) => log.warn({ err: error }, 'revocations could not be read'))
          .finally(() => {
            isRunning = false;
          });
      };
      if (readRegistries(place.home).length > 0) run();
      const timer = setInterval(run, EVERY_MS);
      timer.unref();
      return () => {
        isStopped = true;
        clearInterval(timer);
      };
    },
  };
}

/** The registries as their last verified index has them. One that has expired still says what was revoked. */
async function readCopies({ home }: PluginHome, log: Logger): Promise<readonly RegistryClient[]> {
  const known = readRegistries(home);
  if (known.length === 0) return [];
  const { createRegistryClient } = await import('@tendril/registry');
  return known.flatMap(({ name, address, root, state }) => {
    try {
      const client = createRegistryClient({
        name,
        address,
        rootPinned: root,
        state,
        fetch,
        contractVersion: CONTRACT_VERSION,
        now: Date.now,
        mayBeExpired: true,
      });
      return client.load(readFileSync(join(registryFolder(home, name), 'index.json'))) ? [client] : [];
    } catch (error) {
      log.warn({ registry: name, err: error }, 'the copy of a registry cannot be read: what it has revoked is known once it was asked');
      return [];
    }
  });
}
