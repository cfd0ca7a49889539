import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { CommandFault, EXIT } from '../failure.ts';
import { isAlive, prepareFolder, writePrivately } from '../home.ts';
import type { Home, RunningHub } from '../home.ts';

/** A data folder that this process alone runs a hub on. */
export interface HubLock {
  /** Says where the hub listens, for commands on this machine. */
  announce(url: string): void;
  release(): void;
}

/**
 * Takes the data folder for this process: two hubs on one folder would run everything twice as often as they may.
 * What a killed hub left is taken over.
 *
 * @throws CommandFault when a hub runs on it, or is being started
 */
export async function lockHome(home: Home): Promise<HubLock> {
  prepareFolder(home.folder);
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(home.hubFile, JSON.stringify({ pid: process.pid } satisfies RunningHub), { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
      await removeStale(home);
    }
  }
  return {
    announce(url) {
      writePrivately(home.hubFile, JSON.stringify({ url, pid: process.pid } satisfies RunningHub));
    },
    release() {
      rmSync(home.hubFile, { force: true });
    },
  };
}

async function removeStale(home: Home): Promise<void> {
  const other = readHub(home.hubFile);
  if (other !== undefined && other.pid !== process.pid && isAlive(other.pid) && (await isHub(other))) {
    throw new CommandFault(alreadyRuns(home, other), EXIT.refused, 'ALREADY_RUNNING');
  }
  // Moved first, so that of two that find it only one goes on with the old one.
  const aside = `${home.hubFile}.${process.pid}`;
  try {
    renameSync(home.hubFile, aside);
    rmSync(aside, { force: true });
  } catch {
    // The other one was faster.
  }
}

function alreadyRuns({ folder, hubFile }: Home, { url, pid }: RunningHub): string {
  const remedy = 'Stop it, or set TENDRIL_HOME to another folder.';
  if (url !== undefined) return `A hub runs on ${folder} already: process ${pid}, at ${url}. ${remedy}`;
  return `A hub is being started on ${folder}: process ${pid}. ${remedy} If that process is no hub, remove ${hubFile}.`;
}

/** After a kill -9 the process id may be somebody else's by now. One that has no address yet is being started. */
async function isHub({ url }: RunningHub): Promise<boolean> {
  if (url === undefined) return true;
  return fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) }).then(
    () => true,
    () => false,
  );
}

function readHub(path: string): RunningHub | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunningHub;
  } catch {
    // Written half-way by one that died; or gone by now.
    return undefined;
  }
}
