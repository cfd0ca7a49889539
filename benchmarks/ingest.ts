/**
 * Ingest over HTTP, beside bare inserts of the same rows: batches of 20, one name in seven checked against a JSON
 * Schema, deduplicated, sealed, on disk (WAL, synchronous FULL) before the answer; consumers paused.
 *
 *     node tools/run.mjs benchmarks/ingest.ts [--json] [--seconds 20] [--connections 32]
 *
 * The load generator is another process on the same machine and takes its share of the cores. When it has ended and the
 * hub is stopped, rows that the hub wrote are read back and inserted into an empty database with the store's own tables
 * and indexes by better-sqlite3 alone, 32 x 20 in a transaction.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeDataDir, startHub } from '../test/support/start-hub.ts';
import type { RunningHub } from '../test/support/start-hub.ts';
import { CHECKED_EVENT, CHECKED_SCHEMA } from './support/events.ts';
import { interruptible } from './support/interruptible.ts';
import { runLoad } from './support/load.ts';
import { cpuMicrosecondsOf, describeMachine, measureFsyncMs, residentMiB } from './support/machine.ts';
import { measureBareInserts } from './support/bare-inserts.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '32' },
  },
});
/** As `npm start` launches it. */
const LAUNCHED = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: '--max-semi-space-size=8' };
const BATCH_SIZE = 20;
const WARM_UP_SECONDS = 5;
const SHAPE = { people: 100_000, eventsOfSession: 4, identifyEvery: 10, orderEvery: 0, duplicateEvery: 100 };
const connections = Number(flags.connections);

const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-ingest-'));
try {
  const hub = await startHub({ dataDir: join(folder, 'hub'), flags: ['--empty'], environment: LAUNCHED });
  const measured = await measureHub(hub);
  const fsyncMs = measureFsyncMs(folder);
  mkdirSync(join(folder, 'bare'));
  const bare = measureBareInserts({
    from: join(folder, 'hub', 'log.db'),
    folder: join(folder, 'bare'),
    rowsOfTransaction: connections * BATCH_SIZE,
  });
  report({ ...measured, ...bare, ratio: measured.eventsPerSecond / bare.bareRowsPerSecond, fsyncMs });
} finally {
  removeDataDir(join(folder, 'hub'));
  removeDataDir(folder);
}

async function measureHub(hub: RunningHub) {
  try {
    await hub.api('PUT', `/v1/schemas/${encodeURIComponent(CHECKED_EVENT)}`, { schema: CHECKED_SCHEMA });
    const { items } = await hub.api<{ items: readonly { id: string }[] }>('GET', '/v1/consumers');
    for (const { id } of items) await hub.api('POST', `/v1/consumers/${id}/pause`);
    const pid = hub.process.pid ?? 0;
    const cpuBefore = cpuMicrosecondsOf(pid);
    const load = await interruptible(
      runLoad({
        url: hub.url,
        writeKey: hub.writeKey,
        connections,
        batchSize: BATCH_SIZE,
        shape: SHAPE,
        warmUpSeconds: WARM_UP_SECONDS,
        seconds: Number(flags.seconds),
        firstId: 1,
      }),
    );
    return {
      ...load,
      hubCpuMicrosecondsPerEvent: (cpuMicrosecondsOf(pid) - cpuBefore) / load.events,
      loadCpuMicrosecondsPerEvent: load.cpuMicroseconds / load.events,
      residentMiB: residentMiB(pid),
    };
  } finally {
    await hub.stop();
  }
}

function report(figures: Readonly<Record<string, number>>): void {
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: 'ingest', machine, connections, batchSize: BATCH_SIZE, ...figures }));
    return;
  }
  console.log(
    `Ingest over HTTP, ${String(connections)} connections x batches of ${String(BATCH_SIZE)}; load generator on the same machine (${String(machine.cores)} cores, load ${String(machine.loadAverage)} at the beginning)`,
  );
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(30)} ${value.toFixed(value < 100 ? 2 : 0).padStart(12)}`);
}
