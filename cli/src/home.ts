import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';

/** Where an installation keeps its data and what a command needs to find it. */
export interface Home {
  readonly folder: string;
  readonly keyFile: string;
  /** Keys of the local installation, for commands on the same machine; never written in production. */
  readonly localFile: string;
  /** Where the running hub listens, and its process. */
  readonly hubFile: string;
  readonly sandboxFolder: string;
}

/** What `local.json` holds. */
export interface LocalKeys {
  readonly tenant: string;
  readonly writeKey: string;
  readonly secretKey: string;
}

/** What `hub.json` holds while a hub runs. */
export interface RunningHub {
  /** Missing while it starts. */
  readonly url?: string;
  readonly pid: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The data folder: `TENDRIL_HOME`, or `.tendril` below the current folder. */
export function findHome(environment: Environment): Home {
  return homeAt(resolve(environment['TENDRIL_HOME'] ?? '.tendril'), environment);
}

/**
 * The data folder of the hub that a command asks: as `findHome`, but where the current folder has none, that of the hub
 * that this user started last. An application's folder is not the hub's.
 */
export function findHubHome(environment: Environment): Home {
  const here = findHome(environment);
  if (environment['TENDRIL_HOME'] !== undefined || existsSync(here.folder)) return here;
  const last = readJson<{ readonly folder: string }>(lastHomeFile(environment))?.folder;
  return last === undefined || !existsSync(last) ? here : homeAt(last, environment);
}

/** Notes the data folder for `findHubHome`. A folder that was named is named to commands as well. */
export function rememberHome(home: Home, environment: Environment): void {
  if (environment['TENDRIL_HOME'] === undefined) writePrivately(lastHomeFile(environment), JSON.stringify({ folder: home.folder }));
}

function lastHomeFile(environment: Environment): string {
  return join(environment['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'tendril', 'last-home.json');
}

function homeAt(folder: string, environment: Environment): Home {
  return {
    folder,
    keyFile: environment['TENDRIL_MASTER_KEY_FILE'] ?? join(folder, 'master.key'),
    localFile: join(folder, 'local.json'),
    hubFile: join(folder, 'hub.json'),
    sandboxFolder: join(folder, 'sandbox'),
  };
}

/**
 * The 32 bytes that wrap every tenant's keys: `TENDRIL_MASTER_KEY` (base64), or the key file. Outside production a
 * missing file is made.
 *
 * @throws TendrilError CONFIG_INVALID when the key has the wrong length, or is missing in production
 */
export function readMasterKey(home: Home, environment: Readonly<Record<string, string | undefined>>, isProduction: boolean): Uint8Array {
  const given = environment['TENDRIL_MASTER_KEY'];
  if (given !== undefined) return decodeKey(given, 'TENDRIL_MASTER_KEY');
  if (existsSync(home.keyFile)) return decodeKey(readFileSync(home.keyFile, 'utf8'), home.keyFile);
  if (existsSync(join(home.folder, 'state.db'))) {
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_MASTER_KEY',
      expected: `the master key that sealed the data in ${home.folder}: there is data, but no ${home.keyFile}`,
    });
  }
  if (isProduction)
    throw new TendrilError('CONFIG_INVALID', {
      setting: 'TENDRIL_MASTER_KEY',
      expected: 'a master key: 32 random bytes as base64, here or in the file that TENDRIL_MASTER_KEY_FILE names',
    });
  const key = randomBytes(32);
  writePrivately(home.keyFile, `${key.toString('base64')}\n`);
  return key;
}

function decodeKey(text: string, setting: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32)
    throw new TendrilError('CONFIG_INVALID', { setting, expected: '32 bytes as base64; `openssl rand -base64 32` makes some' });
  return key;
}

/**
 * From now on files and folders that this process and its children make are their owner's alone; those that lie in the data folder
 * already, as a folder made by hand or by a copy has them, become so too.
 */
export function keepPrivate(folder: string): void {
  process.umask(0o077);
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) takeRights(join(folder, entry.name));
  }
}

function takeRights(path: string): void {
  try {
    chmodSync(path, statSync(path).mode & 0o700);
  } catch {
    // Somebody else's file, or gone in the meantime: what can be read of it is not ours to say.
  }
}

/** Writes a file that only its owner may read, at once: a reader sees the old or the new content. */
export function writePrivately(path: string, text: string): void {
  prepareFolder(dirname(path));
  // Of its own: another process may write the same file now.
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Makes the data folder, for its owner alone, and tries to write in it.
 *
 * @throws TendrilError CONFIG_INVALID when that cannot be done
 */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TendrilError(
      'CONFIG_INVALID',
      { setting: 'TENDRIL_HOME', folder, reason: code, expected: 'a folder that can be written: set TENDRIL_HOME to one' },
      { cause: error },
    );
  }
}

// Level by level: the recursive form of Node never ends below a folder that says that it has no room for others, as /proc does.
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    return;
  }
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another hub that starts here may have been first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
}

/** A JSON file's content, `undefined` when it is not there or is no JSON, as after a death while it was written. */
export function readJson<Content>(path: string): Content | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Content;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError || code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Whether a process of this id lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
