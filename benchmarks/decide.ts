/**
 * `profiles.decide` by its public route: 100,000 people, 20 places with 10 candidates each, 1,000 decisions a second over HTTP.
 *
 *     node tools/run.mjs benchmarks/decide.ts [--json] [--people 100000] [--per-second 1000] [--seconds 15]
 *
 * People come in by the tracking API and are made by the plugin's own consumer, on SQLite, sealed. The load generator is a process of its own
 * on the same machine; it asks at moments that are fixed beforehand, and an answer's time counts from that moment. Each asks for a
 * person and a place at random: the people are not favourites of any cache. Beside it the same action without HTTP, through the hub's
 * action service, one after another.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createHub } from '@tendril/engine';
import type { Hub, TenantHub } from '@tendril/engine';
import { createServer } from '@tendril/server';
import { createSqliteStores } from '@tendril/stores';
import { findPlugins } from '../cli/src/wiring/plugin-sources.ts';
import { runDecideLoad } from './support/decide-load.ts';
import { interruptible } from './support/interruptible.ts';
import { describeMachine, quantile } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    people: { type: 'string', default: '100000' },
    'per-second': { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '15' },
  },
});
const PEOPLE = Number(flags.people);
const PLACES = 20;
const CANDIDATES = 10;
const BATCH = 500;
const IN_PROCESS = 5_000;
const WARM_UP_SECONDS = 3;
const TENANT = 'bench';
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };

/** One rule in two reads the plan, the others the score, the city or what is known of the visit; the last is for everybody. */
function ruleOf(place: number, candidate: number): string | undefined {
  if (candidate === CANDIDATES - 1) return undefined;
  const from = (place + candidate * 11) % 100;
  return [
    `profile.traits.plan == "plan-${String(candidate)}" && profile.traits.score > 50`,
    `profile.traits.score >= ${String(from)} && profile.traits.score < ${String(from + 5)}`,
    `profile.traits.city == "city-${String(from)}" || "segment-${String(from)}" in profile.segments`,
    `profile.isIdentified && now.hour < 0`,
  ][candidate % 4];
}

async function fill(tenant: TenantHub): Promise<string> {
  const app = await tenant.apps.create({ name: 'Shop', isTest: false });
  const { secret } = await tenant.keys.create({ kind: 'write', appId: app.id });
  for (let start = 0; start < PEOPLE; start += BATCH) {
    const calls = Array.from({ length: Math.min(BATCH, PEOPLE - start) }, (_, offset) => {
      const n = start + offset;
      const traits = {
        email: `person${String(n)}@people.invalid`,
        plan: `plan-${String(n % 7)}`,
        score: (n * 37) % 100,
        city: `city-${String((n * 13) % 50)}`,
        firstName: 'Ada',
        lastName: 'Lovelace',
      };
      return { type: 'identify', messageId: `i${String(n)}`, anonymousId: `a${String(n)}`, userId: `u${String(n)}`, traits };
    });
    await tenant.ingest.accept(app, calls, { receivedAt: Date.now(), requestId: `b${String(start)}` });
  }
  for (let place = 0; place < PLACES; place += 1) {
    const candidates = Array.from({ length: CANDIDATES }, (_, candidate) => {
      const when = ruleOf(place, candidate);
      const content = { headline: `Headline ${String(candidate)}`, link: 'https://shop.example/spring', percent: 10 + candidate };
      return { id: `candidate-${String(candidate)}`, content, ...(when !== undefined && { when }) };
    });
    const definition = { id: `place_${String(place)}`, kind: 'page_slot', fallback: { headline: 'Welcome' }, candidates };
    await tenant.actions.call('profiles.place_save', { place: definition });
  }
  return secret;
}

