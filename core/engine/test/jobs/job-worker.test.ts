import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { backoffMs, createJobWorker } from '../../src/jobs/index.ts';
import type { JobHandler, JobWorker } from '../../src/jobs/index.ts';
import type { JobQueue, NewJob } from '../../src/ports.ts';
import { createTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { FakeTime, fakeRandom, settled } from '../support/world.ts';

async function createEngine(...tenantIds: readonly string[]): Promise<TestEngine> {
  const engine = await createTestEngine();
  for (const id of tenantIds) await engine.tenants.admin.create({ id, name: id });
  return engine;
}

function workerOf(engine: TestEngine, workerId = 'w1', time = engine.time): JobWorker {
  const { stores, tenants, random, log } = engine;
  return createJobWorker({
    queue: stores.state.jobs,
    tenants,
    clock: time,
    timers: time,
    random,
    log,
    workerId,
    leaseMs: 30_000,
    backoff: { initialMs: 1_000, maxMs: 60_000 },
  });
}

async function put(engine: TestEngine, tenantId: string, id: string, rest: Partial<NewJob> = {}): Promise<void> {
  const { state } = await engine.tenants.open(tenantId);
  await state.commit([{ op: 'job', job: { id, kind: 'work', priority: 5, dueAt: engine.time.now(), ...rest } }]);
}

function finishing(engine: TestEngine, done: string[]): JobHandler {
  return async ({ claim }) => {
    done.push(`${claim.tenantId}/${claim.id}`);
    const { state } = await engine.tenants.open(claim.tenantId);
    const result = await state.commit([{ op: 'finish', jobId: claim.id, fence: claim.fence }]);
    assert.deepEqual(result, { ok: true });
  };
}

describe('the job worker', () => {
  it('does what is due, sleeps until the next is, and wakes for what is put in meanwhile', async () => {
    const engine = await createEngine('acme');
    const done: string[] = [];
    const worker = workerOf(engine);
    worker.register('work', finishing(engine, done), { concurrency: 4, attempts: 3 });
    await put(engine, 'acme', 'now');
    await put(engine, 'acme', 'later', { dueAt: engine.time.now() + 60_000 });
    worker.start();
    await settled();
    assert.deepEqual(done, ['acme/now']);
    await put(engine, 'acme', 'meanwhile');
    await settled();
    assert.deepEqual(done, ['acme/now', 'acme/meanwhile']);
    await engine.time.advance(59_000);
    assert.equal(done.length, 2);
    await engine.time.advance(1_000);
    assert.deepEqual(done.at(-1), 'acme/later');
    await worker.stop(0);
  });

  it('takes at once what came due while it was claiming', async () => {
    const engine = await createEngine('acme');
    const { jobs } = engine.stores.state;
    const { log, random, tenants, time } = engine;
    const slow: JobQueue = {
      ...jobs,
      claimDue: async (...asked) => {
        const claims = await jobs.claimDue(...asked);
        time.freeze(5);
        return claims;
      },
    };
    const done: string[] = [];
    const worker = createJobWorker({ queue: slow, tenants, clock: time, timers: time, random, log, workerId: 'w1' });
    worker.register('work', finishing(engine, done), { concurrency: 4, attempts: 3 });
    await put(engine, 'acme', 'soon', { dueAt: time.now() + 3 });
    worker.start();
    await settled();
    assert.deepEqual(done, ['acme/soon']);
    await worker.stop(0);
  });

  it('takes urgent work first and tenants in turn', async () => {
    const engine = await createEngine('big', 'small');
    const done: string[] = [];
    for (let i = 0; i < 20; i += 1) await put(engine, 'big', `b${i}`);
    await put(engine, 'big', 'urgent', { priority: 0 });
    for (let i = 0; i < 2; i += 1) await put(engine, 'small', `s${i}`);
    const worker = workerOf(engine);
    worker.register('work', finishing(engine, done), { concurrency: 1, attempts: 3 });
    worker.start();
    await engine.time.until(() => done.length === 23, 0);
    assert.equal(done[0], 'big/urgent');
    assert.ok(done.indexOf('small/s1') < 5, done.slice(0, 6).join(' '));
    await worker.stop(0);
  });

  it('never runs more of a kind at once than it may', async () => {
    const engine = await createEngine('acme');
    let running = 0;
    let most = 0;
    const gates: (() => void)[] = [];
    const worker = workerOf(engine);
    const done: string[] = [];
    worker.register(
      'work',
      async (lease) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => gates.push(resolve));
        running -= 1;
        await finishing(engine, done)(lease);
      },
      { concurrency: 3, attempts: 3 },
    );
    for (let i = 0; i < 10; i += 1) await put(engine, 'acme', `j${i}`);
    worker.start();
    await settled();
    assert.equal(running, 3);
    assert.equal(worker.hasRoom('work'), false);
    assert.equal(worker.hasRoom('unknown'), false);
    while (done.length < 10) {
      gates.shift()?.();
      await settled();
    }
    assert.equal(most, 3);
    assert.equal(worker.hasRoom('work'), true);
    await worker.stop(0);
  });

  it('tries again with backoff, honours what a service asks for, and buries after the last attempt', async () => {
    const engine = await createEngine('acme');
    const attemptsAt: number[] = [];
    const worker = workerOf(engine);
    worker.register(
      'work',
      async () => {
        attemptsAt.push(engine.time.now());
        if (attemptsAt.length === 2) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 90_000 });
        throw new TypeError('a secret may be in here');
      },
      { concurrency: 1, attempts: 3 },
    );
    await put(engine, 'acme', 'j1');
    worker.start();
    await engine.time.advance(200_000);
    const [first = 0, second = 0, third = 0] = attemptsAt;
    assert.deepEqual([second - first, third - second, attemptsAt.length], [500, 90_000, 3]);
    const [letter] = await engine.stores.state.jobs.dead('acme', 10);
    assert.deepEqual(letter?.error, { code: 'INTERNAL', name: 'TypeError' });
    await worker.stop(0);
  });

  it('renews the lease of long work, so that nobody else takes it', async () => {
    const engine = await createEngine('acme');
    let starts = 0;
    let signal: AbortSignal | undefined;
    const slow: JobHandler = async (lease) => {
      starts += 1;
      signal = lease.signal;
      await new Promise(() => undefined);
    };
    const [one, two] = [workerOf(engine, 'w1'), workerOf(engine, 'w2')];
    for (const worker of [one, two]) worker.register('work', slow, { concurrency: 1, attempts: 3 });
    await put(engine, 'acme', 'j1');
    one.start();
    two.start();
    await engine.time.advance(300_000);
    assert.equal(starts, 1);
    assert.equal(signal?.aborted, false);
  });

  it('notices that its lease ran out while it was frozen, before any timer has told it', async () => {
    const engine = await createEngine('acme');
    const itsTime = new FakeTime();
    const frozen = workerOf(engine, 'w1', itsTime);
    let seen: { before: boolean; after: boolean } | undefined;
    let thaw: () => void = () => undefined;
    frozen.register(
      'work',
      async (lease) => {
        const before = lease.signal.aborted;
        await new Promise<void>((resolve) => {
          thaw = resolve;
        });
        seen = { before, after: lease.signal.aborted };
        lease.signal.throwIfAborted();
      },
      { concurrency: 1, attempts: 3 },
    );
    await put(engine, 'acme', 'j1');
    frozen.start();
    await settled();
    // Everything stands still for 40 s; another worker takes the job over in the meantime.
    itsTime.freeze(40_000);
    engine.time.freeze(40_000);
    const done: string[] = [];
    const other = workerOf(engine, 'w2');
    other.register('work', finishing(engine, done), { concurrency: 1, attempts: 3 });
    other.start();
    await settled();
    assert.deepEqual(done, ['acme/j1']);
    thaw();
    await settled();
    assert.deepEqual(seen, { before: false, after: true });
    assert.deepEqual(await engine.stores.state.jobs.counts(), []);
    assert.ok(engine.log.lines.some(({ message }) => message === 'lease lost; another worker goes on'));
    await other.stop(0);
  });

  it('aborts a handler whose lease the store gave to somebody else', async () => {
    const engine = await createEngine('acme');
    const worker = workerOf(engine);
    let reason: unknown;
    worker.register(
      'work',
      async ({ signal }) => {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            resolve();
          });
        });
      },
      { concurrency: 1, attempts: 3 },
    );
    await put(engine, 'acme', 'j1');
    worker.start();
    await settled();
    const renew = engine.stores.state.jobs.renew.bind(engine.stores.state.jobs);
    Object.assign(engine.stores.state.jobs, { renew: async () => ({ held: new Set(), woken: new Set() }) });
    await engine.time.advance(10_000);
    assert.ok(TendrilError.is(reason) && reason.code === 'LEASE_LOST');
    Object.assign(engine.stores.state.jobs, { renew });
    await worker.stop(0);
  });

  it('aborts a handler whose lease ran out while the store did not answer', async () => {
    for (const renew of [() => new Promise<never>(() => undefined), () => Promise.reject(new TendrilError('STORE_UNAVAILABLE'))]) {
      const engine = await createEngine('acme');
      Object.assign(engine.stores.state.jobs, { renew });
      const worker = workerOf(engine);
      let abortedAt = 0;
      worker.register(
        'work',
        async ({ signal }) => {
          await new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              abortedAt = engine.time.now();
              resolve();
            });
          });
        },
        { concurrency: 1, attempts: 3 },
      );
      await put(engine, 'acme', 'j1');
      const startedAt = engine.time.now();
      worker.start();
      await engine.time.advance(29_900);
      // Before the store lets another process have it.
      assert.ok(abortedAt > startedAt && abortedAt - startedAt < 30_000, String(abortedAt - startedAt));
      await worker.stop(0);
    }
  });

  it('lets running work end when it stops, then stops it and puts it back unpunished', async () => {
    const engine = await createEngine('acme');
    const worker = workerOf(engine);
    const ends: string[] = [];
    worker.register(
      'work',
      async ({ claim, signal }) => {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve();
          });
        });
        ends.push(claim.id);
        throw signal.reason;
      },
      { concurrency: 1, attempts: 1 },
    );
    await put(engine, 'acme', 'j1');
    worker.start();
    await settled();
    const stopped = worker.stop(5_000);
    await engine.time.advance(4_000);
    assert.deepEqual(ends, []);
    await engine.time.advance(1_000);
    await stopped;
    assert.deepEqual(ends, ['j1']);
    const [claim] = await engine.stores.state.jobs.claimDue('w2', { limit: 10, leaseMs: 1_000 });
    assert.deepEqual([claim?.id, claim?.attempts], ['j1', 0]);
    await put(engine, 'acme', 'j2');
    await settled();
    assert.deepEqual(ends, ['j1']);
  });

  it('runs at once a job that was born claimed', async () => {
    const engine = await createEngine('acme');
    const worker = workerOf(engine);
    const done: string[] = [];
    worker.register('work', finishing(engine, done), { concurrency: 1, attempts: 3 });
    worker.start();
    await settled();
    const { state } = await engine.tenants.open('acme');
    const job: NewJob = {
      id: 'j1',
      kind: 'work',
      priority: 5,
      dueAt: engine.time.now(),
      claimedBy: { workerId: worker.workerId, leaseMs: worker.leaseMs },
    };
    await state.commit([{ op: 'job', job }]);
    worker.adopt({
      tenantId: 'acme',
      id: 'j1',
      kind: 'work',
      priority: 5,
      attempts: 0,
      payload: {},
      fence: 1,
      leaseUntil: engine.time.now() + worker.leaseMs,
    });
    await settled();
    assert.deepEqual(done, ['acme/j1']);
    assert.deepEqual(await engine.stores.state.jobs.counts(), []);
    await worker.stop(0);
  });

  it('goes on when the store comes back', async () => {
    const engine = await createEngine('acme');
    const { jobs } = engine.stores.state;
    const claimDue = jobs.claimDue.bind(jobs);
    let isAway = true;
    Object.assign(jobs, {
      claimDue: async (...options: Parameters<typeof claimDue>) => {
        if (isAway) throw new TendrilError('STORE_UNAVAILABLE');
        return claimDue(...options);
      },
    });
    const done: string[] = [];
    const worker = workerOf(engine);
    worker.register('work', finishing(engine, done), { concurrency: 1, attempts: 3 });
    await put(engine, 'acme', 'j1');
    worker.start();
    await engine.time.advance(5_000);
    isAway = false;
    await engine.time.advance(1_000);
    assert.deepEqual(done, ['acme/j1']);
    await worker.stop(0);
  });
});

describe('backoffMs', () => {
  it('is anything up to a ceiling that doubles and then stays', () => {
    const policy = { initialMs: 100, maxMs: 1_000 };
    const ceilings = [1, 2, 3, 4, 5, 60].map((failures) => backoffMs(failures, policy, fakeRandom(0.999_999)));
    assert.deepEqual(ceilings, [99, 199, 399, 799, 999, 999]);
    assert.equal(backoffMs(9, policy, fakeRandom(0)), 0);
  });
});
