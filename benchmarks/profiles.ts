/**
 * Profiles catching up from the log: each of so many people is identified once, then events of people drawn evenly, four of
 * each person in a row, one in ten an `identify` of which every second changes a trait (history is on).
 *
 *     node tools/run.mjs benchmarks/profiles.ts [--json] [--alone] [--people 100000] [--events 200000] [--keep FOLDER]
 *
 * The full form is `--people 1000000 --events 2000000`. The log is filled through the hub's ingest, on SQLite with
 * synchronous FULL, sealed, while profiles are switched off; another process, which starts with a cold cache, then catches
 * up, and its memory is sampled. `--alone` pauses what else of the plugin follows the log, such as the search for duplicates. `--keep` keeps the filled folder, or catches up once more from one that was kept.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createHub } from '@tendril/engine';
import type { Hub, TenantHub } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import { createSqliteStores } from '@tendril/stores';
import { boundMemory } from '../cli/src/wiring/memory.ts';
import { findPlugins } from '../cli/src/wiring/plugin-sources.ts';
import { interruptible } from './support/interruptible.ts';
import { cpuMicrosecondsOf, describeMachine, measureFsyncMs, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
    people: { type: 'string', default: '100000' },
    events: { type: 'string', default: '200000' },
    keep: { type: 'string' },
    phase: { type: 'string' },
    folder: { type: 'string', default: '' },
  },
});

const PEOPLE = Number(flags.people);
const EVENTS = Number(flags.events);
const TENANT = 'bench';
const CONSUMER = 'profiles.project';
const CALLS_AT_ONCE = 1_000;
const REQUESTS_AT_ONCE = 4;
const SESSION = 4;
const SAMPLE_EVERY_MS = 200;
/** As `npm start` launches it. */
const LAUNCHED = { MALLOC_ARENA_MAX: '2' };
const NODE_FLAGS = ['--max-semi-space-size=8'];
const START = Date.UTC(2026, 0, 1);
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };

if (flags.phase === 'catch-up') await catchUp(flags.folder);
else await interruptible(measure());

async function measure(): Promise<void> {
  const machine = describeMachine();
  const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-profiles-'));
  try {
    const fsyncMs = measureFsyncMs(folder);
    if (flags.keep !== undefined && existsSync(flags.keep)) copy(flags.keep, folder);
    else await fill(folder);
    if (flags.keep !== undefined && !existsSync(flags.keep)) copy(folder, flags.keep);
    const figures = { ...(await runCatchUp(folder)), fsyncMs };
    if (flags.json) console.log(JSON.stringify({ machine, people: PEOPLE, events: EVENTS, ...figures }));
    else for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(34)} ${value.toFixed(value < 10 ? 3 : 0)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
}

async function openHub(folder: string): Promise<{ readonly hub: Hub; readonly close: () => Promise<void> }> {
  const stores = await createSqliteStores({ folder });
  const hub = await createHub({ stores, masterKey: new Uint8Array(32).fill(1), log: quiet, plugins: await findPlugins(['profiles']) });
  return {
    hub,
    close: async () => {
      await hub.stop();
      await stores.log.close();
      await stores.state.close();
    },
  };
}

async function fill(folder: string): Promise<void> {
  const { hub, close } = await openHub(folder);
  await hub.admin.create({ id: TENANT, name: TENANT });
  const tenant = await hub.tenant(TENANT);
  await tenant.plugins.enable('profiles');
  const app = await tenant.apps.create({ name: 'Shop', isTest: false });
  const calls = [identifications(), behaviour()];
  for (const portions of calls) {
    const send = async (): Promise<void> => {
      for (const portion of portions) await accept(tenant, app, portion);
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, send));
  }
  await close();
}

async function accept(tenant: TenantHub, app: Parameters<TenantHub['ingest']['accept']>[0], calls: readonly JsonObject[]): Promise<void> {
  await tenant.ingest.accept(app, calls, { receivedAt: Date.now(), requestId: 'bench' });
}

