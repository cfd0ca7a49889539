import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A Restate server of our own with a service of three durable steps. */
export interface Restate {
  readonly version: string;
  /** Invokes the service and waits for its answer. */
  readonly call: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const INSTALL_WITHIN_MS = 180_000;

// The shape of Restate's own measurements: a handler that does three steps, each journalled before the next begins.
const SERVICE = `
import { createServer } from 'node:http2';
import * as restate from '@restatedev/restate-sdk';
const service = restate.service({
  name: 'bench',
  handlers: {
    threeSteps: async (context, input) => {
      const one = await context.run('one', async () => ({ n: input.n + 1 }));
      const two = await context.run('two', async () => ({ n: one.n + 1 }));
      return await context.run('three', async () => ({ n: two.n + 1 }));
    },
  },
});
const server = createServer(restate.endpoint().bind(service).http2Handler());
server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
`;

/**
 * Installs Restate into a folder and starts it there, bound to loopback.
 *
 * @throws Error that says what is missing: the packages, a binary for this machine, or an answer
 */
export async function startRestate(folder: string): Promise<Restate> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  writeFileSync(join(folder, 'service.js'), SERVICE);
  await install(folder);
  const version = await versionOf(folder);
  const [ingress = 0, admin = 0, fabric = 0] = await freePorts(3);
  const server = startServer(folder, { ingress, admin, fabric });
  const service = spawn(process.execPath, ['service.js'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = async (): Promise<void> => {
    agent.destroy();
    await Promise.all([server, service].map(end));
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  try {
    const port = await portOf(service);
    await until(server, async () => (await send(agent, admin, '/deployments', { uri: `http://127.0.0.1:${String(port)}` })) < 300);
    const call = async (): Promise<void> => {
      const status = await send(agent, ingress, '/bench/threeSteps', { n: 1 });
      if (status !== 200) throw new Error(`Restate answered ${String(status)}`);
    };
    await until(server, () =>
      call().then(
        () => true,
        () => false,
      ),
    );
    return { version, call, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function install(folder: string): Promise<void> {
  const npm = ['install', '--no-audit', '--no-fund', '--no-save', '@restatedev/restate-server', '@restatedev/restate-sdk'];
  await promisify(execFile)('npm', npm, { cwd: folder, timeout: INSTALL_WITHIN_MS }).catch((error: unknown) => {
    throw new Error('Restate could not be installed from npm', { cause: error });
  });
}

async function versionOf(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(binaryOf(folder), ['--version']).catch((error: unknown) => {
    throw new Error('there is no binary of restate-server that runs on this machine', { cause: error });
  });
  return stdout.trim().split('\n')[0] ?? '';
}

// Not the script beside it, which would outlive its own end as a process of its own.
function binaryOf(folder: string): string {
  return join(folder, 'node_modules', '@restatedev', `restate-server-${platform()}-${arch()}`, 'bin', 'restate-server');
}

interface Ports {
  readonly ingress: number;
  readonly admin: number;
  readonly fabric: number;
}

function startServer(folder: string, { ingress, admin, fabric }: Ports): ChildProcess {
  return spawn(binaryOf(folder), ['--no-logo', '--listen-mode', 'tcp', '--bind-ip', '127.0.0.1', '--bind-port', String(fabric)], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      ...process.env,
      RESTATE_BASE_DIR: join(folder, 'data'),
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${String(ingress)}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${String(admin)}`,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'error',
      DO_NOT_TRACK: '1',
    },
  });
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function portOf(service: ChildProcess): Promise<number> {
  if (service.stdout === null) throw new Error('the service of Restate has no output');
  for await (const line of createInterface(service.stdout)) {
    const port = /^port (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('the service of Restate did not start');
}

async function until(server: ChildProcess, isDone: () => Promise<boolean>): Promise<void> {
  const lastAt = performance.now() + READY_WITHIN_MS;
  while (!(await isDone().catch(() => false))) {
    if (server.exitCode !== null || performance.now() > lastAt) throw new Error('Restate did not become ready');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @returns the status of the answer */
function send(agent: Agent, port: number, path: string, body: object): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const sent = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (response) => {
    response.resume();
    response.once('end', () => resolve(response.statusCode ?? 0));
    response.once('error', reject);
  });
  sent.once('error', reject);
  sent.end(text);
  return promise;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
