/**
 * Calls of a plugin's actions: in this process and in one of its own, beside the barest thing that does the same.
 *
 *     node tools/run.mjs benchmarks/plugin-calls.ts [--json] [--seconds 3]
 *
 * - `read` in process: through a hub's action service (tenant, permissions, schemas, limits), beside calling the handler;
 * - `write` in process: the handler with its changes in one commit of the store, beside that commit alone; and through the action
 *   service, where it is a durable run of one step, which is more than one commit;
 * - in a child: 1 KB there and back, beside a round trip of the same body over Node's own IPC without anything around it.
 *
 * They take turns, a second at a time; `write` and its commit call by call. TENDRIL_BENCH_DIR says on which disk.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { JsonObject } from '@tendril/plugin-api';
import { createHub, systemRandom, systemTimers } from '@tendril/engine';
import { createPluginHost } from '@tendril/engine/plugins';
import type { PluginHost } from '@tendril/engine/plugins';
import { createIsolation } from '@tendril/isolation';
import { createSqliteStores } from '@tendril/stores';
import { createTenants, TENANT_TABLES } from '../core/engine/src/tenants/index.ts';
import type { Tenants } from '../core/engine/src/tenants/index.ts';
import { createKeyring, VAULT_TABLES } from '../core/engine/src/vault/index.ts';
import { echoPlugin } from './support/echo-plugin.ts';
import { interruptible } from './support/interruptible.ts';
import { describeMachine, measureFsyncMs, quantile, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '3' } },
});
const seconds = Number(flags.seconds);
const TENANT = 'bench';
const AT_ONCE = 32;
const INPUT: JsonObject = { id: 'a', body: 'x'.repeat(1_000) };
const RUN = { isTest: false, idempotencyKey: 'bench', attempt: 1 };
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };

interface Figures {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

interface Subject {
  readonly width: number;
  readonly once: () => unknown;
  readonly times: number[];
  tookMs: number;
}

function subject(width: number, once: () => unknown): Subject {
  return { width, once, times: [], tookMs: 0 };
}

async function measure(each: Subject): Promise<void> {
  const start = performance.now();
  const end = start + 1_000;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      const from = performance.now();
      await each.once();
      each.times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: each.width }, loop));
  each.tookMs += performance.now() - start;
}

/** One after the other, so that a busy disk is busy for both. */
async function measurePair(pair: readonly Subject[]): Promise<void> {
  const end = performance.now() + 2_000;
  while (performance.now() < end) {
    for (const each of pair) {
      const from = performance.now();
      await each.once();
      const tookMs = performance.now() - from;
      each.times.push(tookMs);
      each.tookMs += tookMs;
    }
  }
}

function figuresOf({ times, tookMs }: Subject): Figures {
  return { perSecond: (times.length * 1_000) / tookMs, p50Us: quantile(times, 0.5) * 1_000, p99Us: quantile(times, 0.99) * 1_000 };
}

async function openHub(folder: string) {
  const stores = await createSqliteStores({ folder });
  const hub = await createHub({ stores, masterKey: new Uint8Array(32).fill(1), log: quiet, plugins: [await echoPlugin(true)] });
  await hub.admin.create({ id: TENANT, name: TENANT });
  const tenant = await hub.tenant(TENANT);
  await tenant.plugins.enable('echo');
  await hub.start();
  return {
    tenant,
    close: async () => {
      await hub.stop();
      await stores.state.close();
      await stores.log.close();
    },
  };
}

/** Stores with a tenant, and plugin hosts over them: what runs handlers, without the path of actions. */
async function openHosts(folder: string) {
  const stores = await createSqliteStores({ folder });
  await stores.state.defineTables([...TENANT_TABLES, ...VAULT_TABLES]);
  const clock = { now: () => Date.now() };
  const keyring = createKeyring({ state: stores.state, masterKey: new Uint8Array(32).fill(1), random: systemRandom });
  const tenants: Tenants = createTenants({ stores, keyring, clock });
  await tenants.admin.create({ id: TENANT, name: TENANT });
  const isolation = createIsolation();
  const hosts: PluginHost[] = [];
  for (const isTrusted of [true, false]) {
    const host = createPluginHost({
      sources: [await echoPlugin(isTrusted)],
      isolation,
      tenants,
      clock,
      timers: systemTimers,
      log: quiet,
      callAction: async () => ({ output: null, changes: [] }),
    });
    await host.start();
    await stores.state.defineTables(host.tables());
    hosts.push(host);
  }
  const [trusted, isolated] = hosts;
  if (trusted === undefined || isolated === undefined) throw new Error('no hosts');
  return {
    trusted,
    isolated,
    tenant: await tenants.open(TENANT),
    close: async () => {
      for (const host of hosts) await host.stop();
      await stores.state.close();
      await stores.log.close();
    },
  };
}

function runner(host: PluginHost, name: string) {
  const action = host.action(name);
  if (action === undefined) throw new Error(`no action ${name}`);
  return (input: JsonObject) => host.runAction(TENANT, action, input, RUN);
}

