import assert from 'node:assert/strict';
import type { KindOptions } from '../../src/jobs/index.ts';
import type { TestEngine } from '../support/engine.ts';
import { settled } from '../support/world.ts';
import { acme, finisher, mortal, processOf, putJob } from './fixture.ts';

const LEASE_MS = 30_000;

/** Starts process after process; each dies of `poison`. @returns how many have died */
async function runUntilCalm(engine: TestEngine, innocents: readonly string[], options: Partial<KindOptions> = {}): Promise<number> {
  const done: string[] = [];
  for (let deaths = 0; deaths < 60; deaths += 1) {
    const time = mortal(engine);
    const worker = processOf(engine, `w${deaths}`, { time, leaseMs: LEASE_MS });
    let isDead = false;
    worker.register(
      'work',
      async (lease) => {
        if (lease.claim.id === 'poison') isDead = true;
        // Work takes a moment; what dies with the process never ends.
        await settled();
        if (isDead) await new Promise(() => undefined);
        await finisher(engine, done)(lease);
      },
      { concurrency: 20, attempts: 3, ...options },
    );
    worker.start();
    await settled();
    for (let i = 0; i < 80 && !isDead; i += 1) {
      // What is not dead goes on in step with the world.
      await engine.time.advance(500);
      await time.advance(500);
    }
    if (!isDead) {
      await worker.stop(0);
      assert.deepEqual(done.toSorted(), [...innocents].toSorted());
      return deaths;
    }
    await engine.time.advance(LEASE_MS + 1);
  }
  throw new Error('processes die for ever');
}

describe('a job that kills its process', () => {
  it('is buried after five deaths, and the jobs beside it are done', async () => {
    const engine = await acme();
    const innocents = Array.from({ length: 10 }, (_, i) => `j${i}`);
    for (const id of [...innocents.slice(0, 5), 'poison', ...innocents.slice(5)]) await putJob(engine, id);
    const deaths = await runUntilCalm(engine, innocents);
    assert.ok(deaths >= 5, String(deaths));
    const dead = await engine.stores.state.jobs.dead('acme', 20);
    assert.deepEqual(
      dead.map(({ id, error }) => [id, error['code']]),
      [['poison', 'JOB_DIED']],
    );
    assert.ok(engine.log.lines.some(({ message }) => message === 'the process of this job died again and again; giving it up'));
  });

  it('is handed to who knows what to do, where somebody does', async () => {
    const engine = await acme();
    await putJob(engine, 'poison');
    const given: string[] = [];
    const deaths = await runUntilCalm(engine, [], { onDeaths: finisher(engine, given) });
    assert.deepEqual([deaths, given], [5, ['poison']]);
    assert.deepEqual(await engine.stores.state.jobs.counts(), []);
  });

  it('is claimed again when it has come further each time', async () => {
    const engine = await acme();
    await putJob(engine, 'long');
    for (let death = 0; death < 12; death += 1) {
      const [claim] = await engine.stores.state.jobs.claimDue(`w${death}`, { limit: 1, leaseMs: LEASE_MS, kinds: ['work'] });
      assert.ok(claim);
      assert.ok((claim.deaths ?? 0) <= 1);
      const { state } = await engine.tenants.open('acme');
      await state.commit([
        { op: 'held', jobId: 'long', fence: claim.fence },
        { op: 'count', counter: 'step', by: 1 },
      ]);
      await engine.time.advance(LEASE_MS + 1);
    }
    const done: string[] = [];
    const worker = processOf(engine, 'last');
    worker.register('work', finisher(engine, done), { concurrency: 1, attempts: 3 });
    worker.start();
    await settled();
    assert.deepEqual(done, ['long']);
    await worker.stop(0);
  });
});
