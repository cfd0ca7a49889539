/**
 * A webhook comes in, one `set`, the answer goes out: durable, on SQLite (WAL, synchronous FULL), over HTTP. Beside it
 * Node-RED 5 does the same (`http in`, `change`, `http response`) in the same run; it keeps nothing on disk.
 *
 *     node tools/run.mjs benchmarks/webhook.ts [--json] [--seconds 15] [--connections 100] [--node-red FOLDER]
 *
 * The load generator is another process on the same machine and takes its share of the cores. Node-RED is installed from
 * npm into a temporary folder, or taken from FOLDER where it is installed already; `--node-red none` leaves it out.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeDataDir, startHub } from '../test/support/start-hub.ts';
import { interruptible } from './support/interruptible.ts';
import { cpuMicrosecondsOf, describeMachine, measureFsyncMs } from './support/machine.ts';
import { runWebhookLoad } from './support/webhook-load.ts';
import type { WebhookReport } from './support/webhook-load.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '15' },
    connections: { type: 'string', default: '100' },
    'node-red': { type: 'string' },
  },
});
/** As `npm start` launches it. */
const LAUNCHED = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: '--max-semi-space-size=8' };
const NODE_RED = 'node-red@5';
const WARM_UP_SECONDS = 4;
const BODY = JSON.stringify({ name: 'Ada' });
const EXPECTED = '"greeting":"Hello Ada"';
const PIPELINE = `
pipeline: bench_hook
trigger: { webhook: { answer: result } }
output: { greeting: "\${{ steps.kept.output.greeting }}" }
steps:
  - { id: kept, set: { greeting: "Hello \${{ input.body.name }}" } }
`;

interface Figures extends WebhookReport {
  readonly cpuMicrosecondsEach: number;
}

const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-webhook-'));
try {
  const tendril = await measureTendril();
  const nodeRed = flags['node-red'] === 'none' ? undefined : await measureNodeRed();
  report({ tendril, ...(nodeRed !== undefined && { nodeRed }), fsyncMs: measureFsyncMs(folder) });
} finally {
  removeDataDir(join(folder, 'hub'));
  removeDataDir(folder);
}

async function measureTendril(): Promise<Figures> {
  const hub = await startHub({ dataDir: join(folder, 'hub'), flags: ['--empty'], environment: LAUNCHED });
  try {
    const { webhookPath } = await hub.api<{ webhookPath: string }>('POST', '/v1/pipelines', { source: PIPELINE });
    return await load(`${hub.url}${webhookPath}`, hub.process.pid ?? 0);
  } finally {
    await hub.stop();
  }
}

async function load(url: string, pid: number): Promise<Figures> {
  const before = cpuMicrosecondsOf(pid);
  const seconds = Number(flags.seconds);
  const options = { url, body: BODY, expected: EXPECTED, connections: Number(flags.connections), warmUpSeconds: WARM_UP_SECONDS, seconds };
  const figures = await interruptible(runWebhookLoad(options));
  // The warming up is about as fast as the rest.
  const requests = figures.perSecond * (seconds + WARM_UP_SECONDS);
  return { ...figures, cpuMicrosecondsEach: (cpuMicrosecondsOf(pid) - before) / requests };
}

async function measureNodeRed(): Promise<Figures> {
  const installed = flags['node-red'] ?? installNodeRed();
  const userDir = join(folder, 'node-red-user');
  mkdirSync(userDir);
  const port = await freePort();
  writeFileSync(
    join(userDir, 'settings.cjs'),
    `module.exports = ${JSON.stringify({ uiPort: port, uiHost: '127.0.0.1', httpAdminRoot: false, flowFile: 'flows.json', logging: { console: { level: 'error' } } })};`,
  );
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows()));
  const child = spawn(
    process.execPath,
    [join(installed, 'node_modules/node-red/red.js'), '-u', userDir, '-s', join(userDir, 'settings.cjs')],
    {
      stdio: 'ignore',
    },
  );
  try {
    const url = `http://127.0.0.1:${String(port)}/hook`;
    await untilAnswering(url);
    return await load(url, child.pid ?? 0);
  } finally {
    await ended(child);
  }
}

function installNodeRed(): string {
  const target = join(folder, 'node-red');
  mkdirSync(target);
  writeFileSync(join(target, 'package.json'), '{"private":true}');
  execFileSync('npm', ['install', NODE_RED, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: target,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return target;
}

function flows(): readonly object[] {
  const tab = { z: 'tab', x: 1, y: 1 };
  const rule = { t: 'set', p: 'payload', pt: 'msg', to: '{"greeting": "Hello " & payload.name}', tot: 'jsonata' };
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    { ...tab, id: 'in', type: 'http in', url: '/hook', method: 'post', wires: [['change']] },
    { ...tab, id: 'change', type: 'change', rules: [rule], wires: [['out']] },
    { ...tab, id: 'out', type: 'http response', statusCode: '200', headers: {}, wires: [] },
  ];
}

async function untilAnswering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: BODY }).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('Node-RED does not answer');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await end;
}

function report({ tendril, nodeRed, fsyncMs }: { readonly tendril: Figures; readonly nodeRed?: Figures; readonly fsyncMs: number }): void {
  const ratio = nodeRed === undefined ? undefined : tendril.perSecond / nodeRed.perSecond;
  if (flags.json) {
    console.log(
      JSON.stringify({ benchmark: 'webhook', machine, connections: Number(flags.connections), tendril, nodeRed, ratio, fsyncMs }),
    );
    return;
  }
  console.log(
    `Webhook in, one set, answer out, ${flags.connections} connections; load generator on the same machine (${String(machine.cores)} cores, load ${String(machine.loadAverage)} at the beginning)`,
  );
  const line = (name: string, { perSecond, p50Ms, p99Ms, maxMs, wrong, cpuMicrosecondsEach }: Figures): string =>
    `${name.padEnd(28)} ${perSecond.toFixed(0).padStart(7)}/s  p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms  max ${maxMs.toFixed(0)} ms  wrong ${String(wrong)}  ${cpuMicrosecondsEach.toFixed(0)} µs of processor time each`;
  console.log(line('Tendril, on disk', tendril));
  if (nodeRed !== undefined) console.log(line('Node-RED 5, in memory', nodeRed));
  if (ratio !== undefined) console.log(`ratio                        ${ratio.toFixed(2)}`);
  console.log(`fsync of 4 KiB               ${fsyncMs.toFixed(2)} ms`);
}