/** A round trip over Node's IPC; answers come in the order of the questions. */
function bareTrips(peer: ChildProcess): () => Promise<unknown> {
  const waiting: ((answer: unknown) => void)[] = [];
  peer.on('message', (answer) => waiting.shift()?.(answer));
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      peer.send(INPUT);
    });
}

/** Resident memory of the one plugin's process that this process has started. */
function childMiB(): number {
  const children = readFileSync(`/proc/${String(process.pid)}/task/${String(process.pid)}/children`, 'utf8')
    .trim()
    .split(' ');
  const pid = children.find((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('bootstrap'));
  if (pid === undefined) throw new Error('no process of the plugin');
  return residentMiB(Number(pid));
}

const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-plugin-calls-'));
const hub = await openHub(join(folder, 'hub'));
const hosts = await openHosts(join(folder, 'hosts'));
const peer = fork(fileURLToPath(new URL('./support/bare-echo.mjs', import.meta.url)), { execArgv: [] });

async function measureAll() {
  const fsyncMs = measureFsyncMs(folder);
  const startedAt = performance.now();
  const child = runner(hosts.isolated, 'echo.echo');
  await child(INPUT);
  const firstCallMs = performance.now() - startedAt;
  const keep = runner(hosts.trusted, 'echo.keep');
  const plain = async (input: JsonObject): Promise<JsonObject> => input;
  const trip = bareTrips(peer);
  const { changes } = await keep(INPUT);
  const subjects = {
    read: subject(1, () => hub.tenant.actions.call('echo.echo', INPUT)),
    bareCall: subject(1, () => plain(INPUT)),
    write: subject(1, async () => hosts.tenant.state.commit((await keep(INPUT)).changes)),
    bareCommit: subject(1, () => hosts.tenant.state.commit(changes)),
    writeRun: subject(1, () => hub.tenant.actions.call('echo.keep', INPUT)),
    child: subject(1, () => child(INPUT)),
    bareTrip: subject(1, trip),
    childMany: subject(AT_ONCE, () => child(INPUT)),
    bareTripMany: subject(AT_ONCE, trip),
  };
  for (const each of Object.values(subjects)) for (let i = 0; i < 300; i += 1) await each.once();
  const { write, bareCommit, ...others } = subjects;
  for (let second = 0; second < seconds; second += 1) {
    await measurePair([write, bareCommit]);
    for (const each of Object.values(others)) await measure(each);
  }
  const figures = Object.fromEntries(Object.entries(subjects).map(([name, each]) => [name, figuresOf(each)]));
  return { fsyncMs, firstCallMs, childMiB: childMiB(), figures: figures as Record<keyof typeof subjects, Figures> };
}

/** A process that has just been started and has nothing to do. */
async function idleMiB(): Promise<number> {
  const fresh = await openHosts(join(folder, 'idle'));
  try {
    await runner(fresh.isolated, 'echo.echo')(INPUT);
    return childMiB();
  } finally {
    await fresh.close();
  }
}

async function clean(): Promise<void> {
  peer.kill();
  await hosts.close();
  await hub.close();
}

const measured = await interruptible(measureAll()).finally(clean);
const idle = await idleMiB();
rmSync(folder, { recursive: true, force: true });
const { figures } = measured;
const writeRatio = figures.write.p50Us / figures.bareCommit.p50Us;

if (flags.json) {
  console.log(JSON.stringify({ benchmark: 'plugin-calls', machine, ...measured, idleMiB: idle, writeRatio }));
} else {
  const row = (name: string, { perSecond, p50Us, p99Us }: Figures): void =>
    console.log(name.padEnd(52) + [p50Us.toFixed(1), p99Us.toFixed(1), perSecond.toFixed(0)].map((cell) => cell.padStart(12)).join(''));
  console.log(`${String(machine.cores)} cores (${machine.processor}), Node ${machine.node}, load ${String(machine.loadAverage)}`);
  console.log(`one fsync of 4 KiB takes ${measured.fsyncMs.toFixed(2)} ms`);
  console.log(''.padEnd(52) + ['p50 µs', 'p99 µs', 'a second'].map((cell) => cell.padStart(12)).join(''));
  row('read in process, through the hub', figures.read);
  row('  beside: the bare function', figures.bareCall);
  row('write in process, with its commit', figures.write);
  row('  beside: that commit alone', figures.bareCommit);
  row('write through the hub, as a durable run', figures.writeRun);
  row('in a child, 1 KB, one after another', figures.child);
  row("  beside: a bare round trip over Node's IPC", figures.bareTrip);
  row(`in a child, 1 KB, ${String(AT_ONCE)} in flight`, figures.childMany);
  row("  beside: bare round trips over Node's IPC", figures.bareTripMany);
  console.log(`write to commit: ${writeRatio.toFixed(2)}`);
  console.log(`first call, which starts the process: ${measured.firstCallMs.toFixed(0)} ms`);
  console.log(`resident memory of a child: ${idle.toFixed(0)} MiB idle, ${measured.childMiB.toFixed(0)} MiB after all those calls`);
}
