import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.ts';

const PROGRAMS = { server: '/usr/sbin/mariadbd', install: '/usr/bin/mariadb-install-db' } as const;
const MEMORY = { folder: '/dev/shm', leastBytes: 1_000_000_000 } as const;
const PASSWORD = 'tendril-tests';

/** A server of its own for tests. */
export interface Mariadb {
  /** Of an empty database, as `DATABASE_URL` takes it. */
  readonly url: string;
  /** Kills the server, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Why a test of the server has to be left out, or `undefined` when it can run. */
export async function missingMariadb(): Promise<string | undefined> {
  for (const program of Object.values(PROGRAMS)) {
    const isThere = await access(program).then(
      () => true,
      () => false,
    );
    if (!isThere) return `${program} is not installed; on Debian: apt-get install mariadb-server`;
  }
  return undefined;
}

/** Where and how a server is started, when not as tests need it. */
export interface MariadbOptions {
  /** Where its folder is made: on a disk, to measure what reaches one. */
  readonly place?: string;
  /** Further options of the program; they count over those that tests have. */
  readonly settings?: readonly string[];
}

/** Starts a MariaDB on a free port, with its data in a temporary folder of its own. */
export async function startMariadb({ place, settings = [] }: MariadbOptions = {}): Promise<Mariadb> {
  const folder = await mkdtemp(join(place ?? (await findPlace()), 'tendril-mariadb-'));
  const port = await findFreePort();
  const user = userInfo().username;
  const data = join(folder, 'data');
  await promisify(execFile)(PROGRAMS.install, [
    '--no-defaults',
    `--datadir=${data}`,
    `--user=${user}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const initFile = join(folder, 'init.sql');
  await writeFile(
    initFile,
    `CREATE DATABASE IF NOT EXISTS tendril;\nCREATE OR REPLACE USER 'tendril'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';\nGRANT ALL ON *.* TO 'tendril'@'127.0.0.1';\n`,
  );
  const options = [
    '--no-defaults',
    `--user=${user}`,
    `--datadir=${data}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--port=${String(port)}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    `--init-file=${initFile}`,
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=32M',
    '--performance-schema=OFF',
    ...settings,
  ];
  let server = await launch(options);
  return {
    url: `mysql://tendril:${PASSWORD}@127.0.0.1:${String(port)}/tendril`,
    kill: () => end(server, 'SIGKILL'),
    start: async () => {
      server = await launch(options);
    },
    stop: async () => {
      await end(server, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// The data need to outlive a kill of the server, not of the machine: memory will do where there is enough of it, and
// spares the many waits for the disk that making tables costs.
async function findPlace(): Promise<string> {
  const memory = await statfs(MEMORY.folder).catch(() => undefined);
  return memory !== undefined && memory.bavail * memory.bsize > MEMORY.leastBytes ? MEMORY.folder : tmpdir();
}

async function launch(options: readonly string[]): Promise<ChildProcess> {
  const server = spawn(PROGRAMS.server, options, { stdio: ['ignore', 'ignore', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<ChildProcess>();
  let output = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-10_000);
    if (output.includes('ready for connections')) resolve(server);
  });
  server.once('error', reject);
  server.once('exit', (code) => reject(new Error(`mariadbd ended with ${String(code)}:\n${output}`)));
  return await promise;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}
