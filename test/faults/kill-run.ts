import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';

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
  readonly effects: Readonly<Record<string, { readonly keys: number; readonly doubled: number }>>;
}

const PIPELINE = `
pipeline: fault_probe
trigger: { event: Fault Probe }
steps:
  - id: crm
    action: salesforce.upsert_lead
    with: { externalId: "\${{ event.properties.probe }}", email: "\${{ event.properties.email }}", lastName: Probe, company: Probe }
  - id: forward
    action: segment.track
    with: { userId: "\${{ event.properties.probe }}", event: Probe Forwarded }
  - id: mail
    action: email.send
    with: { person: "\${{ profile.id }}", subject: Probe, text: "Probe \${{ event.properties.probe }}" }
`;

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
  const acknowledged = new Map<string, string>();
  const killsByPoint: Record<string, number> = {};
  try {
    const first = await startHub({ dataDir, flags: ['--empty'] });
    await first.api('PUT', '/v1/governor/limits', { dailyCap: 1_000_000, dailyCapPerPerson: 1000 });
    await first.api('POST', '/v1/pipelines', { source: PIPELINE });
    await first.kill();
    for (let kill = 0; kill < options.times; kill += 1) {
      const point = kill % 2 === 0 ? options.points[(kill / 2) % options.points.length] : undefined;
      const passage = 1 + Math.floor(random() * 4);
      const environment = point === undefined ? {} : { TENDRIL_FAULT_POINT: `${point}:${passage}` };
      // Some points are passed while the hub starts: then it dies before it is ready, which is as good a moment.
      const hub = await startHub({ dataDir, flags: ['--empty'], environment }).catch((error: unknown) => {
        if (point === undefined || !String(error).includes('SIGKILL')) throw error;
      });
      const hit = hub === undefined || (await loadUntilDead(hub, acknowledged, kill, point === undefined ? 100 + random() * 900 : 3000));
      const name = point !== undefined && hit ? point : 'random';
      killsByPoint[name] = (killsByPoint[name] ?? 0) + 1;
      if (options.tearsWal && kill % 5 === 4) tearWal(dataDir, random);
      options.onProgress?.(`kill ${kill + 1} of ${options.times} at ${name}; ${acknowledged.size} events acknowledged`);
    }
    const last = await startHub({ dataDir, flags: ['--empty'] });
    const report = await inspect(last, acknowledged);
    await last.stop();
    return { kills: options.times, killsByPoint, ...report };
  } finally {
    removeDataDir(dataDir);
  }
}

/** Sends batches until the hub dies by its fault point or is killed after the time. True when it died by itself. */
async function loadUntilDead(hub: RunningHub, acknowledged: Map<string, string>, round: number, killAfterMs: number): Promise<boolean> {
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
  const lanes = [0, 1, 2].map(async (lane) => {
    for (let batch = 0; !isDead && batch < 6; batch += 1) {
      const calls = [0, 1, 2].flatMap((index) => probeCalls(`${round}-${lane}-${batch}-${index}`));
      const status = await hub.send(calls).catch(() => 0);
      if (status !== 200) continue;
      for (const call of calls) acknowledged.set(call.messageId, call.type);
    }
  });
  await Promise.all(lanes);
  await died;
  clearTimeout(timer);
  return !killed;
}

function probeCalls(probe: string): readonly { readonly type: string; readonly messageId: string }[] {
  const email = `probe-${probe}@example.invalid`;
  const calls = [
    { type: 'identify', messageId: `i-${probe}`, userId: `user-${probe}`, traits: { email, lastName: 'Probe' } },
    { type: 'track', messageId: `t-${probe}`, userId: `user-${probe}`, event: 'Fault Probe', properties: { probe, email } },
  ];
  return calls;
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

async function inspect(hub: RunningHub, acknowledged: ReadonlyMap<string, string>): Promise<Omit<KillReport, 'kills' | 'killsByPoint'>> {
  await eventually(
    () => hub.api<{ items: readonly { lag: number }[] }>('GET', '/v1/consumers'),
    ({ items }) => items.every(({ lag }) => lag === 0),
    120_000,
  );
  await eventually(
    () => hub.api<{ items: readonly unknown[] }>('GET', '/v1/runs?state=running&limit=1'),
    ({ items }) => items.length === 0,
    180_000,
  );
  const counts = new Map<string, number>();
  for (const { id } of await all<{ id: string }>(hub, '/v1/events')) counts.set(id, (counts.get(id) ?? 0) + 1);
  const runs = await all<{ state: string; eventId?: string }>(hub, '/v1/runs?pipeline=fault_probe');
  const started = new Set(runs.map(({ eventId }) => eventId));
  const states: Record<string, number> = {};
  for (const { state } of runs) states[state] = (states[state] ?? 0) + 1;
  const file = JSON.parse(readFileSync(join(hub.dataDir, 'sandbox', 'sandboxes.json'), 'utf8')) as { services: { salesforce: { url: string }; segment: { url: string }; smtp: { apiUrl: string } } };
  const { salesforce, segment, smtp } = file.services;
  const effects: Record<string, { keys: number; doubled: number }> = {};
  for (const [service, url] of [['salesforce', salesforce.url], ['segment', segment.url], ['smtp', smtp.apiUrl]] as const) {
    effects[service] = (await (await fetch(`${url}/_sandbox/status`)).json()) as { keys: number; doubled: number };
  }
  return {
    acknowledged: acknowledged.size,
    inLog: counts.size,
    lost: [...acknowledged.keys()].filter((id) => !counts.has(id)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
    runs: states,
    withoutRun: [...acknowledged].filter(([id, type]) => type === 'track' && !started.has(id)).length,
    effects,
  };
}

async function all<Item>(hub: RunningHub, path: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: { items: Item[]; nextCursor?: string } = await hub.api('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}
