import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LockFile } from '@tendril/schemas';
import { CommandFault, EXIT } from '../failure.ts';
import { findHubHome, isAlive, prepareFolder } from '../home.ts';
import type { Home } from '../home.ts';
import type { Environment } from '../wiring/environment.ts';

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

/** What one that died left is taken over. */
function takeTurn(file: string): () => void {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = readPid(file);
    if (attempt > 3 || (pid !== undefined && isAlive(pid)))
      throw new CommandFault(
        `Another command changes the plugins of this installation: process ${String(pid)}. Wait for it; if that process is none, remove ${file}.`,
        EXIT.tryAgain,
        'BUSY',
      );
    rmSync(file, { force: true });
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
