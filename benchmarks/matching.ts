/**
 * Triggers matched against events: 1,000 pipelines over 10 event names, half of them reading fields of the profile. Each
 * event is judged by 100 conditions, one in a hundred of which is true, so that about one run is started for each event.
 *
 *     node tools/run.mjs benchmarks/matching.ts [--json] [--events 10000] [--people 5000]
 *
 * Done as the consumer of the log does it, in batches of 500: read and open the events, find out whose they are, match,
 * and commit the starts, on SQLite, synchronous FULL, sealed. Profiles come from the plugin `profiles` by the call path. The
 * runs that are started are not executed here. Beside it, in the same process: reading the same events and nothing else,
 * and the same conditions as closures of JavaScript over events and profiles that are in memory. In the end, how long it
 * takes from an event's append until a run's first step when nothing else is going on, all consumers at work.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { createSqliteStores } from '@tendril/stores';
import { findPlugins } from '../cli/src/wiring/plugin-sources.ts';
import { createActionPath } from '../core/engine/src/actions/index.ts';
import type { CreatedActionPath } from '../core/engine/src/actions/index.ts';
import { systemRandom as random, systemTimers as timers } from '../core/engine/src/environment.ts';
import { decodeEvent, EVENT_TABLES, hubEvent, toNewEvent } from '../core/engine/src/events/index.ts';
import type { ConsumerDefinition } from '../core/engine/src/events/index.ts';
import { createGovernor } from '../core/engine/src/governor/index.ts';
import { createJobWorker } from '../core/engine/src/jobs/index.ts';
import { createPipelines, PIPELINE_TABLES } from '../core/engine/src/pipelines/index.ts';
import { createLimiter, createPluginHost } from '../core/engine/src/plugins/index.ts';
import { createResolvePeople } from '../core/engine/src/resolve-people.ts';
import { createTenants, TENANT_TABLES } from '../core/engine/src/tenants/index.ts';
import { createConnections, createKeyring, VAULT_TABLES } from '../core/engine/src/vault/index.ts';
import { describeMachine, measureFsyncMs, quantile } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '10000' },
    people: { type: 'string', default: '5000' },
  },
});
const EVENTS = Number(flags.events);
const PEOPLE = Number(flags.people);
const TENANT = 'bench';
const PIPELINES = 1_000;
const NAMES = 10;
const BATCH = 500;
const WARM_UP_EVENTS = 2_000;
const CITIES = 50;

type Closure = (event: LoggedEvent, traits: JsonObject) => boolean;

/** A condition of the pipeline `k` of a name, and the same as a closure; every second one reads the profile. */
function conditionOf(k: number): { readonly where: string; readonly closure: Closure } {
  const from = k;
  switch (k % 4) {
    case 0:
      return {
        where: `event.properties.amount >= ${String(from)}.0 && event.properties.amount < ${String(from + 1)}.0`,
        closure: ({ properties }) => Number(properties['amount']) >= from && Number(properties['amount']) < from + 1,
      };
    case 1:
      return {
        where: `profile.traits.score >= ${String(from)} && profile.traits.score < ${String(from + 1)}`,
        closure: (_event, traits) => Number(traits['score']) >= from && Number(traits['score']) < from + 1,
      };
    case 2:
      return { where: `event.properties.sku == "sku-${String(k)}"`, closure: ({ properties }) => properties['sku'] === `sku-${String(k)}` };
    default:
      return {
        where: `event.properties.amount > 50.0 && default(profile.traits.city, "none") == "city-${String(k % CITIES)}"`,
        closure: ({ properties }, traits) =>
          Number(properties['amount']) > 50 && (traits['city'] ?? 'none') === `city-${String(k % CITIES)}`,
      };
  }
}

let seed = 11;

function below(limit: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % limit;
}

const nameOf = (index: number): string => `Thing ${String(index % NAMES)} Happened`;

