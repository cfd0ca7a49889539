import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TENDRIL = fileURLToPath(new URL('../../cli/bin/tendril.mjs', import.meta.url));
const START_TIMEOUT_MS = 60_000;

/** A hub in a process of its own, as its user starts it. */
export interface RunningHub {
  readonly url: string;
  readonly writeKey: string;
  readonly secretKey: string;
  readonly tenant: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** Everything that it wrote to standard error so far. */
  errors(): string;
  /** Asks the API with the secret key. @throws Error when the answer is not a success */
  api<Answer>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Sends calls by `/v1/batch` with the write key; resolves with the status. */
  send(batch: readonly unknown[]): Promise<number>;
  /** Ctrl-C. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** How a hub is started. */
export interface StartOptions {
  /** A data folder that is there already; a new one without it. */
  readonly dataDir?: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts `tendril start --json` on a free port and waits for its line. */
export async function startHub(options: StartOptions = {}): Promise<RunningHub> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tendril-hub-'));
  const child = spawn(
    process.execPath,
    ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning', TENDRIL, 'start', '--json', ...(options.flags ?? [])],
    {
      env: { ...process.env, PORT: '0', TENDRIL_HOME: dataDir, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const line = await firstLine(child, () => errors);
  const ready = JSON.parse(line) as { url: string; writeKey: string; secretKey: string; tenant: string; dataDir: string };
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    ...ready,
    process: child,
    errors: () => errors,
    async api<Answer>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
      const response = await fetch(`${ready.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${ready.secretKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    },
    async send(batch) {
      const response = await fetch(`${ready.url}/v1/batch`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${ready.writeKey}:`)}`, 'content-type': 'application/json' },
        body: JSON.stringify({ batch }),
      });
      await response.arrayBuffer();
      return response.status;
    },
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The one line that `--json` gives; a failure is a document of several lines and comes before the end of the process. */
async function firstLine(child: ChildProcess, errors: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`The hub did not start in time.\n${errors()}`)), START_TIMEOUT_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end < 0 || text.trim().startsWith('{\n')) return;
      clearTimeout(timer);
      resolve(text.slice(0, end));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The hub ended with ${String(code ?? signal)} before it was ready.\n${text}${errors()}`));
    });
  });
}

/** Ends what a data folder left running, and removes it. */
export function removeDataDir(dataDir: string): void {
  const file = join(dataDir, 'sandbox', 'sandboxes.json');
  if (existsSync(file)) {
    try {
      process.kill((JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid, 'SIGKILL');
    } catch {
      // ended already
    }
  }
  rmSync(dataDir, { recursive: true, force: true });
}

/** Asks again until the answer is as wanted. @throws Error after the time, with the last answer */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  timeoutMs = 30_000,
): Promise<Answer> {
  const until = Date.now() + timeoutMs;
  let last: Answer | undefined;
  let failure: unknown;
  while (Date.now() < until) {
    try {
      last = await ask();
      failure = undefined;
      if (isWanted(last)) return last;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw failure instanceof Error ? failure : new Error(`Not as wanted in time: ${JSON.stringify(last)?.slice(0, 2000)}`);
}
