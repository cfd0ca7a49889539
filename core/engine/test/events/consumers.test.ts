import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { LoggedEvent } from '@tendril/plugin-api';
import { CONSUMER_JOB, createConsumers, Feed, hubEvent } from '../../src/events/index.ts';
import type { EventFault } from '../../src/events/fault-points.ts';
import type { ConsumerDefinition, Consumers, ResolvePeople } from '../../src/events/index.ts';
import { createJobWorker } from '../../src/jobs/index.ts';
import type { JobWorker } from '../../src/jobs/index.ts';
import type { Change, TableSpec, TenantState } from '../../src/ports.ts';
import { createTestEngine, createTestEvents } from '../support/engine.ts';
import type { TestEngine, TestEvents } from '../support/engine.ts';
import { FakeTime } from '../support/world.ts';

const SEEN: TableSpec = { name: 'test.seen', key: 'id', indexes: {}, personal: [] };

interface Process {
  readonly consumers: Consumers;
  readonly worker: JobWorker;
  readonly feed: Feed;
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function createProcess(
  engine: TestEngine,
  workerId: string,
  definitions: readonly ConsumerDefinition[],
  resolvePeople?: ResolvePeople,
  fault?: EventFault,
): Promise<Process> {
  await engine.stores.state.defineTables([SEEN]);
  const { time, random, log, tenants, stores } = engine;
  const feed = new Feed({ log: stores.log, timers: time, logger: log });
  const worker = createJobWorker({ queue: stores.state.jobs, tenants, clock: time, timers: time, random, log, workerId, leaseMs: 30_000 });
  const consumers = createConsumers({
    tenants,
    feed,
    clock: time,
    timers: time,
    random,
    log,
    hasRoom: () => worker.hasRoom(CONSUMER_JOB),
    resolvePeople: () => resolvePeople,
    retry: { attempts: 3, initialMs: 100, maxMs: 1_000 },
    fault,
  });
  for (const definition of definitions) consumers.register(definition);
  worker.register(CONSUMER_JOB, (lease) => consumers.follow(lease), { concurrency: 100, attempts: Infinity });
  return {
    consumers,
    worker,
    feed,
    start: async () => {
      feed.start();
      worker.start();
      await consumers.start();
    },
    stop: async () => {
      await consumers.stop();
      await worker.stop(0);
      feed.stop();
    },
  };
}

function seenBy(event: LoggedEvent): Change {
  return { op: 'put', table: SEEN, value: { id: `e${event.position}`, message: event.id, profileId: event.profileId }, expect: 0 };
}

function told(event: LoggedEvent): Change {
  return { op: 'emit', event: hubEvent({ name: 'tendril.told', cause: event.id, occurredAt: 0, isTest: false, properties: {} }) };
}

function definition(id: string, handle: ConsumerDefinition['handle'], rest: Partial<ConsumerDefinition> = {}): ConsumerDefinition {
  return { id, batchSize: 10, onFailure: 'block', isEnabled: async () => true, handle, ...rest };
}

let sent = 0;

async function send(room: TestEvents, count: number, person: (i: number) => string = () => 'u1', event = 'Ping'): Promise<void> {
  const calls = Array.from({ length: count }, (_, i) => ({ type: 'track', event, userId: person(i), messageId: `m${sent + i}` }));
  sent += count;
  await room.ingest.accept(room.app, calls, { receivedAt: 0, requestId: 'r' });
}

async function seenKeys(state: TenantState): Promise<readonly string[]> {
  const { items } = await state.query(SEEN, { limit: 1_000 });
  return items.map((row) => row.key).toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}

function keys(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `e${from + i}`);
}

