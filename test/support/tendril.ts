import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const TENDRIL = fileURLToPath(new URL('../../cli/bin/tendril.mjs', import.meta.url));
const FLAGS = ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning'];

/** How a command is run. */
export interface CommandOptions {
  /** `TENDRIL_HOME`. */
  readonly home?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it reads from standard input. */
  readonly input?: string;
}

/** What a command left. */
export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<CommandResult>;
  stdout(): string;
  stderr(): string;
}

/** Starts `tendril` with these words. Nothing of the caller's own installation is seen. */
export function startTendril(words: readonly string[], options: CommandOptions = {}): RunningCommand {
  const { TENDRIL_URL: _url, TENDRIL_KEY: _key, TENDRIL_WRITE_KEY: _writeKey, DATABASE_URL: _database, ...inherited } = process.env;
  const child = spawn(process.execPath, [...FLAGS, TENDRIL, ...words], {
    env: { ...inherited, ...(options.home === undefined ? {} : { TENDRIL_HOME: options.home }), ...options.environment },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<CommandResult>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
  return { process: child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Runs `tendril` with these words to its end. */
export async function runTendril(words: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return startTendril(words, options).ended;
}
