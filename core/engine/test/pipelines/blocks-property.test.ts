import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createRunWorld, Crash, TENANT } from './run-world.ts';
import type { Process } from './run-world.ts';
import { inputsOf, onSignup, putPipeline } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';

const book = (n: string, and = ''): string =>
  `{ action: crm.do, with: { n: ${n} }, compensate: [{ action: crm.undo, with: { n: ${n} } }]${and} }`;

const PARENT = onSignup(
  `
  - ${book('1')}
  - forEach: "\${{ [10, 20, 30] }}"
    concurrency: 2
    do: [${book('"${{ each.item }}"')}, { wait: 1s }]
  - parallel: { slow: [{ wait: 50h }, ${book('98')}], quick: [${book('40')}] }
    join: any
  - forEach: { action: crm.people, items: items }
    do: [{ action: crm.do, with: { n: "\${{ each.item }}" } }]
  - { call: child }
  - { action: crm.fails }
`,
  'onError: [{ action: crm.do, with: { n: 500 } }]\n',
);

const CHILD = `pipeline: child\ntrigger: { manual: {} }\nsteps: [{ action: crm.do, with: { n: 300 } }, { wait: 2s }, { action: crm.do, with: { n: 301 } }]\n`;

/** Numbers that look like chance, the same for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state % below;
  };
}

const fakes: Readonly<Record<string, FakeAction>> = {
  'crm.do': { idempotency: 'check' },
  'crm.undo': { idempotency: 'check' },
  'crm.fails': {
    run: () => {
      throw new TendrilError('UPSTREAM_REJECTED');
    },
  },
  'crm.people': {
    effect: 'read',
    run: ({ input }) => (input['cursor'] === undefined ? { items: [100, 101], nextCursor: 'x' } : { items: [102] }),
  },
};

async function live(seed: number): Promise<number> {
  const next = chance(seed);
  const world = await createRunWorld();
  for (const source of [PARENT, CHILD]) await putPipeline(world, source);
  let deaths = 0;
  let isDead = false;
  const boot = (): Promise<Process> => {
    isDead = false;
    return world.boot(fakes, {
      faultPoint: (name) => {
        if (deaths >= 12 || next(25) !== 0) return;
        deaths += 1;
        isDead = true;
        throw new Crash(name);
      },
    });
  };
  let process = await world.boot(fakes);
  const [runId = ''] = await world.trigger(process);
  await process.worker.stop(0).catch(() => undefined);
  process = await boot();
  await world.engine.time.until(
    async () => {
      if (isDead) process = await boot();
      return (await world.run(process, runId)).endedAt !== undefined;
    },
    500,
    4_000,
  );
  const run = await world.run(process, runId);
  const place = `seed ${String(seed)}, ${String(deaths)} deaths`;
  assert.equal(run.error?.['code'], 'UPSTREAM_REJECTED', place);
  for (const [key, effects] of world.world.effectsByKey()) assert.equal(effects, 1, `${place}: ${key}`);
  const made = new Set(inputsOf(world, 'crm.do').map(({ n }) => n));
  assert.deepEqual(
    [...made].map(Number).toSorted((a, b) => a - b),
    [1, 10, 20, 30, 40, 100, 101, 102, 300, 301, 500],
    place,
  );
  const undone = [...new Set(inputsOf(world, 'crm.undo').map(({ n }) => Number(n)))];
  assert.deepEqual([undone[0], undone.at(-1)], [40, 1], place);
  assert.deepEqual(new Set(undone.slice(1, -1)), new Set([10, 20, 30]), place);
  assert.equal(world.world.effects.length, made.size + undone.length, place);
  assert.equal((await process.pipelines.runs(TENANT).list({})).items.length, 2, place);
  return deaths;
}

describe('whatever dies, a run of every kind of block', () => {
  it('has each effect once, undoes them in order, and ends', async function () {
    this.timeout(120_000);
    let deaths = 0;
    for (let seed = 1; seed <= 12; seed += 1) deaths += await live(seed);
    assert.ok(deaths > 40, String(deaths));
  });
});
