/**
 * From the start of the process to 200 of /readyz, for an empty hub on an empty folder; then its memory once idle.
 *
 *     node tools/run.mjs benchmarks/start.ts [--json] [--times 5] [--idle 5]
 *
 * The hub runs from the sources, as `npm start` has it, with what earlier starts compiled in the cache: the first start of a
 * fresh clone takes longer. Local sinks and sandboxes run in a process of their own, which is not counted.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeDataDir } from '../test/support/start-hub.ts';
import { interruptible } from './support/interruptible.ts';
import { describeMachine, quantile, residentMiB } from './support/machine.ts';
import { measureStart, pause } from './support/measured-start.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    times: { type: 'string', default: '5' },
    idle: { type: 'string', default: '5' },
  },
});

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
  try {
    const hub = await measureStart(folder);
    try {
      await interruptible(pause(Number(flags.idle) * 1_000));
      return { readyMs: hub.readyMs, cpuMs: hub.cpuMs, idleMiB: residentMiB(hub.pid) };
    } finally {
      await hub.stop();
    }
  } finally {
    removeDataDir(folder);
  }
}
