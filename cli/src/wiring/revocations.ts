import type { Logger } from '@tendril/plugin-api';
import { readLock } from '@tendril/registry/installed';
import { openRegistries } from '../open-registries.ts';
import type { PluginHome } from '../operator/plugin-home.ts';
import { readRegistries } from '../registries-file.ts';
import { findRevokedPlugins } from '../revoked-plugins.ts';

const EVERY_MS = 6 * 3_600_000;

/** What is told when something that is installed was taken back, or given back. */
type OnChange = () => Promise<unknown>;

/**
 * Asks the registries for revocations, at once and every six hours, while the hub runs: no start waits for them. One that does not
 * answer is a warning, and what was known stays known.
 *
 * @returns how to stop
 */
export function watchRevocations(place: PluginHome, log: Logger, onChange: OnChange): () => void {
  const running = { isStopped: false, isAsking: false };
  const ask = (): void => {
    if (running.isAsking) return;
    running.isAsking = true;
    refreshRevocations(place, log, async () => (running.isStopped ? undefined : onChange()))
      .catch((error: unknown) => log.warn({ err: error }, 'revocations could not be read'))
      .finally(() => {
        running.isAsking = false;
      });
  };
  ask();
  const timer = setInterval(ask, EVERY_MS);
  timer.unref();
  return () => {
    running.isStopped = true;
    clearInterval(timer);
  };
}

/** Asks once. Nobody is asked where no registry is known. */
export async function refreshRevocations(place: PluginHome, log: Logger, onChange: OnChange): Promise<void> {
  if (readRegistries(place.home).length === 0) return;
  const before = await revokedNow(place);
  await openRegistries(place.home, {
    isForced: true,
    note: (text) => log.info({}, text),
    onFault: (registry, error) =>
      log.warn({ registry, err: error }, 'a registry could not be asked for revocations; what it said last counts'),
  });
  const after = await revokedNow(place);
  for (const [plugin, reason] of after)
    if (!before.has(plugin))
      log.error(
        { plugin, reason, alert: 'plugin_revoked' },
        'a registry has taken back a version that is installed: it is not called any more',
      );
  if ([...before.keys()].join() !== [...after.keys()].join()) await onChange();
}

/** Why, by `id version`. */
async function revokedNow({ home, lockFile }: PluginHome): Promise<ReadonlyMap<string, string>> {
  const { plugins } = await readLock(lockFile);
  const revoked = await findRevokedPlugins(home, plugins);
  return new Map(revoked.map(({ id, version, reason }) => [`${id} ${version}`, reason]));
}
