import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { pruneRuns } from '../../../src/pipelines/history/prune-runs.ts';
import type { PrunePass } from '../../../src/pipelines/history/prune-runs.ts';
import { newRunId } from '../../../src/pipelines/runs/records.ts';
import { BLOBS, JOURNAL, RUNS } from '../../../src/pipelines/tables.ts';
import { createRunWorld } from '../run-world.ts';
import type { RunWorld } from '../run-world.ts';

const DAY_MS = 86_400_000;

async function addRun(world: RunWorld, name: string, ageDays: number, more: JsonObject = {}): Promise<string> {
  const startedAt = world.engine.time.now() - ageDays * DAY_MS;
  const id = newRunId(startedAt, name);
  const run = {
    id,
    pipeline: 'a',
    version: 1,
    state: 'succeeded',
    startedAt,
    endedAt: startedAt + 1_000,
    isTest: false,
    settings: {},
    ...more,
  };
  await world.tenant.state.commit([
    { op: 'put', table: RUNS, value: run },
    { op: 'put', table: JOURNAL, value: { key: `${id}/0`, path: '0' } },
    { op: 'put', table: JOURNAL, value: { key: `${id}/1.then.0`, path: '1.then.0' } },
    { op: 'put', table: BLOBS, value: { key: `${id}/0#output`, value: 'large' } },
  ]);
  return id;
}

async function pruneAll(world: RunWorld, keptDays: Readonly<Record<string, number>> = {}): Promise<number> {
  let deleted = 0;
  let pass: PrunePass | undefined;
  do {
    pass = await pruneRuns(world.tenant.state, {
      now: world.engine.time.now(),
      cursor: pass?.cursor,
      retentionOf: async (pipeline) => (keptDays[pipeline] ?? 90) * DAY_MS,
      shortestMs: Math.min(90, ...Object.values(keptDays)) * DAY_MS,
    });
    deleted += pass.deleted;
  } while (pass.cursor !== undefined);
  return deleted;
}

describe('pruning', () => {
  it('deletes ended runs that are older than they are kept, with steps and large values, and nothing else', async () => {
    const world = await createRunWorld();
    const old = await addRun(world, 'old', 100);
    const asleep = await addRun(world, 'asleep', 100, { state: 'sleeping', endedAt: null as never });
    const fresh = await addRun(world, 'fresh', 80);
    const kept = await addRun(world, 'kept', 100, { pipeline: 'b' });
    const short = await addRun(world, 'short', 8, { pipeline: 'c' });
    const justEnded = await addRun(world, 'just-ended', 100, { endedAt: world.engine.time.now() - DAY_MS });
    await world.tenant.state.commit([{ op: 'put', table: RUNS, value: { ...(await runRow(world, asleep)), endedAt: undefined as never } }]);
    assert.equal(await pruneAll(world, { b: 400, c: 7 }), 2);
    const rows = await world.tenant.state.get(RUNS, [old, asleep, fresh, kept, short, justEnded]);
    assert.deepEqual(
      rows.map((row) => row !== undefined),
      [false, true, true, true, false, true],
    );
    const left = await world.tenant.state.query(JOURNAL, { limit: 100 });
    assert.equal(left.items.length, 8);
    assert.ok(!left.items.some(({ key }) => key.startsWith(old)));
    assert.equal((await world.tenant.state.query(BLOBS, { limit: 100 })).items.length, 4);
  });

  it('goes through more runs than fit on a page, and finds a run of thousands of steps', async () => {
    const world = await createRunWorld();
    for (let i = 0; i < 450; i += 1) await addRun(world, `run-${String(i)}`, 100 + i / 1_000);
    const wide = await addRun(world, 'wide', 120);
    for (let start = 0; start < 2_500; start += 500)
      await world.tenant.state.commit(
        Array.from({ length: 500 }, (_, i) => ({
          op: 'put' as const,
          table: JOURNAL,
          value: { key: `${wide}/9.${String(start + i)}.0`, path: `9.${String(start + i)}.0` },
        })),
      );
    assert.equal(await pruneAll(world), 451);
    assert.equal((await world.tenant.state.query(JOURNAL, { limit: 10 })).items.length, 0);
    assert.equal((await world.tenant.state.query(RUNS, { limit: 10 })).items.length, 0);
  });
});

async function runRow(world: RunWorld, id: string): Promise<JsonObject> {
  const [row] = await world.tenant.state.get(RUNS, [id]);
  return row?.value ?? {};
}
