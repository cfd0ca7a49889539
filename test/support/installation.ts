import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingMariadb, startMariadb } from '@tendril/testkit/stores';
import type { Mariadb } from '@tendril/testkit/stores';
import { missingRedis, startRedis } from '@tendril/testkit/wake-ups';
import type { RedisServer } from '@tendril/testkit/wake-ups';
import { removeDataDir, startHub } from './start-hub.ts';
import type { RunningHub } from './start-hub.ts';

/** Processes with roles on one MariaDB and one Redis. All share a data folder, and so the sandboxes in it. */
export interface Installation {
  readonly database: Mariadb;
  readonly redis: RedisServer;
  readonly dataDir: string;
  /** Another process; it ends with the installation. */
  start(role: string, environment?: Readonly<Record<string, string>>, flags?: readonly string[]): Promise<RunningHub>;
  /** What the services did for the hub: how many different things, and how many more than once. */
  effects(): Promise<readonly { readonly keys: number; readonly doubled: number }[]>;
  close(): Promise<void>;
}

/** Why it cannot be opened here, or `undefined`. */
export async function missingServers(): Promise<string | undefined> {
  return (await missingMariadb()) ?? (await missingRedis());
}

/** Starts the servers; no process of the hub yet. */
export async function openInstallation(): Promise<Installation> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tendril-roles-'));
  const [database, redis] = await Promise.all([startMariadb(), startRedis()]);
  const processes: RunningHub[] = [];
  return {
    database,
    redis,
    dataDir,
    async start(role, environment = {}, flags = []) {
      const hub = await startHub({
        dataDir,
        flags: ['--empty', '--role', role, ...flags],
        environment: { DATABASE_URL: database.url, REDIS_URL: redis.url, ...environment },
      });
      processes.push(hub);
      return hub;
    },
    async effects() {
      const { services } = JSON.parse(readFileSync(join(dataDir, 'sandbox', 'sandboxes.json'), 'utf8')) as {
        services: { salesforce: { url: string }; smtp: { apiUrl: string } };
      };
      return Promise.all(
        [services.salesforce.url, services.smtp.apiUrl].map(async (url) => {
          const { keys, doubled } = (await (await fetch(`${url}/_sandbox/status`)).json()) as { keys: number; doubled: number };
          return { keys, doubled };
        }),
      );
    },
    async close() {
      // One that stands still hears nothing else.
      for (const hub of processes) hub.process.kill('SIGCONT');
      const alive = processes.filter(({ process: { exitCode, signalCode } }) => exitCode === null && signalCode === null);
      await Promise.all(alive.map((hub) => hub.kill()));
      removeDataDir(dataDir);
      await Promise.all([database.stop(), redis.stop()]);
    },
  };
}

/** The value of a figure of a process, of the series whose labels hold the text. */
export async function figure(hub: RunningHub, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${hub.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name) && each.includes(label));
  return Number(line?.split(' ').at(-1) ?? NaN);
}
