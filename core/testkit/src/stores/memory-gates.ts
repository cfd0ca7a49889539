import { TendrilError } from '@tendril/plugin-api';
import type { JobGate, NewJob } from '@tendril/engine/ports';

/** What a job has to do with gates. */
export interface GatedJob {
  readonly tenantId: string;
  readonly gates: readonly JobGate[];
  /** Names of the gates that it is inside of; that of a throttle stays until it ends. */
  readonly passed: ReadonlySet<string>;
  /** The name of the gate at which it waits. */
  readonly waitsAt?: string | undefined;
}

const MOST_GATES = 16;

/** A gate's name among those of all tenants. */
export function gateName(tenantId: string, { kind, key }: Pick<JobGate, 'kind' | 'key'>): string {
  return JSON.stringify([tenantId, kind, key]);
}

/** @throws TendrilError INPUT_INVALID */
export function checkGates({ gates = [], claimedBy }: NewJob): void {
  const names = new Set(gates.map((gate) => gateName('', gate)));
  const isValid = gates.length <= MOST_GATES && names.size === gates.length && gates.every(isGate);
  if (!isValid || (gates.length > 0 && claimedBy !== undefined)) throw new TendrilError('INPUT_INVALID', { field: 'gates' });
}

function isGate(gate: JobGate): boolean {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  if (gate.key === '') return false;
  if (gate.kind === 'serial') return true;
  if (gate.kind === 'concurrency') return isCount(gate.limit);
  return isCount(gate.limit) && isCount(gate.burst) && Number.isFinite(gate.periodMs) && gate.periodMs > 0;
}

/** How many jobs are inside of each gate, by its name. */
export function countHeld(jobs: Iterable<GatedJob>): Map<string, number> {
  const held = new Map<string, number>();
  for (const job of jobs) for (const name of job.passed) held.set(name, (held.get(name) ?? 0) + 1);
  return held;
}

/** What a job is inside of still when it is put back. */
export function withoutConcurrency(job: GatedJob): ReadonlySet<string> {
  const left = job.gates.filter(({ kind }) => kind === 'concurrency').map((gate) => gateName(job.tenantId, gate));
  return job.passed.difference(new Set(left));
}

/** The same job without gates that it is not inside of, and not waiting at any; one that is held as it is. */
export function outOfGates<Job extends GatedJob & { readonly holder?: string | undefined; readonly notBefore?: number | undefined }>(
  job: Job,
): Job {
  if (job.holder !== undefined) return job;
  const gates = job.gates.filter((gate) => job.passed.has(gateName(job.tenantId, gate)));
  return { ...job, gates, waitsAt: undefined, notBefore: undefined };
}

/** What came of a job at its gates. */
export type MemoryPassage =
  | { readonly outcome: 'in'; readonly passed: ReadonlySet<string> }
  | { readonly outcome: 'waits'; readonly passed: ReadonlySet<string>; readonly waitsAt: string }
  | { readonly outcome: 'later'; readonly passed: ReadonlySet<string>; readonly dueAt: number };

/** The gates of all tenants: limits as they were told last, and when throttles are at rest. Who is inside is known by the jobs. */
export class MemoryGates {
  readonly #most = new Map<string, number>();
  readonly #freeAt = new Map<string, number>();

  /** Whether somebody may go in, as far as is known. */
  hasRoom(name: string, held: ReadonlyMap<string, number>): boolean {
    return (held.get(name) ?? 0) < (this.#most.get(name) ?? Infinity);
  }

  /** Leads a job through the gates that it is not inside of: lanes first, then all concurrency gates or none, then throttles. */
  pass(job: GatedJob, held: ReadonlyMap<string, number>, now: number): MemoryPassage {
    const named = job.gates.map((gate) => ({ gate, name: gateName(job.tenantId, gate) })).filter(({ name }) => !job.passed.has(name));
    const passed = new Set(job.passed);
    for (const { gate, name } of named.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (gate.kind !== 'serial') continue;
      this.#most.set(name, 1);
      if (!this.hasRoom(name, held)) return { outcome: 'waits', passed, waitsAt: name };
      passed.add(name);
    }
    const limited = named.filter(({ gate }) => gate.kind === 'concurrency');
    for (const { gate, name } of limited) if (gate.kind === 'concurrency' && job.waitsAt !== name) this.#most.set(name, gate.limit);
    const full = limited.find(({ name }) => !this.hasRoom(name, held));
    if (full !== undefined) return { outcome: 'waits', passed, waitsAt: full.name };
    const slotAt = this.#throttle(named, passed, now);
    if (slotAt > now) return { outcome: 'later', passed, dueAt: slotAt };
    for (const { name } of limited) passed.add(name);
    return { outcome: 'in', passed };
  }

  #throttle(named: readonly { readonly gate: JobGate; readonly name: string }[], passed: Set<string>, now: number): number {
    let slotAt = now;
    for (const { gate, name } of named) {
      if (gate.kind !== 'throttle') continue;
      const intervalMs = gate.periodMs / gate.limit;
      const freeAt = Math.max(this.#freeAt.get(name) ?? now, now);
      slotAt = Math.max(slotAt, Math.ceil(freeAt - (gate.burst - 1) * intervalMs));
      this.#freeAt.set(name, freeAt + intervalMs);
      passed.add(name);
    }
    return slotAt;
  }
}
