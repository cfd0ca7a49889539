/**
 * From the start of the process to 200 of /readyz, for an empty hub on an empty folder; then its memory once idle.
 *
 *     node tools/run.mjs benchmarks/start.ts [--json] [--times 5] [--idle 5]
 *
 * The hub runs from the sources, as `npm start` has it, with what earlier starts compiled in the cache: the first start of a
 * fresh clone takes longer. Local sinks and sandboxes run in a process of their own, which is not counted.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { removeDataDir } from '../test/support/start-hub.ts';
import { interruptible } from './support/interruptible.ts';
import { cpuMicrosecondsOf, describeMachine, quantile, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    times: { type: 'string', default: '5' },
    idle: { type: 'string', default: '5' },
  },
});
const TENDRIL = fileURLToPath(new URL('../cli/bin/tendril.mjs', import.meta.url));
const ASK_EVERY_MS = 5;
const START_LIMIT_MS = 60_000;

interface Start {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly idleMiB: number;
}

const machine = describeMachine();
const starts: Start[] = [];
for (let i = 0; i < Number(flags.times); i += 1) starts.push(await startOnce());
const median = (read: (start: Start) => number): number => quantile(starts.map(read), 0.5);
const figures = {
  readyMs: median(({ readyMs }) => readyMs),
  cpuMs: median(({ cpuMs }) => cpuMs),
  idleMiB: median(({ idleMiB }) => idleMiB),
};
if (flags.json) console.log(JSON.stringify({ benchmark: 'start', machine, ...figures, starts }));
else {
  console.log(`Start of an empty hub, median of ${String(starts.length)} (load ${String(machine.loadAverage)} at the beginning)`);
  console.log(`process start to /readyz  ${figures.readyMs.toFixed(0)} ms (processor time ${figures.cpuMs.toFixed(0)} ms)`);
  console.log(`resident after ${flags.idle} s idle   ${figures.idleMiB.toFixed(0)} MiB`);
}

async function startOnce(): Promise<Start> {
  const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-start-'));
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--max-semi-space-size=8',
      '--conditions=tendril-source',
      TENDRIL,
      'start',
      '--empty',
      '--json',
    ],
    {
      env: { MALLOC_ARENA_MAX: '2', ...process.env, PORT: String(port), TENDRIL_HOME: folder },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const pid = child.pid ?? 0;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    while (!(await isReady(port))) {
      if (performance.now() - startedAt > START_LIMIT_MS || child.exitCode !== null) throw new Error('the hub did not become ready');
      await pause(ASK_EVERY_MS);
    }
    const readyMs = performance.now() - startedAt;
    const cpuMs = cpuMicrosecondsOf(pid) / 1_000;
    await interruptible(pause(Number(flags.idle) * 1_000));
    return { readyMs, cpuMs, idleMiB: residentMiB(pid) };
  } finally {
    child.kill('SIGINT');
    await ended;
    removeDataDir(folder);
  }
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

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
