import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { pruneRuns } from '../../../src/pipelines/history/prune-runs.ts';
import type { PrunePass } from '../../../src/pipelines/history/prune-runs.ts';
import { newRunId } from '../../../src/pipelines/runs/records.ts';
import { refusalChange, refusalKey } from '../../../src/pipelines/starts/refusals.ts';
import { REFUSALS, SERIAL_LATEST } from '../../../src/pipelines/starts/tables.ts';
import { BLOBS, EFFECTS, JOURNAL, RUNS } from '../../../src/pipelines/tables.ts';
import type { TableSpec } from '../../../src/ports.ts';
import { createRunWorld, TENANT } from '../run-world.ts';
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

  it('keeps what a run came to that was called, as long as its caller may still read it', async () => {
    const world = await createRunWorld();
    const caller = await addRun(world, 'caller', 200, { endedAt: null as never });
    const { endedAt: _endedAt, ...open } = await runRow(world, caller);
    await world.tenant.state.commit([{ op: 'put', table: RUNS, value: open }]);
    const called = await addRun(world, 'called', 150, { parent: { runId: caller, path: '0' } });
    const orphan = await addRun(world, 'orphan', 150, { parent: { runId: 'nobody', path: '0' } });
    assert.equal(await pruneAll(world), 1);
    assert.deepEqual(
      (await world.tenant.state.get(RUNS, [called, orphan])).map((row) => row !== undefined),
      [true, false],
    );
    await world.tenant.state.commit([{ op: 'put', table: RUNS, value: { ...open, endedAt: world.engine.time.now() } }]);
    assert.equal(await pruneAll(world), 1);
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

  it('forgets why events started nothing once nobody asks any more, and nothing twice', async () => {
    const world = await createRunWorld();
    const { pipelines } = await world.boot({});
    const [now, pipeline] = [world.engine.time.now(), 'a'];
    const put = async (eventId: string, ageDays: number): Promise<void> => {
      const at = now - ageDays * DAY_MS;
      const latest = { id: eventId, runId: 'r', at };
      await world.tenant.state.commit([
        refusalChange({ pipeline, eventId, code: 'rate_limit', at }),
        { op: 'put', table: SERIAL_LATEST, value: latest },
        { op: 'put', table: EFFECTS, value: { key: eventId, state: 'done', endedAt: at } },
      ]);
    };
    await put('old', 100);
    await put('recent', 20);
    // A call that is not over has no end: its key is kept however long it takes.
    await world.tenant.state.commit([{ op: 'put', table: EFFECTS, value: { key: 'open', state: 'begun' } }]);
    await pipelines.pruning.ensure(TENANT);
    await world.engine.time.advance(3_700_000);
    const keysOf = async (table: TableSpec): Promise<readonly string[]> =>
      (await world.tenant.state.query(table, { limit: 10 })).items.map(({ key }) => key);
    assert.deepEqual(await keysOf(REFUSALS), [refusalKey(pipeline, 'recent')]);
    assert.deepEqual(await keysOf(SERIAL_LATEST), ['recent']);
    assert.deepEqual(await keysOf(EFFECTS), ['open', 'recent']);
    const jobs = await world.engine.stores.state.jobs.counts();
    assert.deepEqual(
      jobs.map(({ kind, count }) => [kind, count]),
      [['prune', 1]],
    );
  });
});

async function runRow(world: RunWorld, id: string): Promise<JsonObject> {
  const [row] = await world.tenant.state.get(RUNS, [id]);
  return row?.value ?? {};
}
