import { join } from 'node:path';
import type { LockFile } from '@tendril/schemas';
import { findHubHome, prepareFolder } from '../home.ts';
import type { Home } from '../home.ts';
import type { Environment } from '../wiring/environment.ts';
import { takeTurn } from './take-turn.ts';

/** Where the plugins of an installation lie, and what pins them. */
export interface PluginHome {
  readonly home: Home;
  /** `tendril.lock`. */
  readonly lockFile: string;
  /** Holds `<id>/<version>/`. */
  readonly plugins: string;
}

/** The plugins of the installation that commands on this machine mean. */
export function findPluginHome(environment: Environment): PluginHome {
  return pluginHomeOf(findHubHome(environment));
}

/** The plugins of a data folder. */
export function pluginHomeOf(home: Home): PluginHome {
  return { home, lockFile: join(home.folder, 'tendril.lock'), plugins: join(home.folder, 'plugins') };
}

/**
 * Changes the lock while no other command does: two that install at once would lose one of the two.
 *
 * @param change gets the lock as it is and gives the one to write; `undefined` leaves it
 * @throws CommandFault when another command is at it
 * @throws TendrilError LOCK_INVALID
 */
export async function changeLock(place: PluginHome, change: (lock: LockFile) => Promise<LockFile | undefined>): Promise<void> {
  const { readLock, writeLock } = await import('@tendril/registry');
  prepareFolder(place.home.folder);
  const release = takeTurn(`${place.lockFile}.busy`);
  try {
    const changed = await change(await readLock(place.lockFile));
    if (changed !== undefined) await writeLock(place.lockFile, changed);
  } finally {
    release();
  }
}
