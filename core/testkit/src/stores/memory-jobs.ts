import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Claim, GateStatus, JobGate, JobQueue, NewJob, Renewed } from '@tendril/engine/ports';
import { checkGates, countHeld, gateName, MemoryGates } from './memory-gates.ts';
import type { GatedJob } from './memory-gates.ts';

/** A job as the fake keeps it. */
export interface MemoryJob extends GatedJob {
  readonly id: string;
  readonly kind: string;
  readonly priority: number;
  readonly payload: JsonObject;
  readonly attempts: number;
  /** While it is held: the end of the lease. */
  readonly dueAt: number;
  readonly order: number;
  /** A throttle gave it this due time: nothing makes it due earlier. */
  readonly notBefore?: number | undefined;
  readonly fence: number;
  /** How often in a row a lease of it ran out without a write by its holder. */
  readonly deaths: number;
  readonly holder?: string | undefined;
  /** Asked for by `job` while it was held: it stays after `finish`, due then. */
  readonly againAt?: number | undefined;
  /** Asked for by `wake` while it was held: counts when the holder reschedules. */
  readonly wakeAt?: number | undefined;
  readonly buried?: { readonly error: JsonObject; readonly at: number } | undefined;
}

/** Jobs of all tenants by tenant and id. Every write goes through `set`, which gives the way back. */
export class MemoryJobs {
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #gates = new MemoryGates();
  readonly #clock: Clock;
  readonly #listeners = new Set<(dueAt: number) => void>();
  // 1 is the fence of jobs that are born claimed.
  #lastFence = 1;
  #lastTenant = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(tenantId: string, id: string): MemoryJob | undefined {
    return this.#jobs.get(`${tenantId}\0${id}`);
  }

  /** @returns what undoes it */
  set(tenantId: string, id: string, job: MemoryJob | undefined): () => void {
    const key = `${tenantId}\0${id}`;
    const before = this.#jobs.get(key);
    if (job === undefined) this.#jobs.delete(key);
    else this.#jobs.set(key, job);
    return () => {
      if (before === undefined) this.#jobs.delete(key);
      else this.#jobs.set(key, before);
    };
  }

  /** What a `job` change makes of what is there; `undefined` when its condition does not hold. */
  scheduled(tenantId: string, job: NewJob, ifAbsent: boolean): MemoryJob | undefined {
    checkJob(job);
    const existing = this.get(tenantId, job.id);
    if (existing === undefined) return this.#fresh(tenantId, job);
    if (job.claimedBy !== undefined) return undefined;
    if (ifAbsent || existing.buried !== undefined || existing.waitsAt !== undefined) return existing;
    if (existing.holder !== undefined) return { ...existing, againAt: Math.min(existing.againAt ?? Infinity, job.dueAt) };
    return { ...existing, dueAt: sooner(existing, job.dueAt) };
  }

  #fresh(tenantId: string, job: NewJob): MemoryJob {
    const { id, kind, priority, payload = {}, order = 0, gates = [] } = job;
    const base = { tenantId, id, kind, priority, payload, order, gates, passed: new Set<string>(), attempts: 0, deaths: 0 };
    if (job.claimedBy === undefined) return { ...base, dueAt: job.dueAt, fence: 0 };
    return { ...base, dueAt: this.#clock.now() + job.claimedBy.leaseMs, fence: 1, holder: job.claimedBy.workerId };
  }

  announce(dueAt: number): void {
    for (const listener of this.#listeners) listener(dueAt);
  }

  /** Those that wait at one of the gates. */
  waitingAt(names: ReadonlySet<string>): readonly MemoryJob[] {
    return [...this.#jobs.values()].filter(({ waitsAt }) => waitsAt !== undefined && names.has(waitsAt));
  }

  // Whoever waits at a full gate is not in the queue.
  #queued(held: ReadonlyMap<string, number>): readonly MemoryJob[] {
    return [...this.#jobs.values()].filter(
      ({ buried, waitsAt }) => buried === undefined && (waitsAt === undefined || this.#gates.hasRoom(waitsAt, held)),
    );
  }

  #claim(workerId: string, limit: number, leaseMs: number, kinds: readonly string[] | undefined): readonly Claim[] {
    const now = this.#clock.now();
    const inside = countHeld(this.#jobs.values());
    const due = this.#queued(inside).filter((job) => job.dueAt <= now && (kinds === undefined || kinds.includes(job.kind)));
    const queues = Map.groupBy(
      due.toSorted((a, b) => a.priority - b.priority || a.dueAt - b.dueAt || a.order - b.order || (a.id < b.id ? -1 : 1)),
      (job) => job.tenantId,
    );
    const tenants = [...queues.keys()].toSorted();
    const turn = [...tenants.filter((id) => id > this.#lastTenant), ...tenants.filter((id) => id <= this.#lastTenant)];
    const claims: Claim[] = [];
    while (claims.length < limit && turn.length > 0) {
      const tenantId = turn.shift() ?? '';
      const job = queues.get(tenantId)?.shift();
      if (job === undefined) continue;
      turn.push(tenantId);
      if (!this.#enter(job, inside, now)) continue;
      this.#lastTenant = tenantId;
      claims.push(this.#hold(this.get(tenantId, job.id) ?? job, workerId, now + leaseMs));
    }
    return claims;
  }

  #enter(job: MemoryJob, inside: Map<string, number>, now: number): boolean {
    const { outcome, passed, ...rest } = this.#gates.pass(job, inside, now);
    for (const name of passed.difference(job.passed)) inside.set(name, (inside.get(name) ?? 0) + 1);
    const through = { ...job, passed, waitsAt: undefined, notBefore: undefined };
    if ('dueAt' in rest) this.set(job.tenantId, job.id, { ...through, dueAt: rest.dueAt, notBefore: rest.dueAt });
    else this.set(job.tenantId, job.id, 'waitsAt' in rest ? { ...through, waitsAt: rest.waitsAt } : through);
    return outcome === 'in';
  }

  #hold(job: MemoryJob, workerId: string, leaseUntil: number): Claim {
    this.#lastFence += 1;
    const deaths = job.holder === undefined ? job.deaths : job.deaths + 1;
    const held = { ...job, fence: this.#lastFence, holder: workerId, deaths, dueAt: leaseUntil };
    this.set(job.tenantId, job.id, held);
    const { tenantId, id, kind, priority, attempts, payload, fence } = held;
    return { tenantId, id, kind, priority, attempts, ...(deaths > 0 && { deaths }), payload, fence, leaseUntil };
  }

  #statusOf(name: string): GateStatus {
    const waiting = this.waitingAt(new Set([name])).length;
    return { held: countHeld(this.#jobs.values()).get(name) ?? 0, waiting };
  }

  #renew(claims: readonly Claim[], leaseMs: number): Renewed {
    const held = new Set<string>();
    const woken = new Set<string>();
    for (const claim of claims) {
      const job = this.get(claim.tenantId, claim.id);
      if (job?.holder === undefined || job.fence !== claim.fence || job.buried !== undefined) continue;
      this.set(claim.tenantId, claim.id, { ...job, dueAt: this.#clock.now() + leaseMs });
      held.add(`${claim.tenantId}/${claim.id}`);
      if (job.wakeAt !== undefined) woken.add(`${claim.tenantId}/${claim.id}`);
    }
    return { held, woken };
  }

  /** The port over these jobs. */
  readonly queue: JobQueue = {
    claimDue: async (workerId, { limit, leaseMs, kinds }) => this.#claim(workerId, limit, leaseMs, kinds),
    renew: async (claims, leaseMs) => this.#renew(claims, leaseMs),
    nextDueAt: async () => {
      const queued = this.#queued(countHeld(this.#jobs.values()));
      return queued.length === 0 ? undefined : Math.min(...queued.map((job) => job.dueAt));
    },
    onDue: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    counts: async () => {
      const groups = Map.groupBy(this.#jobs.values(), (job) =>
        JSON.stringify([job.tenantId, job.kind, job.buried === undefined ? 'waiting' : 'dead']),
      );
      return [...groups].map(([key, jobs]) => {
        const [tenantId, kind, state] = JSON.parse(key) as [string, string, 'waiting' | 'dead'];
        return { tenantId, kind, state, count: jobs.length };
      });
    },
    gates: async (tenantId, gates: readonly Pick<JobGate, 'kind' | 'key'>[]) =>
      gates.map((gate) => this.#statusOf(gateName(tenantId, gate))),
    dead: async (tenantId, limit) =>
      [...this.#jobs.values()]
        .flatMap(({ id, kind, buried, ...job }) =>
          job.tenantId === tenantId && buried ? [{ id, kind, error: buried.error, buriedAt: buried.at }] : [],
        )
        .toSorted((a, b) => b.buriedAt - a.buriedAt)
        .slice(0, limit),
  };
}

/** The earlier of two due times, but not before a throttle allows it. */
export function sooner(job: MemoryJob, dueAt: number): number {
  return Math.max(Math.min(job.dueAt, dueAt), job.notBefore ?? -Infinity);
}

function checkJob(job: NewJob): void {
  checkGates(job);
  const isPriority = Number.isInteger(job.priority) && job.priority >= 0 && job.priority <= 9;
  const faults = {
    id: !isShort(job.id, 255),
    kind: !isShort(job.kind, 200),
    dueAt: !Number.isFinite(job.dueAt),
    priority: !isPriority,
    order: job.order !== undefined && !Number.isSafeInteger(job.order),
  };
  for (const [field, isFault] of Object.entries(faults)) if (isFault) throw new TendrilError('INPUT_INVALID', { field });
}

function isShort(text: string, mostBytes: number): boolean {
  return text !== '' && Buffer.byteLength(text) <= mostBytes;
}
