/**
 * Leads from a CSV file: `tendril leads import` in a process of its own against a hub, until profiles and leads have followed.
 *
 *     node tools/run.mjs benchmarks/leads-import.ts [--json] [--rows 50000] [--interrupt]
 *
 * The full form is `--rows 1000000 --interrupt`. The file has a name, a company, a country, a phone number in a third of the rows
 * and an address, of which 5 % are of somebody further up. With `--interrupt` the hub is killed (-9) in the middle and started again,
 * and the import goes on by `--resume`; the time for that is in the figure. The command takes its share of the cores.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { removeDataDir, startHub } from '../test/support/start-hub.ts';
import type { RunningHub } from '../test/support/start-hub.ts';
import { interruptible } from './support/interruptible.ts';
import { cpuMicrosecondsOf, describeMachine, quantile, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '50000' },
    interrupt: { type: 'boolean', default: false },
  },
});

const TENDRIL = fileURLToPath(new URL('../cli/bin/tendril.mjs', import.meta.url));
/** As `npm start` launches it. */
const LAUNCHED = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: '--max-semi-space-size=8' };
/** Of these names are made up: 900 first names and 27,000 last ones. */
const SYLLABLES = 'an be ci do el fa gi ho is ju ka li mo ne os pa qui ro sa ta ul va wi xe yo za bru dre kle stin'.split(' ');
const COUNTRIES = ['DE', 'FR', 'GB', 'IT', 'PL'];
const DUPLICATE_EVERY = 20;
const ROWS_OF_COMPANY = 20;
/** What is waited for: people and leads. Others, such as the search for probable duplicates, may take their time. */
const FOLLOWED = /^(?:profiles\.project|leads\.)/;
const SAMPLE_EVERY_MS = 500;
const CATCH_UP_LIMIT_MS = 280_000;

interface Finished {
  readonly id: string;
  readonly rows: { readonly accepted: number; readonly refused: number };
  readonly people: { readonly new: number; readonly known: number };
  readonly duplicates: { readonly inFile: number };
}

const rowCount = Number(flags.rows);
const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-import-'));
const dataDir = join(folder, 'hub');
try {
  const file = join(folder, 'leads.csv');
  await writeLeads(file);
  report(await interruptible(measure(file)));
} finally {
  removeDataDir(dataDir);
  removeDataDir(folder);
}

async function measure(file: string): Promise<Readonly<Record<string, number>>> {
  let hub = await start();
  const memory: number[] = [];
  const stopSampling = sample(() => hub.process.pid ?? 0, memory);
  try {
    // Starting a hub is no part of an import; starting it anew after the break is.
    let hubCpuMicroseconds = -cpuMicrosecondsOf(hub.process.pid ?? 0);
    const startedAt = performance.now();
    const first = importFile(hub, [file]);
    if (flags.interrupt) {
      await until(async () => (await positionOf(hub)) > rowCount / 2);
      hubCpuMicroseconds += cpuMicrosecondsOf(hub.process.pid ?? 0);
      await hub.kill();
      first.process.kill('SIGKILL');
      await first.done.catch(() => undefined);
      hub = await start();
    }
    const finished = flags.interrupt ? await importFile(hub, [file, '--resume', await openImport(hub)]).done : await first.done;
    const takenInAt = performance.now();
    await until(async () => (await consumersOf(hub)).every(({ id, lag }) => lag === 0 || !FOLLOWED.test(id)));
    const followedAt = performance.now();
    const lagging = Object.fromEntries(
      (await consumersOf(hub)).flatMap(({ id, lag }) => (lag === 0 ? [] : [[`${id} behind by rows`, lag]])),
    );
    const { count } = (await hub.api<{ output: { count: number } }>('POST', '/v1/actions/leads.count', { input: {} })).output;
    const half = memory.slice(Math.floor(memory.length / 2));
    return {
      rows: rowCount,
      peopleToCompareLater: await waitingPeople(hub),
      accepted: finished.rows.accepted,
      refused: finished.rows.refused,
      people: finished.people.new + finished.people.known,
      duplicatesInFile: finished.duplicates.inFile,
      leads: count,
      takenInSeconds: (takenInAt - startedAt) / 1_000,
      followedSeconds: (followedAt - startedAt) / 1_000,
      rowsPerSecond: (rowCount / (followedAt - startedAt)) * 1_000,
      ...lagging,
      hubCpuMicrosecondsPerRow: (hubCpuMicroseconds + cpuMicrosecondsOf(hub.process.pid ?? 0)) / rowCount,
      residentFirstHalfMiB: quantile(memory.slice(0, Math.max(1, memory.length - half.length)), 0.5),
      residentSecondHalfMiB: quantile(half, 0.5),
      residentMaxMiB: quantile(memory, 1),
      logMiB: statSync(join(dataDir, 'log.db')).size / 2 ** 20,
      stateMiB: statSync(join(dataDir, 'state.db')).size / 2 ** 20,
    };
  } finally {
    await stopSampling();
    await hub.stop();
  }
}

