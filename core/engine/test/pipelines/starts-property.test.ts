import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import { digest } from '../../src/pipelines/runs/records.ts';
import type { RunRecord } from '../../src/pipelines/runs/records.ts';
import { Crash, createRunWorld, signup, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';
import { allRuns, deliver, pendingRows, refusalOf } from './starts-world.ts';

const SECOND_MS = 1_000;
const PERIOD_MS = 300 * SECOND_MS;
const QUIET_MS = 40 * SECOND_MS;
const LONGEST_MS = 100 * SECOND_MS;
const LIMIT = 3;
const SIZE = 4;
const STEPS = 45;
const FLOWS = {
  rate: `rateLimit: { limit: ${String(LIMIT)}, period: 5m, key: profile.id }`,
  serial: 'serial: { key: profile.id }\nconcurrency: { limit: 2 }',
  debounce: 'debounce: { period: 40s, max: 100s }',
  batch: `batch: { size: ${String(SIZE)}, timeout: 60s, key: event.properties.plan }`,
} as const;

/** Chance that is the same for the same seed. */
function chance(seed: string): (below: number) => number {
  let count = 0;
  return (below) => {
    count += 1;
    return parseInt(digest(`${seed}/${String(count)}`, 8), 16) % below;
  };
}

interface Mortal {
  readonly process: Process;
  readonly death: AbortSignal;
}

/** What a dead process was asked for does not come any more. */
function rejectedBy(death: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    death.addEventListener('abort', () => {
      reject(new Crash());
    });
  });
}

interface History {
  readonly world: RunWorld;
  readonly events: readonly LoggedEvent[];
  /** When each was delivered first, by its id. */
  readonly deliveredAt: ReadonlyMap<string, number>;
  readonly deaths: number;
}

