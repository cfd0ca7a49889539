import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { FaultPoint, RunFaultPoint } from '../../src/pipelines/index.ts';
import { DEFINITIONS, GENERATION_COUNTER, RUNS } from '../../src/pipelines/tables.ts';
import { queryAll } from '../../src/tenants/index.ts';
import { Crash, createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function source(schedule: string, more = ''): string {
  return `pipeline: nightly\ntrigger: { schedule: ${schedule} }\n${more}steps: [ { set: { done: true } } ]`;
}

async function deployed(
  schedule: string,
  options: { readonly faultPoint?: FaultPoint } = {},
): Promise<{ world: RunWorld; process: Process }> {
  const world = await createRunWorld();
  const process = await world.boot({}, options);
  await process.pipelines.service(TENANT).deploy(source(schedule));
  return { world, process };
}

/** For which times runs have been started, oldest first: day, hour and minute. */
async function startedFor(world: RunWorld): Promise<readonly string[]> {
  const rows = await queryAll(world.tenant.state, RUNS);
  return rows
    .map(({ value }) => String((value['input'] as JsonObject)['scheduledAt']))
    .toSorted()
    .map((at) => at.slice(8, 16));
}

function dieAt(point: RunFaultPoint, count: number): { readonly faultPoint: FaultPoint; readonly hasDied: () => boolean } {
  let seen = 0;
  return {
    faultPoint: (name) => {
      if (name !== point) return;
      seen += 1;
      if (seen === count) throw new Crash(name);
    },
    hasDied: () => seen >= count,
  };
}

describe('a schedule', () => {
  it('starts a run at each of its times, in the time zone that it names', async () => {
    const { world, process } = await deployed('{ cron: "0 9,18 * * *", timeZone: Europe/Berlin }');
    const info = await process.pipelines.service(TENANT).get('nightly');
    assert.equal(info?.nextAt, Date.parse('2026-01-01T08:00:00Z'));
    for (const hours of [7.9, 8.9]) {
      world.engine.time.freeze(hours * HOUR_MS);
      await world.engine.time.advance(0.2 * HOUR_MS);
    }
    assert.deepEqual(await startedFor(world), ['01T08:00', '01T17:00']);
    assert.equal((await process.pipelines.service(TENANT).get('nightly'))?.nextAt, Date.parse('2026-01-02T08:00:00Z'));
  });

  for (const [catchUp, expected] of [
    ['latest', ['01T12:00']],
    ['none', []],
    [
      'all',
      [
        '01T01:00',
        '01T02:00',
        '01T03:00',
        '01T04:00',
        '01T05:00',
        '01T06:00',
        '01T07:00',
        '01T08:00',
        '01T09:00',
        '01T10:00',
        '01T11:00',
        '01T12:00',
      ],
    ],
  ] as const) {
    it(`after a time without any process starts what \`catchUp: ${catchUp}\` says, and then goes on`, async () => {
      const { world, process } = await deployed(`{ cron: "0 * * * *", catchUp: ${catchUp} }`);
      await process.worker.stop(0);
      await world.engine.time.advance(12.5 * HOUR_MS);
      assert.deepEqual(await startedFor(world), []);
      await world.boot({});
      await world.engine.time.advance(MINUTE_MS);
      assert.deepEqual(await startedFor(world), expected);
      await world.engine.time.advance(HOUR_MS);
      assert.deepEqual(await startedFor(world), [...expected, '01T13:00']);
    });
  }

  it('catches up a hundred at most, however long nothing ran', async () => {
    const { world, process } = await deployed('{ cron: "* * * * * *", catchUp: all }');
    await process.worker.stop(0);
    world.engine.time.freeze(400 * DAY_MS);
    await world.boot({});
    await world.engine.time.advance(0);
    assert.equal((await startedFor(world)).length, 100);
  });

  it('loses and doubles nothing when the process dies at any line', async function () {
    this.timeout(60_000);
    for (const point of ['schedule.before-changes', 'schedule.after-changes', 'run.before-load', 'run.after-finish'] as const) {
      const death = dieAt(point, 2);
      const { world } = await deployed('{ cron: "*/10 * * * *" }', death);
      await world.engine.time.advance(20 * MINUTE_MS + 1_000);
      assert.ok(death.hasDied(), point);
      await world.boot({});
      await world.engine.time.advance(25 * MINUTE_MS);
      assert.deepEqual(await startedFor(world), ['01T00:10', '01T00:20', '01T00:30', '01T00:40'], point);
    }
  });

  it('is done once by two schedulers', async () => {
    const { world } = await deployed('{ cron: "*/10 * * * *" }');
    await world.boot({});
    await world.engine.time.advance(HOUR_MS + 1_000);
    assert.equal((await startedFor(world)).length, 6);
  });

  it('starts nothing twice when the clock is set back, nor stands still when it had been far ahead', async () => {
    const { world } = await deployed('{ cron: "0 * * * *", catchUp: all }');
    await world.engine.time.advance(3 * HOUR_MS + MINUTE_MS);
    world.engine.time.freeze(-2 * HOUR_MS);
    await world.engine.time.advance(3.5 * HOUR_MS);
    assert.deepEqual(await startedFor(world), ['01T01:00', '01T02:00', '01T03:00', '01T04:00']);
  });

  it('follows the version in force: a new time, a pause, an undeployment', async () => {
    const { world, process } = await deployed('{ cron: "0 * * * *" }');
    const service = process.pipelines.service(TENANT);
    await world.engine.time.advance(HOUR_MS + MINUTE_MS);
    // The same times in a new version: nothing is begun anew.
    await service.deploy(source('{ cron: "0 * * * *" }', 'title: New\n'));
    await world.engine.time.advance(HOUR_MS);
    await service.deploy(source('{ cron: "30 * * * *" }'));
    await world.engine.time.advance(HOUR_MS);
    assert.deepEqual(await startedFor(world), ['01T01:00', '01T02:00', '01T02:30']);
    await service.pause('nightly');
    await world.engine.time.advance(2 * HOUR_MS);
    await service.resume('nightly');
    assert.deepEqual((await startedFor(world)).length, 3, 'what passed in a pause is not caught up');
    await world.engine.time.advance(HOUR_MS);
    assert.deepEqual((await startedFor(world)).slice(3), ['01T05:30']);
    await service.undeploy('nightly');
    await world.engine.time.advance(3 * HOUR_MS);
    assert.equal((await startedFor(world)).length, 4);
    await service.deploy(source('{ cron: "0 * * * *" }'));
    await world.engine.time.advance(HOUR_MS);
    assert.deepEqual((await startedFor(world)).slice(4), ['01T10:00']);
  });

  it('goes on when the store was away at its time', async () => {
    const { world } = await deployed('{ cron: "0 * * * *" }');
    world.failCommits = () => true;
    await world.engine.time.advance(HOUR_MS + 10_000);
    world.failCommits = () => false;
    await world.engine.time.advance(10 * MINUTE_MS);
    assert.deepEqual(await startedFor(world), ['01T01:00']);
  });

  it('is refused with an expression that is none', async () => {
    const world = await createRunWorld();
    const process = await world.boot({});
    await assert.rejects(
      process.pipelines.service(TENANT).deploy(source('{ cron: "0 99 * * *" }')),
      (error) => TendrilError.is(error) && error.code.endsWith('INVALID'),
    );
  });

  it('is not lost when its version does not compile for a while', async () => {
    const { world, process } = await deployed("'0 * * * *'");
    const [row] = await world.tenant.state.get(DEFINITIONS, ['nightly@1']);
    assert.ok(row !== undefined);
    const noted = { op: 'count', counter: GENERATION_COUNTER, by: 1 } as const;
    await world.tenant.state.commit([{ op: 'delete', table: DEFINITIONS, key: row.key }, noted]);
    const stopped = process.worker.stop(0);
    await world.engine.time.advance(10_000);
    await stopped;
    const other = await world.boot({});
    world.engine.time.freeze(HOUR_MS);
    await world.engine.time.advance(5 * MINUTE_MS);
    assert.deepEqual(await startedFor(world), []);
    await world.tenant.state.commit([{ op: 'put', table: DEFINITIONS, value: row.value }, noted]);
    await world.engine.time.advance(2 * MINUTE_MS);
    assert.deepEqual(await startedFor(world), ['01T01:00']);
    assert.ok(other);
  });
});