function* identifications(): Generator<readonly JsonObject[]> {
  for (let first = 0; first < PEOPLE; first += CALLS_AT_ONCE) {
    const length = Math.min(CALLS_AT_ONCE, PEOPLE - first);
    yield Array.from({ length }, (_, i) => identify(first + i, `i${String(first + i)}`, START + first + i, 'free'));
  }
}

function* behaviour(): Generator<readonly JsonObject[]> {
  let seed = 7;
  const below = (end: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % end;
  };
  let person = 0;
  for (let first = 0; first < EVENTS; first += CALLS_AT_ONCE) {
    yield Array.from({ length: Math.min(CALLS_AT_ONCE, EVENTS - first) }, (_, i) => {
      const n = first + i;
      if (n % SESSION === 0) person = below(PEOPLE);
      const at = START + PEOPLE + n;
      return n % 10 === 0 ? identify(person, `b${String(n)}`, at, below(2) === 0 ? 'free' : 'pro') : track(person, `b${String(n)}`, at);
    });
  }
}

function identify(n: number, messageId: string, at: number, plan: string): JsonObject {
  const traits = { email: `person${String(n)}@example.invalid`, firstName: `First${String(n % 500)}`, plan, country: 'DE' };
  return {
    type: 'identify',
    messageId,
    userId: `u${String(n)}`,
    anonymousId: `a${String(n)}`,
    traits,
    timestamp: new Date(at).toISOString(),
  };
}

function track(n: number, messageId: string, at: number): JsonObject {
  const properties = { product_id: `p${String(n % 1_000)}`, price: n % 97, category: 'books' };
  const event = n % 3 === 0 ? 'Product Viewed' : 'Product Added';
  return {
    type: 'track',
    messageId,
    event,
    userId: `u${String(n)}`,
    anonymousId: `a${String(n)}`,
    properties,
    timestamp: new Date(at).toISOString(),
  };
}

async function runCatchUp(folder: string): Promise<Readonly<Record<string, number>>> {
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      ...NODE_FLAGS,
      import.meta.filename,
      '--phase',
      'catch-up',
      '--folder',
      folder,
      '--people',
      flags.people,
      ...(flags.alone ? ['--alone'] : []),
    ],
    { env: { ...process.env, ...LAUNCHED }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const memory: number[] = [];
  const sampling = setInterval(() => {
    if (child.pid !== undefined && child.exitCode === null) memory.push(residentMiB(child.pid));
  }, SAMPLE_EVERY_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`catching up ended with ${String(code)}`));
      });
    });
  } finally {
    clearInterval(sampling);
    child.kill();
  }
  return { ...(JSON.parse(text) as Readonly<Record<string, number>>), residentMaxMiB: Math.max(...memory) };
}

async function catchUp(folder: string): Promise<void> {
  boundMemory();
  const { hub, close } = await openHub(folder);
  const tenant = await hub.tenant(TENANT);
  for (const { id } of await tenant.consumers.list()) if (flags.alone && id !== CONSUMER) await tenant.consumers.pause(id);
  const startedAt = performance.now();
  const cpuBefore = cpuMicrosecondsOf(process.pid);
  await hub.start({ roles: ['worker', 'scheduler'] });
  let peopleMadeMs = 0;
  let last = { position: 0, lag: 1, setAside: 0 };
  while (last.lag > 0) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS / 4));
    const consumer = (await tenant.consumers.list()).find(({ id }) => id === CONSUMER);
    if (consumer === undefined) throw new Error('profiles do not follow the log');
    last = consumer;
    if (peopleMadeMs === 0 && last.position >= PEOPLE) peopleMadeMs = performance.now() - startedAt;
  }
  const ms = performance.now() - startedAt;
  const figures = {
    eventsPerSecond: (last.position / ms) * 1_000,
    newPeoplePerSecond: (PEOPLE / peopleMadeMs) * 1_000,
    eventsOfKnownPeoplePerSecond: ((last.position - PEOPLE) / (ms - peopleMadeMs)) * 1_000,
    cpuMicrosecondsPerEvent: (cpuMicrosecondsOf(process.pid) - cpuBefore) / last.position,
    events: last.position,
    setAside: last.setAside,
  };
  await close();
  console.log(JSON.stringify(figures));
}
