import assert from 'node:assert/strict';
import { createMemoryWakeServer } from '@tendril/testkit/wake-ups';
import type { JobHandler } from '../../src/jobs/index.ts';
import type { WorkRole } from '../../src/ports.ts';
import type { TestEngine } from '../support/engine.ts';
import { settled } from '../support/world.ts';
import { acme, finisher, processOf, putJob } from './fixture.ts';

const KIND = { concurrency: 4, attempts: 3 };

/** Counts how often the store is asked for due work. */
function countClaims(engine: TestEngine): () => number {
  const { jobs } = engine.stores.state;
  const claimDue = jobs.claimDue.bind(jobs);
  let count = 0;
  Object.assign(jobs, {
    claimDue: (...asked: Parameters<typeof claimDue>) => {
      count += 1;
      return claimDue(...asked);
    },
  });
  return () => count;
}

describe('job workers of several processes', () => {
  it('are called when another process makes work due, now or later', async () => {
    const engine = await acme();
    const server = createMemoryWakeServer(engine.time);
    const done: string[] = [];
    const api = processOf(engine, 'api', { queue: engine.stores.state.jobs, wakeUps: server.connect([]) });
    const worker = processOf(engine, 'w1', { wakeUps: server.connect() });
    for (const one of [api, worker]) one.register('work', finisher(engine, done), KIND);
    api.start([]);
    worker.start();
    await settled();
    assert.equal(api.hasRoom('work'), false);
    await putJob(engine, 'now');
    await engine.time.advance(10);
    assert.deepEqual(done, ['now']);
    await putJob(engine, 'later', { dueAt: engine.time.now() + 700 });
    await engine.time.advance(600);
    assert.deepEqual(done, ['now']);
    await engine.time.advance(150);
    assert.deepEqual(done, ['now', 'later']);
    await worker.stop(0);
    await api.stop(0);
  });

  it('look by themselves seldom while calls come, and often while they cannot', async () => {
    const engine = await acme();
    const server = createMemoryWakeServer(engine.time);
    const claims = countClaims(engine);
    const done: string[] = [];
    const worker = processOf(engine, 'w1', { wakeUps: server.connect() });
    worker.register('work', finisher(engine, done), KIND);
    worker.start();
    await engine.time.advance(60_000);
    const called = claims();
    assert.ok(called <= 25, `asked ${called} times in a minute`);
    await putJob(engine, 'nobody was called');
    await engine.time.advance(5_000);
    assert.deepEqual(done, ['nobody was called']);
    server.lose();
    await engine.time.advance(5_000);
    await putJob(engine, 'nobody can be called');
    await engine.time.advance(1_000);
    assert.deepEqual(done, ['nobody was called', 'nobody can be called']);
    await worker.stop(0);
  });

  it('call for what their look finds due soon, instead of all waking for it', async () => {
    const engine = await acme();
    const server = createMemoryWakeServer(engine.time);
    const done: string[] = [];
    const workers = ['w1', 'w2', 'w3', 'w4'].map((id) => processOf(engine, id, { wakeUps: server.connect() }));
    await putJob(engine, 'j', { dueAt: engine.time.now() + 20_300 });
    for (const worker of workers) {
      worker.register('work', finisher(engine, done), KIND);
      worker.start();
    }
    await engine.time.advance(20_000);
    assert.deepEqual(done, []);
    const claims = countClaims(engine);
    await engine.time.advance(300);
    assert.deepEqual(done, ['j']);
    assert.ok(claims() <= 3, `asked ${claims()} times`);
    await Promise.all(workers.map((worker) => worker.stop(0)));
  });

  it('call each other when one cannot take all that is due', async () => {
    const engine = await acme();
    const server = createMemoryWakeServer(engine.time);
    const held = new Map<string, number>();
    const workers = ['w1', 'w2', 'w3'].map((id) => {
      const worker = processOf(engine, id, { wakeUps: server.connect() });
      const hold: JobHandler = async () => {
        held.set(id, (held.get(id) ?? 0) + 1);
        await new Promise(() => undefined);
      };
      worker.register('work', hold, { concurrency: 10, attempts: 3 });
      worker.start();
      return worker;
    });
    await settled();
    for (let i = 0; i < 25; i += 1) await putJob(engine, `j${i}`);
    server.connect([]).publish(engine.time.now());
    await engine.time.advance(10);
    assert.deepEqual(
      [...held.values()].toSorted((a, b) => b - a),
      [10, 10, 5],
    );
    assert.deepEqual(workers.map((worker) => worker.load()[0]?.running).toSorted(), [10, 10, 5]);
  });

  it('keep no more than half of their room for work that they made themselves', async () => {
    const engine = await acme();
    const server = createMemoryWakeServer(engine.time);
    const worker = processOf(engine, 'w1', { wakeUps: server.connect() });
    worker.register('work', () => new Promise(() => undefined), { concurrency: 4, attempts: 3 });
    worker.start();
    await settled();
    const room: boolean[] = [];
    for (const id of ['a', 'b', 'c']) {
      room.push(worker.hasRoom('work'));
      worker.adopt({ tenantId: 'acme', id, kind: 'work', priority: 5, attempts: 0, payload: {}, fence: 1, leaseUntil: 0 });
    }
    assert.deepEqual(room, [true, true, false]);
  });

  it('do only what their process is for', async () => {
    const engine = await acme();
    const done: string[] = [];
    const start = (id: string, roles: readonly WorkRole[]): ReturnType<typeof processOf> => {
      const worker = processOf(engine, id);
      worker.register('work', finisher(engine, done), KIND);
      worker.register('tick', finisher(engine, done), { ...KIND, role: 'scheduler' });
      worker.start(roles);
      return worker;
    };
    await putJob(engine, 'work');
    await putJob(engine, 'tick', { kind: 'tick' });
    const worker = start('w1', ['worker']);
    await engine.time.advance(3_000);
    assert.deepEqual(done, ['work']);
    assert.deepEqual([worker.hasRoom('work'), worker.hasRoom('tick')], [true, false]);
    const schedulers = [start('s1', ['scheduler']), start('s2', ['scheduler'])];
    await engine.time.advance(3_000);
    assert.deepEqual(done, ['work', 'tick']);
    await Promise.all([worker, ...schedulers].map((one) => one.stop(0)));
  });

  it('take nothing while they may not, and leave calls to others', async () => {
    const engine = await acme();
    const server = createMemoryWakeServer(engine.time);
    const done: string[] = [];
    let mayClaim = false;
    const refused = processOf(engine, 'w1', { wakeUps: server.connect(), mayClaim: () => mayClaim });
    refused.register('work', finisher(engine, done), KIND);
    await putJob(engine, 'j');
    refused.start();
    await engine.time.advance(20_000);
    assert.deepEqual([done, refused.hasRoom('work')], [[], false]);
    mayClaim = true;
    await engine.time.advance(5_000);
    assert.deepEqual([done, refused.hasRoom('work')], [['j'], true]);
    await refused.stop(0);
  });

  it('tell a handler that its job was woken: at once in this process, with the next renewal from another', async () => {
    const engine = await acme();
    const worker = processOf(engine, 'w1');
    const heard: number[] = [];
    worker.register(
      'work',
      async (lease) => {
        lease.onNudge(() => heard.push(engine.time.now()));
        await new Promise(() => undefined);
      },
      KIND,
    );
    await putJob(engine, 'j');
    worker.start();
    await settled();
    assert.equal(worker.nudge('acme', 'other'), false);
    assert.equal(worker.nudge('acme', 'j'), true);
    assert.equal(heard.length, 1);
    await engine.time.advance(30_000);
    assert.equal(heard.length, 1);
    const { state } = await engine.tenants.open('acme');
    await state.commit([{ op: 'wake', jobId: 'j', dueAt: engine.time.now() }]);
    await engine.time.advance(10_000);
    assert.equal(heard.length, 2);
  });
});
