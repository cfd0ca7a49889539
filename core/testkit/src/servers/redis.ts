import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from './free-port.ts';

const PROGRAM = '/usr/bin/redis-server';

/** A server of its own for tests. */
export interface RedisServer {
  /** As `REDIS_URL` takes it. */
  readonly url: string;
  readonly port: number;
  /** Makes it forget everything. */
  flush(): Promise<void>;
  /** Kills the server, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Why a test of the server has to be left out, or `undefined` when it can run. */
export async function missingRedis(): Promise<string | undefined> {
  const isThere = await access(PROGRAM).then(
    () => true,
    () => false,
  );
  return isThere ? undefined : `${PROGRAM} is not installed; on Debian: apt-get install redis-server`;
}

/** Starts a Redis on a free port, with an append-only file in a temporary folder of its own. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tendril-redis-'));
  const port = await findFreePort();
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  let server = await launch(options);
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    port,
    flush: () => flush(port),
    kill: () => end(server),
    start: async () => {
      server = await launch(options);
    },
    stop: async () => {
      await end(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(options: readonly string[]): Promise<ChildProcess> {
  const server = spawn(PROGRAM, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<ChildProcess>();
  let output = '';
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-10_000);
    if (output.includes('Ready to accept connections')) resolve(server);
  });
  server.once('error', reject);
  server.once('exit', (code) => reject(new Error(`redis-server ended with ${String(code)}:\n${output}`)));
  return await promise;
}

async function flush(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.end('FLUSHALL\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  if (!answer.toString().startsWith('+OK')) throw new Error(`redis-server answered ${answer.toString()}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}