/** Processes come and go, die wherever they may, and hand over events again that they had handed over. */
async function live(seed: string): Promise<History> {
  const next = chance(seed);
  const world = await createRunWorld();
  const deliveredAt = new Map<string, number>();
  const events: LoggedEvent[] = [];
  const living = new Set<Mortal>();
  let deaths = 0;
  let mayDie = true;
  const boot = async (): Promise<Mortal> => {
    const death = new AbortController();
    const process = await world.boot(
      { 'crm.a': {} },
      {
        faultPoint: () => {
          if (!mayDie || next(25) !== 0) return;
          deaths += 1;
          death.abort();
          throw new Crash();
        },
      },
    );
    living.add({ process, death: death.signal });
    return { process, death: death.signal };
  };
  const alive = (): readonly Mortal[] => [...living].filter(({ death }) => !death.aborted);
  mayDie = false;
  const { process: first } = await boot();
  for (const [id, flow] of Object.entries(FLOWS)) {
    const step = `{ action: crm.a, with: { pipeline: ${id}, event: "\${{ event.id }}" } }`;
    await first.pipelines.service(TENANT).deploy(`pipeline: ${id}\ntrigger: { event: Signup Completed }\n${flow}\nsteps: [${step}]`);
  }
  mayDie = true;
  for (let step = 0; step < STEPS; step += 1) {
    while (alive().length < 2) await boot();
    const fresh = Array.from({ length: next(4) }, () =>
      signup(world.engine, { profileId: `p${String(next(3))}`, properties: { plan: `plan${String(next(2))}` } }),
    );
    const again = events.slice(-3).filter(() => next(4) === 0);
    events.push(...fresh);
    for (const event of fresh) deliveredAt.set(event.id, world.engine.time.now());
    await untilDelivered([...again, ...fresh]);
    await world.engine.time.advance(1 + next(30 * SECOND_MS));
  }
  mayDie = false;
  while (alive().length < 1) await boot();
  await world.engine.time.until(isQuiet, 20 * SECOND_MS, 200);
  return { world, events, deliveredAt, deaths };

  async function untilDelivered(batch: readonly LoggedEvent[]): Promise<void> {
    for (;;) {
      const processes = alive();
      const { process, death } = processes[next(Math.max(1, processes.length))] ?? (await boot());
      try {
        await Promise.race([deliver(world, process, batch), rejectedBy(death)]);
        return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  async function isQuiet(): Promise<boolean> {
    return (await pendingRows(world)) === 0 && (await allRuns(world)).every(({ endedAt }) => endedAt !== undefined);
  }
}

const runsOf = (runs: readonly RunRecord[], pipeline: string): readonly RunRecord[] => runs.filter((run) => run.pipeline === pipeline);

async function checkRate({ world, events }: History, runs: readonly RunRecord[]): Promise<void> {
  const started = runsOf(runs, 'rate');
  const windows = Map.groupBy(started, ({ personId, startedAt }) => `${String(personId)}/${String(Math.floor(startedAt / PERIOD_MS))}`);
  for (const inWindow of windows.values()) assert.ok(inWindow.length <= LIMIT);
  const ids = new Set(started.map(({ eventId }) => eventId));
  assert.equal(ids.size, started.length);
  for (const event of events) assert.equal((await refusalOf(world, event, 'rate'))?.code, ids.has(event.id) ? undefined : 'rate_limit');
}

function checkSerial({ world, events }: History, runs: readonly RunRecord[]): void {
  assert.equal(runsOf(runs, 'serial').length, events.length);
  const called = world.world.requests.filter(({ input }) => input['pipeline'] === 'serial').map(({ input }) => input['event']);
  const byPerson = Map.groupBy(events, ({ profileId }) => profileId);
  for (const list of byPerson.values()) {
    const ids = list.map(({ id }) => id);
    // One whose caller died may be asked for again, but never after a later one.
    const inOrder = called.filter((id, index) => ids.includes(String(id)) && called.lastIndexOf(id) === index);
    assert.deepEqual(inOrder, ids);
  }
}

function checkDebounce({ events, deliveredAt }: History, runs: readonly RunRecord[]): void {
  for (const [person, list] of Map.groupBy(events, ({ profileId }) => profileId)) {
    const started = runsOf(runs, 'debounce').filter(({ personId }) => personId === person);
    let before = -1;
    for (const run of started.toSorted((a, b) => a.startedAt - b.startedAt)) {
      const at = list.findIndex(({ id }) => id === run.eventId);
      const gathered = list.slice(before + 1, at + 1);
      assert.ok(gathered.length > 0);
      // What was delivered before it started is part of it; what came in the same moment may be.
      assert.ok(list.slice(at + 1).every(({ id }) => (deliveredAt.get(id) ?? 0) >= run.startedAt));
      const firstAt = deliveredAt.get(gathered[0]?.id ?? '') ?? 0;
      const lastAt = deliveredAt.get(gathered.at(-1)?.id ?? '') ?? 0;
      assert.ok(run.startedAt >= Math.min(lastAt + QUIET_MS, firstAt + LONGEST_MS));
      before = at;
    }
    assert.equal(started.toSorted((a, b) => a.startedAt - b.startedAt).at(-1)?.eventId, list.at(-1)?.id);
  }
}

function checkBatch({ events }: History, runs: readonly RunRecord[]): void {
  const batches = runsOf(runs, 'batch').map((run) => run.events ?? []);
  for (const batch of batches) {
    assert.ok(batch.length <= SIZE);
    assert.equal(new Set(batch.map(({ properties }) => properties['plan'])).size, 1);
  }
  const gathered = batches.flat().map(({ id }) => id);
  assert.deepEqual(gathered.toSorted(), events.map(({ id }) => id).toSorted());
}

describe('whatever happens, starts', () => {
  for (const seed of ['ash', 'beech', 'cedar', 'elm', 'fir']) {
    it(`keep to limits, order and completeness (${seed})`, async function () {
      this.timeout(120_000);
      const history = await live(seed);
      const runs = await allRuns(history.world);
      await checkRate(history, runs);
      checkSerial(history, runs);
      checkDebounce(history, runs);
      checkBatch(history, runs);
      assert.ok(history.deaths > 0);
    });
  }
});
