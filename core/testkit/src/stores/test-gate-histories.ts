import assert from 'node:assert/strict';
import type { Claim, JobGate, StateStore } from '@tendril/engine/ports';
import { job, keysOf } from './stores-fixture.ts';
import type { ManualClock, OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

const HISTORIES = [1, 2, 27];
const STEPS = 120;
const LEASE_MS = 1_000;

const GATES: readonly JobGate[] = [
  { kind: 'concurrency', key: 'a', limit: 1 },
  { kind: 'concurrency', key: 'b', limit: 3 },
  { kind: 'serial', key: 'x' },
  { kind: 'serial', key: 'y' },
  { kind: 'throttle', key: 't', limit: 5, periodMs: 1_000, burst: 2 },
];

/** The same numbers for the same seed, from 0 up to 1 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What is known of the jobs from outside. */
class History {
  readonly #gatesOf = new Map<string, readonly JobGate[]>();
  readonly #inside = new Set<string>();
  readonly #alive = new Set<string>();
  readonly #neverClaimed = new Set<string>();
  #claims: Claim[] = [];

  added(id: string, gates: readonly JobGate[]): void {
    this.#gatesOf.set(id, gates);
    this.#neverClaimed.add(id);
  }

  claimed(claims: readonly Claim[]): void {
    for (const claim of claims) {
      this.#claims = [...this.#claims.filter(({ id }) => id !== claim.id), claim];
      this.#neverClaimed.delete(claim.id);
      this.#inside.add(claim.id);
      this.#alive.add(claim.id);
    }
    for (const gate of GATES) {
      const held = [...(gate.kind === 'serial' ? this.#alive : this.#inside)].filter((id) => this.#gatesOf.get(id)?.includes(gate));
      const most = gate.kind === 'concurrency' ? gate.limit : gate.kind === 'serial' ? 1 : Infinity;
      assert.ok(held.length <= most, `${gate.kind} ${gate.key} holds ${held.join(', ')}`);
    }
  }

  /** One of the claims, of which nobody will hear again. */
  take(random: () => number): Claim | undefined {
    const [claim] = this.#claims.splice(Math.floor(random() * this.#claims.length), 1);
    return claim;
  }

  ended(id: string): void {
    this.#inside.delete(id);
    this.#alive.delete(id);
  }

  putBack(id: string): void {
    this.#inside.delete(id);
  }

  get neverClaimed(): readonly string[] {
    return [...this.#neverClaimed];
  }
}

async function step(state: StateStore, history: History, clock: ManualClock, random: () => number, nextId: () => string): Promise<void> {
  const acme = state.tenant(keysOf('acme'));
  const kind = Math.floor(random() * 10);
  if (kind <= 3) {
    const gates = GATES.filter(() => random() < 0.4);
    const id = nextId();
    history.added(id, gates);
    const dueAt = clock.now() + Math.floor(random() * 30);
    await acme.commit([job(id, { gates, dueAt, priority: random() < 0.8 ? 5 : 2, order: Math.floor(random() * 5) })]);
  } else if (kind <= 6) {
    const limit = 1 + Math.floor(random() * 4);
    const claims = await Promise.all(['w1', 'w2'].map((worker) => state.jobs.claimDue(worker, { limit, leaseMs: LEASE_MS })));
    history.claimed(claims.flat());
  } else if (kind === 9) {
    // From a moment to past the leases of all.
    clock.advance(random() < 0.2 ? LEASE_MS : Math.floor(random() * 50));
    const somebody = history.neverClaimed.at(Math.floor(random() * 8));
    if (somebody !== undefined && random() < 0.3) {
      history.added(somebody, []);
      await acme.commit([{ op: 'wake', jobId: somebody, dueAt: clock.now(), pastGates: true }]);
    }
  } else {
    await end(state, history, clock, random);
  }
}

async function end(state: StateStore, history: History, clock: ManualClock, random: () => number): Promise<void> {
  const acme = state.tenant(keysOf('acme'));
  const claim = history.take(random);
  // A crash: the lease has to run out.
  if (claim === undefined || random() < 0.15) return;
  const { id: jobId, fence } = claim;
  const fate = random();
  if (fate < 0.5) {
    if ((await acme.commit([{ op: 'finish', jobId, fence }])).ok) history.ended(jobId);
  } else if (fate < 0.9) {
    const dueAt = clock.now() + Math.floor(random() * 40);
    if ((await acme.commit([{ op: 'reschedule', jobId, fence, dueAt, attempts: 0 }])).ok) history.putBack(jobId);
  } else if ((await acme.commit([{ op: 'bury', jobId, fence, error: {} }])).ok) {
    history.ended(jobId);
    await acme.commit([{ op: 'wake', jobId, dueAt: clock.now() }]);
  }
}

async function drain(state: StateStore, history: History, clock: ManualClock): Promise<void> {
  const acme = state.tenant(keysOf('acme'));
  for (let round = 0; round < 1_000; round += 1) {
    const claims = await state.jobs.claimDue('last', { limit: 5, leaseMs: LEASE_MS });
    history.claimed(claims);
    for (const { id: jobId, fence } of claims) {
      assert.deepEqual(await acme.commit([{ op: 'finish', jobId, fence }]), { ok: true });
      history.ended(jobId);
    }
    const dueAt = await state.jobs.nextDueAt();
    if (dueAt === undefined) return;
    clock.advance(Math.max(0, dueAt - clock.now()));
  }
  assert.fail('some jobs never end');
}

/** What holds of gates in whatever order things happen. */
export function testGateHistories(open: OpenStores): void {
  describe('gates over random histories', () => {
    for (const seed of HISTORIES) {
      it(
        `are never overfull, let everybody in at last and keep nothing (seed ${String(seed)})`,
        withStores(open, async ({ stores, clock, reopen }) => {
          const random = createRandom(seed);
          const history = new History();
          let ids = 0;
          const nextId = (): string => `j${String((ids += 1))}`;
          for (let i = 0; i < STEPS; i += 1) await step(stores.state, history, clock, random, nextId);
          const { state } = await reopen();
          await state.tenant(keysOf('acme')).counters([]);
          await drain(state, history, clock);
          assert.deepEqual(history.neverClaimed, []);
          assert.deepEqual(await state.jobs.counts(), []);
          const nobody = GATES.map(() => ({ held: 0, waiting: 0 }));
          assert.deepEqual(await state.jobs.gates('acme', GATES), nobody);
        }),
      );
    }
  });
}
