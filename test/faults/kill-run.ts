import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { openBook } from './book.ts';
import type { Book } from './book.ts';
import { ADMITTED_PROBE, createLoad, PIPELINE } from './load.ts';
import type { Load } from './load.ts';
import { createCustomers } from './customers.ts';
import type { CustomerEvent, Customers } from './customers.ts';
import { createPaths, PATH_PIPELINES } from './paths.ts';
import type { Paths } from './paths.ts';

/** What is killed, how often, and where. */
export interface KillOptions {
  readonly times: number;
  /** Names of fault points, visited in turn; every other kill comes at a random moment. */
  readonly points: readonly string[];
  readonly seed: number;
  /** Lets the last frame of a write-ahead log be cut off after some kills, as a torn write would leave it. */
  readonly tearsWal: boolean;
  readonly onProgress?: (line: string) => void;
}

/** What was found after the last restart. */
export interface KillReport {
  readonly kills: number;
  /** How often the process died at each point that was asked for, and by a kill from outside. */
  readonly killsByPoint: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly inLog: number;
  /** Acknowledged, but not in the log. */
  readonly lost: readonly string[];
  /** In the log more than once. */
  readonly doubled: readonly string[];
  readonly runs: Readonly<Record<string, number>>;
  /** Acknowledged events that should have started a run and did not. */
  readonly withoutRun: number;
  /** Actions of the steps that wait for a person. */
  readonly inReview: Readonly<Record<string, number>>;
  /** What was not as it should be about runs that go every way: branches, waits, loops, calls, compensation. */
  readonly pathProblems: readonly string[];
  /** What of people and segments is not as the log says. */
  readonly customerProblems: readonly string[];
  readonly effects: Readonly<Record<string, { readonly keys: number; readonly doubled: number }>>;
  /** How long after the last restart the last run came to its end. */
  readonly settledMs: number;
}

const PLUGIN = fileURLToPath(new URL('../fixtures/plugins/ledger', import.meta.url));
// Work that a dead process held stands still until its lease has run out; some points are passed only then.
const AFTER_A_LEASE_MS = 15_000;

/** Random numbers that are the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Kills a hub under load again and again, then compares what was acknowledged with what is there. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const random = createRandom(options.seed);
  const dataDir = mkdtempSync(join(tmpdir(), 'tendril-kill-'));
  const book = await openBook();
  const environment = { TENDRIL_PLUGINS: PLUGIN, TENDRIL_TRUSTED_PLUGINS: 'ledger', TENDRIL_ALLOWED_EGRESS: new URL(book.url).host };
  const start = (more: Readonly<Record<string, string>> = {}): Promise<RunningHub> =>
    startHub({ dataDir, flags: ['--empty'], environment: { ...environment, ...more } });
  const load = createLoad(book.url);
  const paths = createPaths(book.url);
  const customers = createCustomers();
  const killsByPoint: Record<string, number> = {};
  const missed = new Set<string>();
  try {
    const first = await start();
    await first.api('PUT', '/v1/governor/limits', { dailyCap: 1_000_000, dailyCapPerPerson: 1000 });
    for (const source of [PIPELINE, ...PATH_PIPELINES]) await first.api('POST', '/v1/pipelines', { source });
    await customers.prepare(first);
    await first.kill();
    for (let kill = 0; kill < options.times; kill += 1) {
      const point = kill % 2 === 0 ? options.points[(kill / 2) % options.points.length] : undefined;
      // Later passages find the hub in more states; a point that was not reached so is tried at its first one.
      const passage = point !== undefined && missed.has(point) ? 1 : 1 + Math.floor(random() * 3);
      const hub = await startAt(start, point, passage);
      const hit = hub === undefined || (await loadUntilDead(hub, [load, paths, customers], kill, patience(point, random)));
      if (point !== undefined && !hit) missed.add(point);
      const name = point !== undefined && hit ? point : 'random';
      killsByPoint[name] = (killsByPoint[name] ?? 0) + 1;
      if (options.tearsWal && kill % 5 === 4) tearWal(dataDir, random);
      options.onProgress?.(`kill ${kill + 1} of ${options.times} at ${name}; ${load.acknowledged.size} events acknowledged`);
    }
    const last = await start();
    const report = await inspect(last, load, paths, customers, book);
    await last.stop();
    return { kills: options.times, killsByPoint, ...report };
  } finally {
    await book.close();
    removeDataDir(dataDir);
  }
}

/** Some points are passed while the hub starts: then it dies before it is ready, which is as good a moment. */
async function startAt(
  start: (more?: Readonly<Record<string, string>>) => Promise<RunningHub>,
  point: string | undefined,
  passage: number,
): Promise<RunningHub | undefined> {
  if (point === undefined) return start();
  return start({ TENDRIL_FAULT_POINT: `${point}:${passage}` }).catch((error: unknown) => {
    if (String(error).includes('SIGKILL')) return undefined;
    throw error;
  });
}

function patience(point: string | undefined, random: () => number): number {
  return point === undefined ? 100 + random() * 900 : AFTER_A_LEASE_MS;
}

/** Sends batches until the hub dies by its fault point or is killed after the time. True when it died by itself. */
async function loadUntilDead(hub: RunningHub, loads: readonly Pick<Load, 'run'>[], round: number, killAfterMs: number): Promise<boolean> {
  let isDead = false;
  const died = new Promise<void>((resolve) =>
    hub.process.once('exit', () => {
      isDead = true;
      resolve();
    }),
  );
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    hub.process.kill('SIGKILL');
  }, killAfterMs);
  await Promise.all(loads.map((load) => load.run(hub, round, () => isDead)));
  await died;
  clearTimeout(timer);
  return !killed;
}

