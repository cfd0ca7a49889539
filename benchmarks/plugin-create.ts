/**
 * From nothing to a green `plugins test`: `plugins create` and `plugins test`, as a person types them, in an empty folder.
 *
 *     node tools/run.mjs benchmarks/plugin-create.ts [--json] [--times 3] [--kind connector]
 *
 * The command runs from the sources, with what earlier starts compiled in the cache. The kit runs every check twice, in the
 * process of the hub and in one of the plugin's own, then the plugin's own tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTendril } from '../test/support/tendril.ts';
import { describeMachine, quantile } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    times: { type: 'string', default: '3' },
    kind: { type: 'string', default: 'connector' },
  },
});

interface Turn {
  readonly createMs: number;
  readonly testMs: number;
  readonly checks: number;
}

const machine = describeMachine();
const turns: Turn[] = [];
for (let i = 0; i < Number(flags.times); i += 1) turns.push(await turn());
const median = (read: (turn: Turn) => number): number => quantile(turns.map(read), 0.5);
const figures = {
  kind: flags.kind,
  createMs: median(({ createMs }) => createMs),
  testMs: median(({ testMs }) => testMs),
  totalMs: median(({ createMs, testMs }) => createMs + testMs),
  checks: median(({ checks }) => checks),
};
if (flags.json) console.log(JSON.stringify({ benchmark: 'plugin-create', machine, ...figures, turns }));
else {
  console.log(`A new ${flags.kind}, median of ${String(turns.length)} (load ${String(machine.loadAverage)} at the beginning)`);
  console.log(`plugins create  ${figures.createMs.toFixed(0)} ms`);
  console.log(`plugins test    ${figures.testMs.toFixed(0)} ms, ${String(figures.checks)} checks passed`);
  console.log(`together        ${figures.totalMs.toFixed(0)} ms`);
}

async function turn(): Promise<Turn> {
  const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-create-'));
  const options = { home: join(folder, 'no-hub'), cwd: folder };
  try {
    const startedAt = performance.now();
    const created = await runTendril(['plugins', 'create', '--kind', flags.kind, '--id', 'acme_crm', '--yes'], options);
    const createdAt = performance.now();
    const tested = await runTendril(['plugins', 'test', 'acme_crm'], options);
    const testedAt = performance.now();
    const [, checks] = /(\d+) passed/.exec(tested.stdout.slice(tested.stdout.lastIndexOf('\n\n'))) ?? [];
    if (created.code !== 0 || tested.code !== 0 || checks === undefined)
      throw new Error(`It is not green:\n${created.stderr}${tested.stdout}${tested.stderr}`);
    return { createMs: createdAt - startedAt, testMs: testedAt - createdAt, checks: Number(checks) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
