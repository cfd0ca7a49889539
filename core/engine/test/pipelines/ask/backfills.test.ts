import assert from 'node:assert/strict';
import { queryAll } from '../../../src/tenants/index.ts';
import type { RunRecord } from '../../../src/pipelines/runs/records.ts';
import { RUNS } from '../../../src/pipelines/tables.ts';
import { TENANT } from '../run-world.ts';
import { createWaitsWorld } from '../waits-world.ts';

const SOURCE = 'pipeline: a\ntrigger: { event: Signup Completed }\nsteps: [{ action: crm.a }]\n';

describe('a backfill', () => {
  it('stands still while its pipeline is paused, and goes on where it stood', async () => {
    const waits = await createWaitsWorld();
    const { runs: world } = waits;
    const process = await waits.boot();
    const from = world.engine.time.now() - 1_000;
    for (let i = 0; i < 4; i += 1) await waits.append('Signup Completed');
    const { pipelines } = process;
    await pipelines.service(TENANT).deploy(SOURCE);
    await pipelines.backfills.begin(TENANT, 'a', { from, to: from + 3_600_000, perMinute: 2 });
    const started = async (): Promise<number> => (await queryAll(world.tenant.state, RUNS)).length;
    await world.engine.time.advance(1_000);
    assert.equal(await started(), 2);
    await pipelines.service(TENANT).pause('a');
    await world.engine.time.advance(5 * 60_000);
    assert.equal(await started(), 2);
    await pipelines.service(TENANT).resume('a');
    await world.engine.time.advance(60_000);
    assert.equal(await started(), 4);
    const [backfill] = await pipelines.backfills.list(TENANT);
    assert.deepEqual([backfill?.state, backfill?.started], ['done', 4]);
    const records = (await queryAll(world.tenant.state, RUNS)).map(({ value }) => value as unknown as RunRecord);
    assert.equal(new Set(records.map(({ eventId }) => eventId)).size, 4);
  });
});