/** Cuts a few bytes off a write-ahead log: the frame that was being written when the power went. What was synchronised before stays. */
function tearWal(dataDir: string, random: () => number): void {
  for (const name of readdirSync(dataDir).filter((file) => file.endsWith('-wal'))) {
    const path = join(dataDir, name);
    const size = statSync(path).size;
    // Only what lies behind the last commit may be torn: SQLite marks a commit frame with the database's size.
    const end = lastCommitEnd(readFileSync(path));
    if (end !== undefined && size > end) truncateSync(path, end + Math.floor(random() * (size - end)));
  }
}

/** Where the last commit frame of the log ends: header 32 bytes; frames of 24 bytes and a page; bytes 4 to 8 of a frame's head say so. */
function lastCommitEnd(wal: Buffer): number | undefined {
  if (wal.length < 32) return undefined;
  const pageBytes = wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  let end: number | undefined;
  for (let at = 32; at + 24 + pageBytes <= wal.length; at += 24 + pageBytes) {
    if (!wal.subarray(at + 8, at + 16).equals(salt)) break;
    if (wal.readUInt32BE(at + 4) !== 0) end = at + 24 + pageBytes;
  }
  return end;
}

async function inspect(
  hub: RunningHub,
  { acknowledged, called }: Load,
  paths: Paths,
  customers: Customers,
  book: Book,
): Promise<Omit<KillReport, 'kills' | 'killsByPoint'>> {
  const startedAt = performance.now();
  await admitQuarantined(hub);
  await eventually(
    () => hub.api<{ items: readonly { lag: number }[] }>('GET', '/v1/consumers'),
    ({ items }) => items.every(({ lag }) => lag === 0),
    120_000,
  );
  for (const state of ['running', 'sleeping']) {
    await eventually(
      () => hub.api<{ items: readonly unknown[] }>('GET', `/v1/runs?state=${state}&limit=1`),
      ({ items }) => items.length === 0,
      180_000,
    );
  }
  const settledMs = Math.round(performance.now() - startedAt);
  const counts = new Map<string, number>();
  const emitted: string[] = [];
  const events = await all<CustomerEvent & ListedEvent>(hub, '/v1/events');
  for (const { id, name, properties } of events) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    if (name === 'Path Done') emitted.push(properties.probe ?? '');
  }
  const runs = await all<ListedRun>(hub, '/v1/runs');
  const started = new Set(runs.map(({ eventId }) => eventId));
  const ids = new Set(runs.map(({ id }) => id));
  const shouldRun = [...acknowledged].filter(([, name]) => name === ADMITTED_PROBE).map(([id]) => id);
  return {
    acknowledged: acknowledged.size,
    inLog: counts.size,
    lost: [...acknowledged.keys()].filter((id) => !counts.has(id)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
    runs: countBy(runs.map(({ state, error }) => (error?.code === 'RUN_FAILED' ? 'failed as planned' : state))),
    withoutRun: shouldRun.filter((id) => !started.has(id)).length + called.filter((id) => !ids.has(id)).length,
    inReview: await reviewedActions(hub, runs),
    pathProblems: paths.problems(book.notes(), emitted),
    customerProblems: await customers.problems(hub, events),
    effects: await countEffects(hub, book),
    settledMs,
  };
}

interface ListedEvent {
  readonly id: string;
  readonly name: string;
  readonly properties: { readonly probe?: string };
}

interface ListedRun {
  readonly id: string;
  readonly state: string;
  readonly eventId?: string;
  readonly error?: { readonly code: string };
}

/** Opens the names of events again and checks what was set aside once more. */
async function admitQuarantined(hub: RunningHub): Promise<void> {
  for (const { name } of (await all<{ name: string; plugin?: string }>(hub, '/v1/schemas')).filter(({ plugin }) => plugin === undefined))
    await hub.api('DELETE', `/v1/schemas/${encodeURIComponent(name)}`);
  await hub.api('POST', '/v1/events/quarantine/replay', {});
}

async function reviewedActions(hub: RunningHub, runs: readonly ListedRun[]): Promise<Readonly<Record<string, number>>> {
  const actions: string[] = [];
  for (const { id } of runs.filter(({ state }) => state === 'needs_review')) {
    const { steps } = await hub.api<{ steps: readonly { action?: string; state: string }[] }>('GET', `/v1/runs/${id}`);
    for (const { action, state } of steps) if (state === 'needs_review') actions.push(action ?? 'none');
  }
  return countBy(actions);
}

async function countEffects(hub: RunningHub, book: Book): Promise<KillReport['effects']> {
  const file = JSON.parse(readFileSync(join(hub.dataDir, 'sandbox', 'sandboxes.json'), 'utf8')) as {
    services: { salesforce: { url: string }; segment: { url: string }; smtp: { apiUrl: string } };
  };
  const { salesforce, segment, smtp } = file.services;
  const effects: Record<string, { keys: number; doubled: number }> = { book: book.counts() };
  for (const [service, url] of [
    ['salesforce', salesforce.url],
    ['segment', segment.url],
    ['smtp', smtp.apiUrl],
  ] as const) {
    effects[service] = (await (await fetch(`${url}/_sandbox/status`)).json()) as { keys: number; doubled: number };
  }
  return effects;
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

async function all<Item>(hub: RunningHub, path: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: { items: Item[]; nextCursor?: string } = await hub.api(
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}
