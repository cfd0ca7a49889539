import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { cpuMicrosecondsOf } from './machine.ts';

const TENDRIL = fileURLToPath(new URL('../../cli/bin/tendril.mjs', import.meta.url));
const ASK_EVERY_MS = 5;
const START_LIMIT_MS = 60_000;

/** A hub that was started to be measured. */
export interface MeasuredStart {
  readonly pid: number;
  readonly url: string;
  /** From the start of the process to 200 of /readyz. */
  readonly readyMs: number;
  /** Processor time until then. */
  readonly cpuMs: number;
  /** Of the operator. */
  readonly secretKey: string;
  stop(): Promise<void>;
}

/** Starts an empty hub on a data folder, from the sources as `npm start` has it, and waits until it is ready. */
export async function measureStart(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<MeasuredStart> {
  const port = await freePort();
  const startedAt = performance.now();
  const options = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8', '--conditions=tendril-source'];
  const child = spawn(process.execPath, [...options, TENDRIL, 'start', '--empty', '--json'], {
    env: { MALLOC_ARENA_MAX: '2', ...process.env, ...environment, PORT: String(port), TENDRIL_HOME: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  const pid = child.pid ?? 0;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await ended;
  };
  try {
    while (!(await isReady(port))) {
      if (performance.now() - startedAt > START_LIMIT_MS || child.exitCode !== null) throw new Error('the hub did not become ready');
      await pause(ASK_EVERY_MS);
    }
    const readyMs = performance.now() - startedAt;
    const cpuMs = cpuMicrosecondsOf(pid) / 1_000;
    while (!output.includes('\n')) await pause(ASK_EVERY_MS);
    const { secretKey } = JSON.parse(output.split('\n')[0] ?? '') as { readonly secretKey: string };
    return { pid, url: `http://127.0.0.1:${String(port)}`, readyMs, cpuMs, secretKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves after the time. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