function newEvent(messageId: string, event: Partial<LoggedEvent>) {
  const at = Date.now();
  return toNewEvent({
    id: messageId,
    kind: 'track',
    name: nameOf(below(NAMES)),
    appId: 'app_bench',
    isTest: false,
    occurredAt: at,
    receivedAt: at,
    identities: { userId: `u${String(below(PEOPLE))}` },
    properties: { amount: below(100_000) / 1_000, sku: `sku-${String(below(100))}`, source: 'web' },
    traits: {},
    context: { library: { name: 'bench', version: '1' } },
    isImported: false,
    hops: 0,
    ...event,
  });
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
const clock = { now: () => Date.now() };
const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-matching-'));
const stores = await createSqliteStores({ folder: join(folder, 'stores') });
const keyring = createKeyring({ state: stores.state, masterKey: new Uint8Array(32).fill(1), random });
const tenants = createTenants({ stores, keyring, clock });
const later: { actions?: CreatedActionPath } = {};
const actionsLater = (): CreatedActionPath => {
  if (later.actions === undefined) throw new Error('not yet');
  return later.actions;
};
const host = createPluginHost({
  sources: await findPlugins(['profiles']),
  tenants,
  clock,
  timers,
  log: quiet,
  callAction: (nested) => actionsLater().callNested(nested),
});
await host.start();
const governor = createGovernor({ tenants, clock, publicUrl: () => '' });
const connections = createConnections({
  tenants,
  clock,
  timers,
  random,
  log: quiet,
  describeKind: host.describeKind.bind(host),
  refresh: () => Promise.reject(new Error('there is nothing to refresh')),
  test: () => Promise.resolve(),
  onReconnected: () => Promise.resolve(),
});
const actions = (later.actions = createActionPath({
  host,
  connections,
  governor,
  limiter: createLimiter({ clock, timers }),
  clock,
  timers,
}));
await stores.state.defineTables([
  ...TENANT_TABLES,
  ...VAULT_TABLES,
  ...EVENT_TABLES,
  ...PIPELINE_TABLES,
  ...governor.tables,
  ...host.tables(),
]);
await tenants.admin.create({ id: TENANT, name: TENANT });
await host.tenantPlugins(TENANT).enable('profiles');
const tenant = await tenants.open(TENANT);
const worker = createJobWorker({ queue: stores.state.jobs, tenants, clock, timers, random, log: quiet, workerId: 'bench' });
const pipelines = createPipelines({ tenants, actions, worker, connections: async () => [], clock, log: quiet, hubEvent });
const resolvePeople = createResolvePeople(() => actions);

for (let index = 0; index < PIPELINES; index += 1) {
  const { where } = conditionOf(Math.floor(index / NAMES));
  const trigger = `{ event: ${nameOf(index)}, where: ${JSON.stringify(where)} }`;
  await pipelines.service(TENANT).deploy(`pipeline: p${String(index)}\ntrigger: ${trigger}\nsteps: [{ set: { n: 1 } }]`);
}

const projection = host.consumers().find(({ id }) => id === 'profiles.project');
if (projection === undefined) throw new Error('the plugin has no projection');
await append(Array.from({ length: PEOPLE }, (_, n) => identify(n)));
await follow(projection, 0, PEOPLE);
const first = PEOPLE;
await append(Array.from({ length: WARM_UP_EVENTS + EVENTS }, (_, n) => newEvent(`e${String(n)}`, {})));
await follow(pipelines.triggerConsumer, first, WARM_UP_EVENTS);

const from = first + WARM_UP_EVENTS;
const fsyncMs = measureFsyncMs(folder);
const bareReadMs = await timed(async () => {
  for (let after = from; after < from + EVENTS; after += BATCH) await readEvents(after);
});
const before = await runsStarted();
const matchingMs = await timed(() => follow(pipelines.triggerConsumer, from, EVENTS));
const runs = (await runsStarted()) - before;
const closures = await measureClosures();
if (closures.met !== runs) throw new Error(`${String(runs)} runs were started where ${String(closures.met)} conditions are true`);
const latencies = await measureLatencies();
await worker.stop(1_000);
await host.stop();
await stores.state.close();
await stores.log.close();
rmSync(folder, { recursive: true, force: true });
report({
  eventsPerSecond: (EVENTS * 1_000) / matchingMs,
  runsStarted: runs,
  conditionsPerSecond: (EVENTS * (PIPELINES / NAMES) * 1_000) / matchingMs,
  bareReadEventsPerSecond: (EVENTS * 1_000) / bareReadMs,
  closuresEventsPerSecond: (EVENTS * 1_000) / closures.ms,
  toFirstStepP50Ms: quantile(latencies, 0.5),
  toFirstStepP99Ms: quantile(latencies, 0.99),
  fsyncMs,
});

function identify(n: number): ReturnType<typeof newEvent> {
  const traits = { score: below(100), city: `city-${String(below(CITIES))}`, email: `u${String(n)}@people.invalid`, plan: 'pro' };
  return newEvent(`i${String(n)}`, {
    kind: 'identify',
    name: '$identify',
    identities: { userId: `u${String(n)}` },
    properties: {},
    traits,
  });
}

async function append(events: readonly ReturnType<typeof newEvent>[]): Promise<void> {
  for (let start = 0; start < events.length; start += BATCH) await tenant.log.append(events.slice(start, start + BATCH));
}

async function readEvents(after: number): Promise<readonly LoggedEvent[]> {
  return (await tenant.log.read(after, BATCH)).map(decodeEvent);
}

/** What the follower of the log does with a batch. */
async function follow(definition: ConsumerDefinition, after: number, count: number): Promise<void> {
  const { signal } = new AbortController();
  for (let position = after; position < after + count; position += BATCH) {
    const events = await readEvents(position);
    const wanted = (await definition.select?.(TENANT, events)) ?? events;
    const people = definition.after === undefined ? [] : await resolvePeople(TENANT, wanted);
    const withPeople = wanted.map((event, n) => (people[n] === undefined ? event : { ...event, profileId: people[n] }));
    const changes = await definition.handle(TENANT, withPeople, signal);
    const result = await tenant.state.commit(changes);
    if (!result.ok) throw new Error(`a batch was refused: ${result.reason}`);
  }
}

async function runsStarted(): Promise<number> {
  return (await pipelines.runs(TENANT).count()).reduce((sum, { count }) => sum + count, 0);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The conditions alone, with everything at hand that they read. */
async function measureClosures(): Promise<{ readonly ms: number; readonly met: number }> {
  const events: LoggedEvent[] = [];
  for (let after = from; after < from + EVENTS; after += BATCH) events.push(...(await readEvents(after)));
  const traitsByUser = new Map<string, JsonObject>();
  for (let after = 0; after < PEOPLE; after += BATCH)
    for (const event of await readEvents(after)) traitsByUser.set(event.identities.userId ?? '', event.traits);
  const closuresByName = Map.groupBy(
    Array.from({ length: PIPELINES }, (_, index) => index),
    nameOf,
  );
  const closures = new Map(
    [...closuresByName].map(([name, list]) => [name, list.map((index) => conditionOf(Math.floor(index / NAMES)).closure)]),
  );
  let met = 0;
  const ms = await timed(async () => {
    for (const event of events) {
      const traits = traitsByUser.get(event.identities.userId ?? '') ?? {};
      for (const closure of closures.get(event.name) ?? []) if (closure(event, traits)) met += 1;
    }
  });
  return { ms, met };
}

/** From the append of an event to the end of the run that it starts, one after another, in milliseconds. */
async function measureLatencies(): Promise<readonly number[]> {
  await pipelines.service(TENANT).deploy('pipeline: alone\ntrigger: { event: Alone }\nsteps: [{ set: { n: 1 } }]');
  const ended = new Map<string, () => void>();
  pipelines.runs(TENANT).subscribe((run) => {
    if (run.endedAt !== undefined && run.pipeline === 'alone') ended.get(run.eventId ?? '')?.();
  });
  worker.start();
  // What was started above is done first.
  while ((await pipelines.runs(TENANT).list({ state: 'running', limit: 1 })).items.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const latencies: number[] = [];
  for (let n = 0; n < 200; n += 1) {
    const id = `alone${String(n)}`;
    const end = new Promise<void>((resolve) => ended.set(id, resolve));
    const start = performance.now();
    const [appended] = await tenant.log.append([newEvent(id, { name: 'Alone' })]);
    await follow(pipelines.triggerConsumer, (appended?.position ?? 1) - 1, 1);
    await end;
    latencies.push(performance.now() - start);
  }
  return latencies;
}

function report(figures: Readonly<Record<string, number>>): void {
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: 'matching', machine, pipelines: PIPELINES, events: EVENTS, people: PEOPLE, ...figures }));
    return;
  }
  console.log(
    `${String(EVENTS)} events against ${String(PIPELINES)} pipelines over ${String(NAMES)} names (${String(machine.cores)} cores, load ${String(machine.loadAverage)} at the beginning)`,
  );
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(30)} ${value.toFixed(value < 100 ? 2 : 0).padStart(12)}`);
}
