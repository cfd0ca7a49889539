import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LockHealth } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import { BaseCommand } from '../base-command.ts';
import { EXIT } from '../failure.ts';
import { findHubHome, isAlive, readJson } from '../home.ts';
import type { Home, LocalKeys, RunningHub } from '../home.ts';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly says: string;
}

const ENOUGH_BYTES = 1 << 30;

export default class Doctor extends BaseCommand {
  static override description = 'Look at this machine and installation, and say what to mend.';

  async run(): Promise<unknown> {
    await this.parse(Doctor);
    const home = findHubHome(process.env);
    const findings = [node(), await isolation(), folder(home), disk(home), masterKey(home), await lockFile(home), ...(await hub(home))];
    this.table(
      findings.map(({ check, state, says }) => ({ check, state, says })),
      '',
    );
    if (findings.some(({ state }) => state === 'fault')) process.exitCode = EXIT.failed;
    return { findings };
  }
}

function node(): Finding {
  return { check: 'node', state: 'ok', says: `${process.version} on ${process.platform} ${process.arch}` };
}

/** How far plugins that are not trusted are kept in. */
async function isolation(): Promise<Finding> {
  const check = 'plugin isolation';
  if (process.env['TENDRIL_PLUGIN_COMMAND'] !== undefined) return { check, state: 'ok', says: 'by TENDRIL_PLUGIN_COMMAND' };
  const { isolationTier } = await import('@tendril/isolation');
  if (isolationTier(process.versions.node) === 'full')
    return { check, state: 'ok', says: 'full: a process each, without files, processes, addons and network of its own' };
  const accepted = process.env['TENDRIL_ACCEPT_OPEN_NETWORK'] === '1';
  return {
    check,
    state: 'warning',
    says: accepted
      ? 'weak: this Node does not keep plugins from the network, which TENDRIL_ACCEPT_OPEN_NETWORK accepts; Node 25 and later do'
      : 'none: this Node does not keep plugins from the network, so those that are not trusted are not run. Use Node 25 or later',
  };
}

/** What is installed, against what pins it. */
async function lockFile(home: Home): Promise<Finding> {
  const check = 'tendril.lock';
  const [{ readLock, verifyInstalled }, { pluginHomeOf }] = await Promise.all([
    import('@tendril/registry/installed'),
    import('../operator/plugin-home.ts'),
  ]);
  const place = pluginHomeOf(home);
  try {
    const pinned = Object.entries((await readLock(place.lockFile)).plugins);
    if (pinned.length === 0) return { check, state: 'ok', says: 'no plugin is installed' };
    const broken: string[] = [];
    for (const [id, plugin] of pinned) if ((await verifyInstalled(place.plugins, id, plugin)) !== undefined) broken.push(id);
    if (broken.length > 0)
      return { check, state: 'fault', says: `differs from what is installed: ${broken.join(', ')}. \`tendril plugins verify\` tells more` };
    const linked = pinned.filter(([, { source }]) => source.kind === 'folder').map(([id]) => id);
    if (linked.length > 0)
      return {
        check,
        state: 'warning',
        says: `${String(pinned.length)} installed; linked, so that nothing pins them: ${linked.join(', ')}`,
      };
    return { check, state: 'ok', says: `${String(pinned.length)} installed, as pinned` };
  } catch (error) {
    if (!TendrilError.is(error))
      return { check, state: 'fault', says: `cannot be read: ${error instanceof Error ? error.message : 'unknown error'}` };
    return { check, state: 'fault', says: `${error.message} \`tendril plugins verify\` tells where` };
  }
}

function folder(home: Home): Finding {
  const isThere = existsSync(home.folder);
  const looked = nearestThere(home.folder);
  const isWritable = statSync(looked).isDirectory() && canWrite(looked);
  if (!isWritable)
    return { check: 'data folder', state: 'fault', says: `${home.folder} cannot be written; set TENDRIL_HOME to a folder that can` };
  return { check: 'data folder', state: 'ok', says: isThere ? home.folder : `${home.folder}; the first start makes it` };
}

/** The folder itself, or the nearest above it that is there. */
function nearestThere(path: string): string {
  return existsSync(path) ? path : nearestThere(dirname(path));
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function disk(home: Home): Finding {
  const { bavail, bsize } = statfsSync(nearestThere(home.folder));
  const free = bavail * bsize;
  return { check: 'disk', state: free < ENOUGH_BYTES ? 'warning' : 'ok', says: `${(free / 2 ** 30).toFixed(1)} GiB free` };
}

function masterKey(home: Home): Finding {
  const check = 'master key';
  if (process.env['TENDRIL_MASTER_KEY'] !== undefined) return { check, state: 'ok', says: 'from TENDRIL_MASTER_KEY' };
  if (!existsSync(home.keyFile)) {
    const hasData = existsSync(join(home.folder, 'state.db'));
    if (hasData) return { check, state: 'fault', says: `there is data, but no ${home.keyFile}: put back the key that sealed it` };
    return { check, state: 'warning', says: `none yet; the first start writes ${home.keyFile}` };
  }
  const isPrivate = (statSync(home.keyFile).mode & 0o077) === 0;
  return { check, state: isPrivate ? 'ok' : 'fault', says: isPrivate ? home.keyFile : `others may read ${home.keyFile}: chmod 600 it` };
}

interface Readiness {
  readonly reasons?: readonly string[];
  readonly lock?: LockHealth;
}

async function hub(home: Home): Promise<readonly Finding[]> {
  const check = 'hub';
  const running = readJson<RunningHub>(home.hubFile);
  if (running === undefined || !isAlive(running.pid))
    return [{ check, state: 'warning', says: 'none runs on this data folder: `tendril start`' }];
  const { url, pid } = running;
  if (url === undefined) return [{ check, state: 'warning', says: `process ${pid} is starting it` }];
  try {
    // What differs is told to those only who show a key.
    const key = readJson<LocalKeys>(home.localFile)?.secretKey;
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(`${url}/readyz`, { headers, signal: AbortSignal.timeout(5000) });
    const { reasons = [], lock } = (await response.json()) as Readiness;
    const says = response.ok ? `ready at ${url}` : `not ready: ${reasons.join('; ')}`;
    return [{ check, state: response.ok ? 'ok' : 'fault', says }, ...(lock === undefined ? [] : [plugins(lock)])];
  } catch {
    return [{ check, state: 'fault', says: `process ${pid} lives, but ${url} does not answer: stop it, then start again` }];
  }
}

function plugins({ differences, hash, isCurrent }: LockHealth): Finding {
  const check = 'plugins';
  if (isCurrent) return { check, state: 'ok', says: `those of the installation (lock ${hash.slice(0, 12)})` };
  const named = differences.map(({ plugin, what, here = 'none', installation = 'none' }) => {
    const versions = here === installation ? here : `here ${here}, installation ${installation}`;
    return `${plugin} (${what}: ${versions})`;
  });
  return {
    check,
    state: 'fault',
    says: `differ from the installation's, so this process takes no work: ${named.join(', ')}. Install those, or start with --accept-lock`,
  };
}