/** Until the plugin's consumer has made everybody. */
async function followed(tenant: TenantHub): Promise<void> {
  for (;;) {
    const { output } = await tenant.actions.call('profiles.count', {});
    const isThere = (output as { count: number }).count >= PEOPLE;
    // Nothing that still follows the log may run beside what is measured.
    if (isThere && (await tenant.consumers.list()).every(({ lag }) => lag === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function measureInProcess(tenant: TenantHub): Promise<{ readonly times: readonly number[]; readonly fallbacks: number }> {
  const times: number[] = [];
  let fallbacks = 0;
  for (let turn = 0; turn < IN_PROCESS * 1.2; turn += 1) {
    const from = performance.now();
    const { output } = await tenant.actions.call('profiles.decide', {
      anonymousId: `a${String((turn * 7_919) % PEOPLE)}`,
      place: `place_${String(turn % PLACES)}`,
    });
    if (turn >= IN_PROCESS * 0.2) times.push(performance.now() - from);
    const { isFallback, reason } = output as { readonly isFallback: boolean; readonly reason: string };
    // On a machine that does much else a person may not be read in time; nobody may be unknown.
    if (isFallback && !reason.includes('could not be read')) throw new Error(reason);
    if (isFallback) fallbacks += 1;
  }
  return { times, fallbacks };
}

async function measure(hub: Hub) {
  await hub.admin.create({ id: TENANT, name: TENANT });
  const tenant = await hub.tenant(TENANT);
  await tenant.plugins.enable('profiles');
  await hub.start();
  const server = createServer({
    hub,
    log: quiet,
    clock: { now: () => Date.now() },
    defaultTenantId: TENANT,
    sessionSecret: 's'.repeat(32),
    isProduction: true,
  });
  const filledFrom = performance.now();
  const writeKey = await fill(tenant);
  await followed(tenant);
  const filledSeconds = (performance.now() - filledFrom) / 1_000;
  const inProcess = await measureInProcess(tenant);
  const listening = await server.listen(0, '127.0.0.1');
  try {
    const cpuBefore = process.cpuUsage();
    const http = await runDecideLoad({
      url: listening.url,
      writeKey,
      people: PEOPLE,
      places: PLACES,
      perSecond: Number(flags['per-second']),
      connections: 64,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: Number(flags.seconds),
    });
    const { user, system } = process.cpuUsage(cpuBefore);
    // The warming up is about as fast as the rest.
    const cpuMicrosecondsEach = (user + system) / (Number(flags['per-second']) * (Number(flags.seconds) + WARM_UP_SECONDS));
    const at = (ratio: number): number => quantile(inProcess.times, ratio);
    return {
      filledSeconds,
      inProcess: { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), fallbacks: inProcess.fallbacks },
      http,
      cpuMicrosecondsEach,
    };
  } finally {
    await listening.close(1_000);
  }
}

const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-decide-'));
const stores = await createSqliteStores({ folder });
const hub = await createHub({ stores, masterKey: new Uint8Array(32).fill(1), log: quiet, plugins: await findPlugins(['profiles']) });
const faults = hub.plugins.faults();
if (faults.length > 0) throw new Error(JSON.stringify(faults));
const figures = await interruptible(measure(hub)).finally(async () => {
  await hub.stop();
  await stores.state.close();
  await stores.log.close();
  rmSync(folder, { recursive: true, force: true });
});

if (flags.json) {
  console.log(JSON.stringify({ benchmark: 'decide', machine, people: PEOPLE, places: PLACES, candidates: CANDIDATES, ...figures }));
} else {
  const { inProcess, http } = figures;
  const row = (name: string, { p50Ms, p95Ms, p99Ms }: { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number }): void =>
    console.log(name.padEnd(40) + [p50Ms, p95Ms, p99Ms].map((value) => value.toFixed(2).padStart(10)).join(''));
  console.log(
    `${String(PEOPLE)} people, ${String(PLACES)} places with ${String(CANDIDATES)} candidates (${String(machine.cores)} cores, load ${String(machine.loadAverage)} at the beginning; filled in ${figures.filledSeconds.toFixed(0)} s)`,
  );
  console.log(''.padEnd(40) + ['p50 ms', 'p95 ms', 'p99 ms'].map((cell) => cell.padStart(10)).join(''));
  row('in process, with reasons', inProcess);
  row(`over HTTP at ${http.perSecond.toFixed(0)}/s`, http);
  console.log(
    `longest ${http.maxMs.toFixed(1)} ms, wrong ${String(http.wrong)}, late and so the fallback ${String(inProcess.fallbacks)} and ${String(http.fallbacks)}; asked late by ${http.askedLateP99Ms.toFixed(2)} ms (p99)`,
  );
  console.log(`${figures.cpuMicrosecondsEach.toFixed(0)} µs of processor time each over HTTP, all threads of the hub`);
}
