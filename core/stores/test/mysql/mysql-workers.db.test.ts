import assert from 'node:assert/strict';
import type { Change, Claim, JobGate, Stores } from '@tendril/engine/ports';
import { missingMariadb, startMariadb } from '@tendril/testkit/stores';
import type { Mariadb } from '@tendril/testkit/stores';
import { createMysqlStores } from '../../src/mysql/create-mysql-stores.ts';
import { closeStores } from '../folder.ts';
import { keys, LEADS } from '../support.ts';

const PROCESSES = 3;
const pair: JobGate = { kind: 'concurrency', key: 'pair', limit: 2 };
const laneOf = (i: number): JobGate => ({ kind: 'serial', key: `lane-${String(i % 4)}` });

describe('several processes on one MariaDB', function () {
  this.timeout(120_000);
  let server: Mariadb | undefined;
  let processes: readonly Stores[] = [];

  before(async function () {
    const missing = await missingMariadb();
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${missing}\n`);
      this.skip();
    }
    server = await startMariadb();
    const { url } = server;
    processes = await Promise.all(Array.from({ length: PROCESSES }, () => createMysqlStores({ url })));
    for (const { state } of processes) {
      await state.defineTables([LEADS]);
      await state.tenant(keys).counters([]);
    }
  });

  after(async () => {
    await Promise.all(processes.map(closeStores));
    await server?.stop();
  });

  async function commit(stores: Stores, changes: readonly Change[]): Promise<void> {
    assert.deepEqual(await stores.state.tenant(keys).commit(changes), { ok: true });
  }

  /** Claims and ends jobs, three at a time, until all are done. */
  async function work(stores: Stores, worker: string, hears: (claims: readonly Claim[]) => void, isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const claims = await stores.state.jobs.claimDue(worker, { limit: 3, leaseMs: 600_000, kinds: ['run'] });
      hears(claims);
      await Promise.all(
        claims.map(async ({ id, fence, attempts }) => {
          // Every other job sleeps once, and is claimed again.
          if (attempts === 0 && id.endsWith('1')) {
            await commit(stores, [{ op: 'reschedule', jobId: id, fence, dueAt: 0, attempts: 1 }]);
          } else {
            await commit(stores, [
              { op: 'finish', jobId: id, fence },
              { op: 'put', table: LEADS, value: { id, score: attempts }, expect: 0 },
              { op: 'count', counter: 'done', by: 1 },
            ]);
          }
        }),
      );
    }
  }

  it('do each job once, while others add more, with free jobs and gated ones among each other', async () => {
    const jobs = 240;
    const order = new Map<string, string[]>();
    let isAdded = false;
    const held = new Map<string, number>();
    const isDone = (): boolean => isAdded && done === jobs;
    let done = 0;
    const add = async (): Promise<void> => {
      for (let i = 0; i < jobs; i += 12) {
        await Promise.all(
          Array.from({ length: 12 }, async (_, k) => {
            const n = i + k;
            const gates = n % 3 === 0 ? [] : n % 3 === 1 ? [pair] : [laneOf(n), pair];
            const stores = processes[n % PROCESSES];
            assert.ok(stores);
            await commit(stores, [{ op: 'job', job: { id: `job-${String(n)}`, kind: 'run', priority: 5, dueAt: 0, order: n, gates } }]);
          }),
        );
      }
      isAdded = true;
    };
    const hears = (claims: readonly Claim[]): void => {
      for (const { id, fence } of claims) {
        assert.ok(fence > (held.get(id) ?? 0));
        held.set(id, fence);
        order.set(id, [...(order.get(id) ?? []), id]);
      }
    };
    const count = async (): Promise<void> => {
      const [stores] = processes;
      while (!isDone()) [done = 0] = (await stores?.state.tenant(keys).counters(['done'])) ?? [];
    };
    await Promise.all([add(), count(), ...processes.map((stores, i) => work(stores, `w${String(i)}`, hears, isDone))]);
    assert.equal(held.size, jobs);
    for (const [id, claims] of order) assert.equal(claims.length, id.endsWith('1') ? 2 : 1, id);
    const [stores] = processes;
    assert.deepEqual(await stores?.state.jobs.counts(), []);
    const gates = [pair, ...[0, 1, 2, 3].map(laneOf)];
    assert.deepEqual(
      await stores?.state.jobs.gates('acme', gates),
      gates.map(() => ({ held: 0, waiting: 0 })),
    );
  });

  it('let one of them have what must be unique, and lose no count', async () => {
    const rounds = 40;
    const results = await Promise.all(
      processes.flatMap(({ state }, p) =>
        Array.from({ length: rounds }, (_, i) =>
          state.tenant(keys).commit([
            { op: 'count', counter: `tries-${String(i % 3)}`, by: 1 },
            { op: 'put', table: LEADS, value: { id: `u-${String(p)}-${String(i)}`, email: `e${String(i)}@example.invalid` } },
          ]),
        ),
      ),
    );
    const won = results.filter(({ ok }) => ok).length;
    assert.equal(won, rounds);
    const [first] = processes;
    const rows = await first?.state.tenant(keys).aggregate(LEADS, { index: 'byEmail' });
    assert.equal((rows?.[0]?.count ?? 0) >= rounds, true);
    const tries = (await first?.state.tenant(keys).counters(['tries-0', 'tries-1', 'tries-2'])) ?? [];
    assert.equal(
      tries.reduce((sum, value) => sum + value, 0),
      rounds,
    );
    for (let i = 0; i < rounds; i += 1) {
      const page = await first?.state.tenant(keys).query(LEADS, { index: 'byEmail', equals: { email: `e${String(i)}@example.invalid` } });
      assert.equal(page?.items.length, 1);
    }
  });
});
