import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { BaseCommand, EXIT } from '../base-command.ts';
import { findHome, isAlive, readJson } from '../home.ts';
import type { Home, RunningHub } from '../home.ts';

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
    const home = findHome(process.env);
    const findings = [node(), permissions(), folder(home), disk(home), masterKey(home), ...(await hub(home))];
    this.table(findings.map(({ check, state, says }) => ({ check, state, says })), '');
    if (findings.some(({ state }) => state === 'fault')) process.exitCode = EXIT.failed;
    return { findings };
  }
}

function node(): Finding {
  return { check: 'node', state: 'ok', says: `${process.version} on ${process.platform} ${process.arch}` };
}

function permissions(): Finding {
  const isStrong = Number(process.versions.node.split('.')[0]) >= 25;
  return { check: 'permission model', state: isStrong ? 'ok' : 'warning', says: isStrong ? 'refuses files, processes and network' : 'this Node does not refuse the network; Node 25 and later do' };
}

function folder(home: Home): Finding {
  try {
    mkdirSync(home.folder, { recursive: true, mode: 0o700 });
    accessSync(home.folder, constants.W_OK);
    return { check: 'data folder', state: 'ok', says: home.folder };
  } catch {
    return { check: 'data folder', state: 'fault', says: `${home.folder} cannot be written; set TENDRIL_HOME to a folder that can` };
  }
}

function disk(home: Home): Finding {
  if (!existsSync(home.folder)) return { check: 'disk', state: 'warning', says: 'unknown: there is no data folder' };
  const { bavail, bsize } = statfsSync(home.folder);
  const free = bavail * bsize;
  return { check: 'disk', state: free < ENOUGH_BYTES ? 'warning' : 'ok', says: `${(free / 2 ** 30).toFixed(1)} GiB free` };
}

function masterKey(home: Home): Finding {
  if (process.env['TENDRIL_MASTER_KEY'] !== undefined) return { check: 'master key', state: 'ok', says: 'from TENDRIL_MASTER_KEY' };
  if (!existsSync(home.keyFile)) return { check: 'master key', state: 'warning', says: `none yet; the first start writes ${home.keyFile}` };
  const isPrivate = (statSync(home.keyFile).mode & 0o077) === 0;
  return { check: 'master key', state: isPrivate ? 'ok' : 'fault', says: isPrivate ? home.keyFile : `others may read ${home.keyFile}: chmod 600 it` };
}

async function hub(home: Home): Promise<readonly Finding[]> {
  const running = readJson<RunningHub>(home.hubFile);
  if (running === undefined || !isAlive(running.pid)) return [{ check: 'hub', state: 'warning', says: 'does not run on this data folder' }];
  try {
    const response = await fetch(`${running.url}/readyz`, { signal: AbortSignal.timeout(5000) });
    const answer = (await response.json()) as { reasons?: readonly string[] };
    return [{ check: 'hub', state: response.ok ? 'ok' : 'fault', says: response.ok ? `ready at ${running.url}` : `not ready: ${(answer.reasons ?? []).join('; ')}` }];
  } catch {
    return [{ check: 'hub', state: 'fault', says: `process ${running.pid} lives, but ${running.url} does not answer` }];
  }
}
