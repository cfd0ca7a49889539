import assert from 'node:assert/strict';
import { compilePipeline } from '../../src/pipelines/compile.ts';
import type { Definition } from '../../src/pipelines/definition.ts';
import type { Deployed } from '../../src/pipelines/deployments.ts';
import type { RunRecord } from '../../src/pipelines/runs/records.ts';
import { startChanges } from '../../src/pipelines/runs/start-run.ts';
import { admit, giveBack } from '../../src/pipelines/starts/admission.ts';
import { newRun } from '../../src/pipelines/starts/new-run.ts';
import { startAdmitted } from '../../src/pipelines/starts/start-admitted.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import type { OpenTenant } from '../../src/tenants/index.ts';
import { createRunWorld } from './run-world.ts';

function deployed(flow: Partial<Definition>): Deployed {
  const compiled = compilePipeline({ pipeline: 'a', trigger: { manual: {} }, steps: [{ stop: {} }], ...flow });
  const record = {
    id: 'a',
    environment: 'production' as const,
    version: 1,
    isPaused: false,
    holdsRuns: false,
    settings: {},
    deployedAt: 0,
    history: [],
  };
  return { record, compiled, settings: {} };
}

/** Starts as another process would: with the store alone. */
const starter = {
  start: async (tenant: OpenTenant, run: RunRecord, extra: Parameters<OpenTenant['state']['commit']>[0] = []): Promise<boolean> =>
    (await tenant.state.commit([...extra, ...startChanges(run, 0)])).ok,
};

let runs = 0;
/** Begins a period of a minute; ahead of the world's clock, so that nothing has expired. */
const BASE = 60_000 * 1_000_000_000;

async function start(tenant: OpenTenant, pipeline: Deployed, k: number, now: number, id = `r${String((runs += 1))}`): Promise<string> {
  const run = newRun(pipeline, { id, startedAt: now, isTest: false, input: { k } });
  const outcome = await startAdmitted(starter, tenant, { deployed: pipeline, run }, { now: BASE + now });
  return outcome.kind === 'refused' ? outcome.code : outcome.kind;
}

async function openTenant(): Promise<OpenTenant> {
  return (await createRunWorld()).tenant;
}

async function end(tenant: OpenTenant, runId: string): Promise<void> {
  const [row] = await tenant.state.get(RUNS, [runId]);
  const run = row?.value as unknown as RunRecord;
  assert.equal((await tenant.state.commit(giveBack(run))).ok, true);
}

describe('limits on starts', () => {
  it('let in so many of a key in each period', async () => {
    const tenant = await openTenant();
    const pipeline = deployed({ rateLimit: { limit: 2, period: '1m', key: 'input.k' } });
    const codes = [];
    for (const [k, now] of [
      [1, 0],
      [1, 1],
      [1, 59_999],
      [2, 59_999],
      [1, 60_000],
      [1, 60_001],
      [1, 60_002],
    ] as const)
      codes.push(await start(tenant, pipeline, k, now));
    assert.deepEqual(codes, ['started', 'started', 'rate_limit', 'started', 'started', 'started', 'rate_limit']);
  });

  it('count a run once, however often it is started', async () => {
    const tenant = await openTenant();
    const pipeline = deployed({ rateLimit: { limit: 2, period: '1m' } });
    assert.equal(await start(tenant, pipeline, 1, 0, 'x'), 'started');
    assert.equal(await start(tenant, pipeline, 1, 0, 'x'), 'exists');
    assert.equal(await start(tenant, pipeline, 1, 0, 'y'), 'started');
    assert.equal(await start(tenant, pipeline, 1, 0, 'y'), 'exists');
    assert.equal(await start(tenant, pipeline, 1, 0, 'z'), 'rate_limit');
  });

  it('hold when many processes start runs at once', async () => {
    const world = await createRunWorld();
    const pipeline = deployed({ rateLimit: { limit: 7, period: '1m' }, serial: { key: 'input.k', max: 3 } });
    const tenants = await Promise.all([world.engine.tenants.open('acme'), world.engine.tenants.open('acme')]);
    const codes = await Promise.all(
      Array.from({ length: 24 }, (_, index) => start(tenants[index % 2] ?? world.tenant, pipeline, index % 3, 0)),
    );
    const started = codes.filter((code) => code === 'started').length;
    assert.equal(started, 7);
    const { items } = await world.tenant.state.query(RUNS, { limit: 100 });
    assert.equal(items.length, 7);
    const byKey = Map.groupBy(items, ({ value }) => (value['serialKeys'] as readonly string[])[0]);
    for (const open of byKey.values()) assert.ok(open.length <= 3);
  });

  it('leave out what is over the open runs of a serial key, until one has ended', async () => {
    const tenant = await openTenant();
    const pipeline = deployed({ serial: { key: 'input.k', max: 2 } });
    assert.equal(await start(tenant, pipeline, 1, 0, 'a1'), 'started');
    assert.equal(await start(tenant, pipeline, 1, 0, 'a2'), 'started');
    assert.equal(await start(tenant, pipeline, 1, 0, 'a3'), 'serial_overflow');
    assert.equal(await start(tenant, pipeline, 2, 0, 'b1'), 'started');
    await end(tenant, 'a1');
    assert.equal(await start(tenant, pipeline, 1, 0, 'a3'), 'started');
    assert.equal(await start(tenant, pipeline, 1, 0, 'a4'), 'serial_overflow');
  });

  it('let the newest take the place of the one that was started last and has not begun', async () => {
    const tenant = await openTenant();
    const pipeline = deployed({ serial: { key: 'input.k', max: 2, overflow: 'replace' } });
    for (const id of ['a1', 'a2', 'a3', 'a4']) assert.equal(await start(tenant, pipeline, 1, 5, id), 'started');
    const rows = await tenant.state.get(RUNS, ['a1', 'a2', 'a3', 'a4']);
    const [a1, a2, a3, a4] = rows.map((row) => row?.value as unknown as RunRecord);
    assert.equal(a1?.cancel, undefined);
    assert.deepEqual(a2?.cancel, { mode: 'after_step', reason: 'replaced by a3', askedAt: BASE + 5 });
    assert.deepEqual(a3?.cancel, { mode: 'after_step', reason: 'replaced by a4', askedAt: BASE + 5 });
    assert.equal(a4?.cancel, undefined);
    // What was replaced gives nothing back, as its place has been taken.
    for (const run of [a2, a3]) assert.deepEqual(run === undefined ? [] : giveBack(run), []);
    await end(tenant, 'a1');
    await end(tenant, 'a4');
    const [open = 0] = await tenant.state.counters([a1?.openCounter ?? '']);
    assert.equal(open, 0);
  });

  it('do not replace a run that has begun', async () => {
    const tenant = await openTenant();
    const pipeline = deployed({ serial: { key: 'input.k', max: 1, overflow: 'replace' } });
    await start(tenant, pipeline, 1, 0, 'a1');

    const [row] = await tenant.state.get(RUNS, ['a1']);
    await tenant.state.commit([{ op: 'put', table: RUNS, value: { ...row?.value, hasBegun: true } }]);
    assert.equal(await start(tenant, pipeline, 1, 0, 'a2'), 'serial_overflow');
  });

  it('refuse a start whose key cannot be evaluated', async () => {
    const tenant = await openTenant();
    const pipeline = deployed({ rateLimit: { limit: 1, period: '1m', key: 'input.missing' } });
    const run = newRun(pipeline, { id: 'x', startedAt: 0, isTest: false, input: {} });
    await assert.rejects(admit(tenant, pipeline, run, 0), { code: 'RUN_NOT_STARTED' });
  });
});
