import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Claim, JobQueue, NewJob, Renewed } from '@tendril/engine/ports';

/** A job as the fake keeps it. */
export interface MemoryJob {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: string;
  readonly priority: number;
  readonly payload: JsonObject;
  readonly attempts: number;
  /** While it is held: the end of the lease. */
  readonly dueAt: number;
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
    if (ifAbsent || existing.buried !== undefined) return existing;
    if (existing.holder !== undefined) return { ...existing, againAt: Math.min(existing.againAt ?? Infinity, job.dueAt) };
    return { ...existing, dueAt: Math.min(existing.dueAt, job.dueAt) };
  }

  #fresh(tenantId: string, job: NewJob): MemoryJob {
    const base = { tenantId, id: job.id, kind: job.kind, priority: job.priority, payload: job.payload ?? {}, attempts: 0, deaths: 0 };
    if (job.claimedBy === undefined) return { ...base, dueAt: job.dueAt, fence: 0 };
    return { ...base, dueAt: this.#clock.now() + job.claimedBy.leaseMs, fence: 1, holder: job.claimedBy.workerId };
  }

  announce(dueAt: number): void {
    for (const listener of this.#listeners) listener(dueAt);
  }

  #waiting(): readonly MemoryJob[] {
    return [...this.#jobs.values()].filter((job) => job.buried === undefined);
  }

  #claim(workerId: string, limit: number, leaseMs: number, kinds: readonly string[] | undefined): readonly Claim[] {
    const now = this.#clock.now();
    const due = this.#waiting().filter((job) => job.dueAt <= now && (kinds === undefined || kinds.includes(job.kind)));
    const queues = Map.groupBy(
      due.toSorted((a, b) => a.priority - b.priority || a.dueAt - b.dueAt),
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
      this.#lastTenant = tenantId;
      this.#lastFence += 1;
      const deaths = job.holder === undefined ? job.deaths : job.deaths + 1;
      const held = { ...job, fence: this.#lastFence, holder: workerId, deaths, dueAt: now + leaseMs };
      this.set(tenantId, job.id, held);
      const { id, kind, priority, attempts, payload, fence } = held;
      claims.push({ tenantId, id, kind, priority, attempts, ...(deaths > 0 && { deaths }), payload, fence, leaseUntil: held.dueAt });
    }
    return claims;
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
      const waiting = this.#waiting();
      return waiting.length === 0 ? undefined : Math.min(...waiting.map((job) => job.dueAt));
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
    gates: async (_tenantId, gates) => gates.map(() => ({ held: 0, waiting: 0 })),
    dead: async (tenantId, limit) =>
      [...this.#jobs.values()]
        .flatMap(({ id, kind, buried, ...job }) =>
          job.tenantId === tenantId && buried ? [{ id, kind, error: buried.error, buriedAt: buried.at }] : [],
        )
        .toSorted((a, b) => b.buriedAt - a.buriedAt)
        .slice(0, limit),
  };
}

function checkJob(job: NewJob): void {
  const isPriority = Number.isInteger(job.priority) && job.priority >= 0 && job.priority <= 9;
  const faults = { id: !isShort(job.id, 255), kind: !isShort(job.kind, 200), dueAt: !Number.isFinite(job.dueAt), priority: !isPriority };
  for (const [field, isFault] of Object.entries(faults)) if (isFault) throw new TendrilError('INPUT_INVALID', { field });
}

function isShort(text: string, mostBytes: number): boolean {
  return text !== '' && Buffer.byteLength(text) <= mostBytes;
}
