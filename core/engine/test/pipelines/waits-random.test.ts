import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import { Crash, TENANT } from './run-world.ts';
import type { Process } from './run-world.ts';
import { createWaitsWorld } from './waits-world.ts';
import type { WaitsWorld } from './waits-world.ts';

const TIMEOUT_MS = 120_000;
const PIPELINE = `
pipeline: w
trigger: { event: Signup Completed }
steps:
  - id: opened
    wait: { event: Mail Opened, where: arrived.properties.n > event.properties.least, timeout: 2m }
    onTimeout: [{ action: crm.a, with: { was: late } }]
  - if: steps.opened.state == "succeeded"
    then: [{ action: crm.a, with: { was: "\${{ steps.opened.output.id }}" } }]
`;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A process that dies by chance, and the next one. */
class Mortals {
  readonly #world: WaitsWorld;
  readonly #chance: () => number;
  #process: Process | undefined;
  #death = Promise.withResolvers<undefined>();
  deaths = 0;

  constructor(world: WaitsWorld, chance: () => number) {
    this.#world = world;
    this.#chance = chance;
  }

  async alive(): Promise<Process> {
    if (this.#process !== undefined) return this.#process;
    this.#death = Promise.withResolvers();
    this.#process = await this.#world.boot({
      faultPoint: (name) => {
        if (this.#chance() > 0.02) return;
        this.deaths += 1;
        this.#process = undefined;
        this.#death.resolve(undefined);
        throw new Crash(name);
      },
    });
    return this.#process;
  }

  async follow(again: boolean, batchSize: number): Promise<void> {
    const process = await this.alive();
    const following = this.#world.follow(process, { again, batchSize }).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
    });
    await Promise.race([following, this.#death.promise]);
  }
}

async function play(seed: number): Promise<number> {
  const chance = seeded(seed);
  const pick = (count: number): number => Math.floor(chance() * count);
  const world = await createWaitsWorld();
  for (const user of ['u1', 'u2', 'u3']) world.profiles.set(`userId:${user}`, `p-${user}`);
  const { time } = world.runs.engine;
  const mortals = new Mortals(world, chance);
  const first = await world.boot();
  await first.pipelines.service(TENANT).deploy(PIPELINE);
  await first.worker.stop(0);
  const signups: LoggedEvent[] = [];
  const openings: LoggedEvent[] = [];
  for (let turn = 0; turn < 60; turn += 1) {
    const identities = { userId: `u${String(1 + pick(3))}` };
    const what = chance();
    if (what < 0.2) signups.push(await world.append('Signup Completed', { identities, properties: { least: pick(3) } }));
    else if (what < 0.5) openings.push(await world.append('Mail Opened', { identities, properties: { n: pick(4) } }));
    else if (what < 0.75) await mortals.follow(chance() < 0.2, 1 + pick(4));
    // Odd, so that no event comes in the very millisecond in which a time is over.
    else await time.advance(1 + 2 * pick(20_000));
    await mortals.alive();
  }
  const last = await world.boot();
  await world.follow(last);
  await time.until(
    async () => (await last.pipelines.runs(TENANT).list({ state: 'sleeping' })).items.length === 0 && (await all(last)),
    5_000,
  );
  for (const runId of await world.runIds()) {
    const run = await world.runs.run(last, runId);
    const name = `seed ${String(seed)}, run ${runId}`;
    const started = signups.find(({ id }) => id === run.eventId);
    const until = (run.steps.find(({ id }) => id === 'opened')?.startedAt ?? 0) + TIMEOUT_MS;
    const wanted = openings.find(
      ({ identities, position, receivedAt, properties }) =>
        identities.userId === started?.identities.userId &&
        position > (started?.position ?? 0) &&
        receivedAt <= until &&
        Number(properties['n']) > Number(started?.properties['least']),
    );
    const calls = run.steps.filter(({ kind, state }) => kind === 'action' && state === 'succeeded');
    assert.equal(run.state, 'succeeded', name);
    assert.equal(calls.length, 1, name);
    const step = run.steps.find(({ id }) => id === 'opened');
    assert.equal((step?.output as { readonly id?: string } | undefined)?.id ?? 'late', wanted?.id ?? 'late', name);
  }
  assert.equal(world.runs.world.effects.length, signups.length, `seed ${String(seed)}: one effect for each run`);
  assert.equal(await world.leftovers(), 0);
  return mortals.deaths;
}

async function all(process: Process): Promise<boolean> {
  return (await process.pipelines.runs(TENANT).list({ state: 'running' })).items.length === 0;
}

describe('many runs, events and times, with processes that die', () => {
  it('come to the outcome that the log says, each once', async function () {
    this.timeout(240_000);
    let deaths = 0;
    for (let seed = 1; seed <= 12; seed += 1) deaths += await play(seed);
    assert.ok(deaths > 5, `${String(deaths)} deaths`);
  });
});