describe('consumers', () => {
  it('hand every event over once, in order, and move the cursor with what is derived', async () => {
    const engine = await createTestEngine();
    const order: number[] = [];
    const process = await createProcess(engine, 'w1', [
      definition('test.all', async (_, events) => {
        order.push(...events.map((event) => event.position));
        return events.map(seenBy);
      }),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 25);
    await process.start();
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 25);
    await send(room, 5);
    // The process is awake: no time has to pass.
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 30, 0);
    assert.deepEqual(
      order,
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    const [info] = await process.consumers.service('acme').list();
    assert.deepEqual(info, { id: 'test.all', position: 30, lag: 0, lagMs: 0, setAside: 0, isPaused: false });
    await process.stop();
  });

  describe('that make everything of the log', () => {
    /** Counts what each person did, over rows that several batches write. */
    async function counting(whileCommitting: (state: TenantState, commits: number) => Promise<void> = async () => undefined) {
      const engine = await createTestEngine();
      const reads: boolean[] = [];
      let commits = 0;
      const tally: ConsumerDefinition['handle'] = async (tenantId, events, _signal, ahead) => {
        reads.push(ahead !== undefined);
        const state = ahead ?? (await engine.tenants.open(tenantId)).state;
        const people = [...new Set(events.map(({ identities }) => identities.userId ?? ''))];
        const rows = await state.get(SEEN, people);
        return people.map((id, index): Change => {
          const { version = 0, value } = rows[index] ?? {};
          const count = Number(value?.['count'] ?? 0) + events.filter(({ identities }) => identities.userId === id).length;
          return { op: 'put', table: SEEN, value: { id, count }, expect: version };
        });
      };
      const process = await createProcess(engine, 'w1', [definition('test.tally', tally, { derives: [SEEN] })], undefined, (point) => {
        if (point === 'consumer.before-commit') commits += 1;
      });
      const room = await createTestEvents(engine, 'acme', { feed: process.feed });
      const { state } = room.tenant;
      const commit = state.commit.bind(state);
      Object.assign(state, {
        commit: async (changes: readonly Change[]) => {
          if (changes.some((change) => change.op === 'put' && change.table === SEEN)) await whileCommitting({ ...state, commit }, commits);
          return commit(changes);
        },
      });
      await send(room, 95, (i) => `u${String(i % 7)}`);
      await process.start();
      const counts = async (): Promise<readonly number[]> =>
        (await state.query(SEEN, { limit: 10 })).items.map(({ value }) => Number(value['count']));
      await engine.time.until(async () => (await process.consumers.service('acme').list())[0]?.position === 95);
      await process.stop();
      return { counts: await counts(), reads };
    }

    it('handle what comes next while they commit, as if they had waited', async () => {
      // Long enough for the next batch to be handled meanwhile.
      const { counts, reads } = await counting(async () => {
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      });
      assert.deepEqual(counts, [14, 14, 14, 14, 13, 13, 13]);
      assert.equal(reads.length, 10);
      assert.ok(reads.filter(Boolean).length >= 8, JSON.stringify(reads));
    });

    it('throw it away when the commit fails on a condition, and read again', async () => {
      const bumped = new Set<number>();
      const { counts, reads } = await counting(async (state, commits) => {
        if (commits % 3 !== 0 || bumped.has(commits)) return;
        bumped.add(commits);
        const [row] = await state.get(SEEN, ['u0']);
        if (row !== undefined) await state.commit([{ op: 'put', table: SEEN, value: row.value, expect: row.version }]);
      });
      assert.ok(bumped.size >= 2);
      assert.deepEqual(counts, [14, 14, 14, 14, 13, 13, 13]);
      assert.ok(reads.length > 10);
    });
  });

  it('go on from the durable cursor in another process after a crash between effect and commit', async () => {
    const engine = await createTestEngine();
    let crashes = 0;
    // Its own time stops with it: it renews nothing and claims nothing any more.
    const itsTime = new FakeTime();
    const dying = await createProcess({ ...engine, time: itsTime }, 'w1', [
      definition('test.all', async (_, events) => {
        if ((events[0]?.position ?? 0) <= 10) return events.map(seenBy);
        crashes += 1;
        return new Promise<never>(() => undefined);
      }),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: dying.feed });
    await send(room, 20);
    await dying.start();
    await itsTime.until(() => crashes === 1);
    const second = await createTestEngine(engine);
    const survivor = await createProcess(second, 'w2', [definition('test.all', async (_, events) => events.map(seenBy))]);
    await survivor.start();
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 20, 1_000);
    assert.deepEqual(await seenKeys(room.tenant.state), keys(1, 20));
    assert.equal(crashes, 1);
    await survivor.stop();
  });

  it('set nothing aside while what should handle it cannot be started, and go on when it can', async () => {
    for (const code of ['PLUGIN_FAULTY', 'PLUGIN_CRASHED', 'PLUGIN_IMPLEMENTATION_MISMATCH'] as const) {
      const engine = await createTestEngine();
      let calls = 0;
      const process = await createProcess(engine, 'w1', [
        definition('test.all', async (_, events) => {
          calls += 1;
          if (calls <= 12) throw new TendrilError(code, { isWithoutEffect: true });
          return events.map(seenBy);
        }),
      ]);
      const room = await createTestEvents(engine, 'acme', { feed: process.feed });
      await send(room, 3);
      await process.start();
      await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 3, 1_000);
      assert.deepEqual(await process.consumers.service('acme').setAside('test.all'), [], code);
      await process.stop();
    }
  });

  it('make their tables anew from the beginning of the log, and tell nothing twice', async () => {
    const engine = await createTestEngine();
    let version = 1;
    const process = await createProcess(engine, 'w1', [
      definition('test.all', async (_, events) => events.flatMap((event) => [seenBy({ ...event, id: `v${version}` }), told(event)]), {
        derives: [SEEN],
        batchSize: 7,
      }),
      definition('test.other', async () => []),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 25);
    await process.start();
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 25);
    const service = process.consumers.service('acme');
    await assert.rejects(service.rebuild('test.other'), { code: 'INPUT_INVALID' });
    await assert.rejects(service.rebuild('test.none'), { code: 'NOT_FOUND' });
    version = 2;
    await service.rebuild('test.all');
    await send(room, 5);
    const versions = async (): Promise<readonly unknown[]> =>
      (await room.tenant.state.query(SEEN, { limit: 1_000 })).items.map(({ value }) => value['message']);
    await engine.time.until(async () => (await versions()).filter((each) => each === 'v2').length === 30);
    assert.deepEqual(await seenKeys(room.tenant.state), keys(1, 30));
    assert.equal((await engine.stores.state.outbox.take(1_000)).length, 30);
    await process.stop();
  });

  for (const point of ['consumer.before-empty', 'consumer.before-rewind', 'consumer.before-commit', 'consumer.after-commit'] as const) {
    for (const times of [1, 2]) {
      it(`rebuild as if nothing had happened when they die at ${point}, ${times} times passed`, async () => {
        const engine = await createTestEngine();
        const definitions = [
          definition('test.all', async (_, events) => events.flatMap((event) => [seenBy(event), told(event)]), {
            derives: [SEEN],
            batchSize: 7,
          }),
        ];
        const itsTime = new FakeTime();
        let passed = 0;
        let isArmed = false;
        const dying = await createProcess({ ...engine, time: itsTime }, 'w1', definitions, undefined, (name) => {
          if (!isArmed || name !== point) return;
          passed += 1;
          // Whoever is dead does not go on.
          if (passed >= times) throw new TendrilError('STORE_UNAVAILABLE');
        });
        const room = await createTestEvents(engine, 'acme', { feed: dying.feed });
        await send(room, 25);
        await dying.start();
        await itsTime.until(async () => (await seenKeys(room.tenant.state)).length === 25);
        isArmed = true;
        await dying.consumers.service('acme').rebuild('test.all');
        for (let rounds = 0; passed < times && rounds < 200; rounds += 1) await itsTime.advance(10);
        const second = await createTestEngine(engine);
        const survivor = await createProcess(second, 'w2', definitions);
        await survivor.start();
        await engine.time.until(async () => {
          const [info] = await survivor.consumers.service('acme').list();
          return info?.lag === 0 && (await seenKeys(room.tenant.state)).length === 25;
        }, 1_000);
        assert.deepEqual(await seenKeys(room.tenant.state), keys(1, 25));
        assert.equal((await engine.stores.state.outbox.take(1_000)).length, 25);
        await survivor.stop();
      });
    }
  }

  it('stop although the store does not come back, or what they wait for', async () => {
    for (const code of ['STORE_UNAVAILABLE', 'PLUGIN_DISABLED'] as const) {
      const engine = await createTestEngine();
      let calls = 0;
      const process = await createProcess(engine, 'w1', [
        definition('test.all', async () => {
          calls += 1;
          throw new TendrilError(code);
        }),
      ]);
      const room = await createTestEvents(engine, 'acme', { feed: process.feed });
      await send(room, 3);
      await process.start();
      await engine.time.until(() => calls > 3);
      let hasStopped = false;
      void process.stop().then(() => (hasStopped = true));
      await engine.time.advance(5_000);
      assert.equal(hasStopped, true, code);
    }
  });

  it('stop within the grace although a batch takes longer, which then ends with its lease', async () => {
    const engine = await createTestEngine();
    const ends: string[] = [];
    const process = await createProcess(engine, 'w1', [
      definition('test.all', async (_tenantId, _events, signal) => {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
        });
        ends.push('batch');
        throw signal.reason;
      }),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 3);
    await process.start();
    await engine.time.advance(100);
    void process.consumers.stop(2_000).then(async () => {
      ends.push('grace');
      await process.worker.stop(0);
      ends.push('worker');
    });
    await engine.time.advance(3_000);
    assert.deepEqual(ends, ['grace', 'batch', 'worker']);
  });

  it('handle a batch again whose commit the store refused, and write nothing twice', async () => {
    const engine = await createTestEngine();
    let failures = 3;
    const process = await createProcess(engine, 'w1', [definition('test.all', async (_, events) => events.map(seenBy))]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    const commit = room.tenant.state.commit.bind(room.tenant.state);
    Object.assign(room.tenant.state, {
      commit: async (changes: readonly Change[]) => {
        if (changes.some((change) => change.op === 'put' && change.table === SEEN) && (failures -= 1) >= 0)
          throw new TendrilError('STORE_UNAVAILABLE');
        return commit(changes);
      },
    });
    await send(room, 12);
    await process.start();
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 12, 100);
    assert.equal((await process.consumers.service('acme').setAside('test.all')).length, 0);
    await process.stop();
  });

  it('set a failing event aside, make later ones of the same person wait, and let the others pass', async () => {
    const engine = await createTestEngine();
    let isMended = false;
    const order: string[] = [];
    const process = await createProcess(engine, 'w1', [
      definition('test.all', async (_, events) => {
        if (!isMended && events.some((event) => event.name === 'Poison')) throw new TypeError('cannot read this');
        order.push(...events.filter((event) => event.identities.userId === 'ill').map((event) => `${event.name}@${event.position}`));
        return events.map(seenBy);
      }),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 3, (i) => `well${i}`);
    await send(room, 1, () => 'ill', 'Poison');
    await send(room, 4, (i) => (i % 2 === 0 ? 'ill' : `well${i}`));
    await process.start();
    const service = process.consumers.service('acme');
    await engine.time.until(async () => (await service.list())[0]?.lag === 0, 50);
    assert.deepEqual(await seenKeys(room.tenant.state), ['e1', 'e2', 'e3', 'e6', 'e8']);
    assert.deepEqual(
      (await service.setAside('test.all')).map(({ position, code }) => [position, code]),
      [
        [4, 'INTERNAL'],
        [5, 'CONFLICT'],
        [7, 'CONFLICT'],
      ],
    );
    // Still blocked after another batch, and in another process too.
    await send(room, 1, () => 'ill');
    await engine.time.until(async () => (await service.list())[0]?.lag === 0, 50);
    assert.equal((await service.setAside('test.all')).length, 4);

    const still = service.retrySetAside('test.all');
    await engine.time.until(() => isDone(still), 50);
    assert.deepEqual(await still, { done: 0, left: 4 });
    isMended = true;
    const mended = service.retrySetAside('test.all');
    await engine.time.until(() => isDone(mended), 50);
    assert.deepEqual(await mended, { done: 4, left: 0 });
    assert.deepEqual(order, ['Poison@4', 'Ping@5', 'Ping@7', 'Ping@9']);
    await send(room, 1, () => 'ill');
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 10, 50);
    assert.deepEqual(await service.setAside('test.all'), []);
    await process.stop();
  });

  it('remember who is blocked when another process takes over', async () => {
    const engine = await createTestEngine();
    const failing = definition('test.all', async (_, events) => {
      if (events.some((event) => event.name === 'Poison')) throw new Error('no');
      return events.map(seenBy);
    });
    const first = await createProcess(engine, 'w1', [failing]);
    const room = await createTestEvents(engine, 'acme', { feed: first.feed });
    await send(room, 1, () => 'ill', 'Poison');
    await first.start();
    await engine.time.until(async () => (await first.consumers.service('acme').list())[0]?.setAside === 1, 50);
    await first.stop();
    const second = await createProcess(await createTestEngine(engine), 'w2', [failing]);
    await second.start();
    await send(room, 2, (i) => (i === 0 ? 'ill' : 'well'));
    await engine.time.until(async () => (await second.consumers.service('acme').list())[0]?.position === 3, 50);
    assert.deepEqual(await seenKeys(room.tenant.state), ['e3']);
    assert.deepEqual(
      (await second.consumers.service('acme').setAside('test.all')).map(({ position }) => position),
      [1, 2],
    );
    await second.stop();
  });

  it('do not make others wait where the consumer says skip', async () => {
    const engine = await createTestEngine();
    const process = await createProcess(engine, 'w1', [
      definition(
        'test.all',
        async (_, events) => {
          if (events.some((event) => event.name === 'Poison')) throw new Error('no');
          return events.map(seenBy);
        },
        { onFailure: 'skip' },
      ),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 1, () => 'ill', 'Poison');
    await send(room, 2, () => 'ill');
    await process.start();
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 2, 50);
    assert.deepEqual(
      (await process.consumers.service('acme').setAside('test.all')).map(({ position }) => position),
      [1],
    );
    await process.stop();
  });

  it('never pass the consumer they come after, and get its profiles', async () => {
    const engine = await createTestEngine();
    let isOpen = false;
    let gate: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      gate = resolve;
    });
    let furthest = 0;
    const ahead: number[] = [];
    const process = await createProcess(
      engine,
      'w1',
      [
        definition('profiles.people', async (_, events) => {
          if ((events[0]?.position ?? 0) > 10 && !isOpen) await opened;
          return [];
        }),
        definition(
          'test.behind',
          async (_, events) => {
            furthest = Math.max(furthest, ...events.map((event) => event.position));
            if (!isOpen && furthest > 10) ahead.push(furthest);
            return events.map(seenBy);
          },
          { after: 'profiles', batchSize: 7 },
        ),
      ],
      async (_, events) => events.map((event) => `p-${event.identities.userId ?? ''}`),
    );
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 30);
    await process.start();
    await engine.time.until(() => furthest === 10);
    isOpen = true;
    gate();
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 30);
    assert.deepEqual(ahead, []);
    const [row] = await room.tenant.state.get(SEEN, ['e7']);
    assert.equal(row?.value['profileId'], 'p-u1');
    await process.stop();
  });

  it('see only the names they ask for, and move on over the others', async () => {
    const engine = await createTestEngine();
    const process = await createProcess(engine, 'w1', [
      definition('test.some', async (_, events) => events.map(seenBy), { names: ['Wanted'] }),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 15);
    await send(room, 12, () => 'u1', 'Wanted');
    await send(room, 8);
    await process.start();
    await engine.time.until(async () => (await process.consumers.service('acme').list())[0]?.position === 35, 1_000);
    assert.deepEqual(await seenKeys(room.tenant.state), keys(16, 27));
    await process.stop();
  });

  it('ask for the profiles only of events that they select', async () => {
    const engine = await createTestEngine();
    const asked: number[] = [];
    const process = await createProcess(
      engine,
      'w1',
      [
        definition('test.some', async (_, events) => events.map(seenBy), {
          after: 'nobody',
          select: async (_, events) => events.filter(({ position }) => position % 5 === 0),
        }),
      ],
      async (_, events) => {
        asked.push(...events.map(({ position }) => position));
        return events.map(() => 'p1');
      },
    );
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await send(room, 23);
    await process.start();
    await engine.time.until(async () => (await process.consumers.service('acme').list())[0]?.position === 23, 1_000);
    assert.deepEqual(await seenKeys(room.tenant.state), ['e5', 'e10', 'e15', 'e20']);
    assert.deepEqual(asked, [5, 10, 15, 20]);
    await process.stop();
  });

  it('keep tenants apart and take them in turn', async () => {
    const engine = await createTestEngine();
    const order: string[] = [];
    const process = await createProcess(engine, 'w1', [
      definition(
        'test.all',
        async (tenantId, events) => {
          order.push(tenantId);
          return events.map(seenBy);
        },
        { batchSize: 50 },
      ),
    ]);
    const big = await createTestEvents(engine, 'big', { feed: process.feed });
    const small = await createTestEvents(engine, 'small', { feed: process.feed });
    await send(big, 900);
    await send(small, 10);
    await process.start();
    await engine.time.until(
      async () => (await seenKeys(big.tenant.state)).length === 900 && (await seenKeys(small.tenant.state)).length === 10,
    );
    assert.equal(order.filter((tenant) => tenant === 'big').length, 18);
    assert.ok(order.indexOf('small') < 5, `the small tenant came at place ${order.indexOf('small')}`);
    await process.stop();
  });

  it('are not held up by those of others that wait for something', async () => {
    const engine = await createTestEngine();
    let waiting = 0;
    const process = await createProcess(engine, 'w1', [
      definition('test.all', async (tenantId, events) => {
        if (tenantId === 'quick') return events.map(seenBy);
        waiting += 1;
        return new Promise<never>(() => undefined);
      }),
    ]);
    for (let i = 0; i < 12; i += 1) await send(await createTestEvents(engine, `slow${i}`, { feed: process.feed }), 1);
    const quick = await createTestEvents(engine, 'quick', { feed: process.feed });
    await send(quick, 5);
    await process.start();
    await engine.time.until(async () => (await seenKeys(quick.tenant.state)).length === 5, 100, 50);
    assert.ok(waiting >= 8);
  });

  it('stand still while paused and go on after', async () => {
    const engine = await createTestEngine();
    const process = await createProcess(engine, 'w1', [definition('test.all', async (_, events) => events.map(seenBy))]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await process.start();
    const service = process.consumers.service('acme');
    await service.pause('test.all');
    await engine.time.advance(5_000);
    await send(room, 3);
    engine.time.freeze(2_000);
    await engine.time.advance(5_000);
    const [paused] = await service.list();
    assert.equal(paused?.isPaused, true);
    assert.equal(paused.lag, 3);
    assert.ok(paused.lagMs > 0);
    await service.resume('test.all');
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 3, 100);
    await assert.rejects(service.pause('test.nobody'), { code: 'NOT_FOUND' });
    await process.stop();
  });

  it('start for a tenant when it becomes enabled there', async () => {
    const engine = await createTestEngine();
    let isEnabled = false;
    const process = await createProcess(engine, 'w1', [
      definition('test.all', async (_, events) => events.map(seenBy), { isEnabled: async () => isEnabled }),
    ]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await process.start();
    await send(room, 3);
    await engine.time.advance(5_000);
    assert.deepEqual(await seenKeys(room.tenant.state), []);
    isEnabled = true;
    await process.consumers.refresh('acme');
    await engine.time.until(async () => (await seenKeys(room.tenant.state)).length === 3, 10);
    await process.stop();
  });

  it('give their leases back when idle and are called by the next event, of another process too', async () => {
    const engine = await createTestEngine();
    const process = await createProcess(engine, 'w1', [definition('test.all', async (_, events) => events.map(seenBy))]);
    const room = await createTestEvents(engine, 'acme', { feed: process.feed });
    await process.start();
    await send(room, 1);
    await engine.time.advance(60_000);
    const [claimable] = await engine.stores.state.jobs.counts();
    assert.deepEqual(claimable, { tenantId: 'acme', kind: 'consumer', state: 'waiting', count: 1 });
    const other = await createTestEvents(await createTestEngine(engine), 'acme');
    await send(other, 2);
    await engine.time.advance(2_500);
    assert.deepEqual(await seenKeys(room.tenant.state), keys(1, 3));
    await process.stop();
  });
});

async function isDone(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(() => resolve(pending)))])) !== pending;
}
