/**
 * What plugins cost a hub that has many: start and memory with none, with a hundred that run in its process, and with a hundred
 * foreign ones enabled, ten of which run in processes of their own.
 *
 *     node tools/run.mjs benchmarks/plugins.ts [--json] [--plugins 100] [--running 10] [--idle 5]
 *
 * Every plugin has an action with code and two schemas, and is pinned by tendril.lock, so each start compares its files with the lock. The
 * measured start is the second one: the first makes tenant and keys and enables the plugins.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { childrenOf, describeMachine, quantile, residentMiB } from './support/machine.ts';
import { removeDataDir } from '../test/support/start-hub.ts';
import { installMany } from './support/install-many.ts';
import { interruptible } from './support/interruptible.ts';
import { measureStart, pause } from './support/measured-start.ts';
import type { MeasuredStart } from './support/measured-start.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    plugins: { type: 'string', default: '100' },
    running: { type: 'string', default: '10' },
    idle: { type: 'string', default: '5' },
  },
});
const COUNT = Number(flags.plugins);
const RUNNING = Number(flags.running);

interface Figures {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly residentMiB: number;
  /** Of each process of a plugin. */
  readonly childrenMiB: readonly number[];
}

const machine = describeMachine();
const none = await measure(0, true, 0);
const inProcess = await measure(COUNT, true, 0);
const foreign = await measure(COUNT, false, RUNNING);
const eachMiB = (inProcess.residentMiB - none.residentMiB) / COUNT;
const figures = { none, inProcess, foreign, inProcessEachMiB: eachMiB, childMedianMiB: quantile(foreign.childrenMiB, 0.5) };
if (flags.json) console.log(JSON.stringify({ benchmark: 'plugins', machine, plugins: COUNT, ...figures }));
else {
  const line = (name: string, { readyMs, cpuMs, residentMiB: mib }: Figures): string =>
    `${name.padEnd(44)} ready after ${readyMs.toFixed(0)} ms (processor time ${cpuMs.toFixed(0)} ms), ${mib.toFixed(0)} MiB resident`;
  console.log(`A hub with many plugins (load ${String(machine.loadAverage)} at the beginning)`);
  console.log(line('without', none));
  console.log(line(`${COUNT} in its process`, inProcess));
  console.log(line(`${COUNT} foreign ones enabled, ${RUNNING} of them running`, foreign));
  console.log(
    `in process ${eachMiB.toFixed(2)} MiB each; a plugin's own process ${figures.childMedianMiB.toFixed(1)} MiB (median of ${foreign.childrenMiB.length})`,
  );
}

async function measure(count: number, isTrusted: boolean, running: number): Promise<Figures> {
  const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-plugins-'));
  try {
    const ids = await installMany(folder, count, isTrusted);
    const first = await measureStart(folder);
    for (const id of ids) await enable(first, id);
    await first.stop();
    const hub = await measureStart(folder);
    try {
      await Promise.all(ids.slice(0, running).map((id) => call(hub, id)));
      await interruptible(pause(Number(flags.idle) * 1_000));
      const children = running === 0 ? [] : childrenOf(hub.pid).filter(({ command }) => command.includes('--permission'));
      return {
        readyMs: hub.readyMs,
        cpuMs: hub.cpuMs,
        residentMiB: residentMiB(hub.pid),
        childrenMiB: children.map(({ pid }) => residentMiB(pid)),
      };
    } finally {
      await hub.stop();
    }
  } finally {
    removeDataDir(folder);
  }
}

async function enable(hub: MeasuredStart, id: string): Promise<void> {
  const { permissionsHash } = (await ask(hub, 'GET', `/v1/plugins/${id}`)) as { readonly permissionsHash: string };
  await ask(hub, 'POST', `/v1/plugins/${id}/enable`, { consent: permissionsHash });
}

async function call(hub: MeasuredStart, id: string): Promise<void> {
  await ask(hub, 'POST', `/v1/actions/${id}.echo`, { input: { text: 'hello' } });
}

async function ask({ url, secretKey }: MeasuredStart, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