async function start(): Promise<RunningHub> {
  return startHub({ dataDir, flags: ['--empty'], environment: LAUNCHED });
}

function importFile(
  hub: RunningHub,
  given: readonly string[],
): { readonly process: ReturnType<typeof spawn>; readonly done: Promise<Finished> } {
  const child = spawn(
    process.execPath,
    ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning', TENDRIL, 'leads', 'import', ...given, '--json'],
    { env: { ...process.env, TENDRIL_URL: hub.url, TENDRIL_KEY: hub.secretKey }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const done = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`the import ended with ${String(code)}: ${output}${errors}`);
    return JSON.parse(output) as Finished;
  });
  done.catch(() => undefined);
  return { process: child, done };
}

async function openImport(hub: RunningHub): Promise<string> {
  const { output } = await hub.api<{ output: { items: readonly { readonly id: string }[] } }>('POST', '/v1/actions/leads.imports', {
    input: {},
  });
  return output.items[0]?.id ?? '';
}

/** Whom the search for probable duplicates has left for later. */
async function waitingPeople(hub: RunningHub): Promise<number> {
  const { output } = await hub.api<{ output: { waiting: number } }>('POST', '/v1/actions/profiles.duplicates', { input: { limit: 1 } });
  return output.waiting;
}

async function consumersOf(hub: RunningHub): Promise<readonly { readonly id: string; readonly lag: number; readonly position: number }[]> {
  return (await hub.api<{ items: readonly { id: string; lag: number; position: number }[] }>('GET', '/v1/consumers')).items;
}

async function positionOf(hub: RunningHub): Promise<number> {
  return Math.max(...(await consumersOf(hub)).map(({ position, lag }) => position + lag));
}

/** @throws Error when it is not so in time */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const last = performance.now() + CATCH_UP_LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > last) throw new Error('it took too long');
    await pause(100);
  }
}

function sample(pid: () => number, into: number[]): () => Promise<void> {
  let isStopped = false;
  const looking = (async () => {
    while (!isStopped) {
      try {
        into.push(residentMiB(pid()));
      } catch {
        // between two hubs
      }
      await pause(SAMPLE_EVERY_MS);
    }
  })();
  return async () => {
    isStopped = true;
    await looking;
  };
}

async function writeLeads(path: string): Promise<void> {
  const file = createWriteStream(path);
  file.write('E-Mail,First Name,Last Name,Company,Country,Phone,Employees\n');
  for (let row = 0; row < rowCount; row += 1) {
    const isDuplicate = row % DUPLICATE_EVERY === DUPLICATE_EVERY - 1;
    const person = isDuplicate ? row - (row % 1_000) - (row % 7) * DUPLICATE_EVERY : row;
    if (!file.write(lineOf(Math.max(0, person), row))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

function lineOf(person: number, row: number): string {
  const first = nameOf(person * 7_919, 2);
  const last = nameOf(person * 104_729 + 17, 3);
  const company = Math.floor(person / ROWS_OF_COMPANY);
  const phone = person % 3 === 0 ? `+4915${String(100_000_000 + person)}` : '';
  const email = `${first}.${last}${String(person)}@company${String(company)}.example`.toLowerCase();
  return `${email},${first},${last},"Company ${String(company)}, Ltd",${COUNTRIES[person % 5] ?? ''},${phone},${String(row % 500)}\n`;
}

function nameOf(seed: number, syllables: number): string {
  let rest = seed;
  let name = '';
  for (let count = 0; count < syllables; count += 1) {
    name += SYLLABLES[rest % SYLLABLES.length] ?? '';
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return name.charAt(0).toUpperCase() + name.slice(1);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

function report(figures: Readonly<Record<string, number>>): void {
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: 'leads-import', machine, ...figures }));
    return;
  }
  console.log(
    `Import of leads; the command on the same machine (${String(machine.cores)} cores, load ${String(machine.loadAverage)} at the beginning)`,
  );
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(36)} ${value.toFixed(value < 100 ? 2 : 0).padStart(12)}`);
}
