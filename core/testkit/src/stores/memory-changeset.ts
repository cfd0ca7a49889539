import type { JsonObject } from '@tendril/plugin-api';
import type { Change, CommitResult, TenantKeys } from '@tendril/engine/ports';
import { outOfGates, withoutConcurrency } from './memory-gates.ts';
import { sooner } from './memory-jobs.ts';
import type { MemoryJob } from './memory-jobs.ts';
import { sealInMemory } from './memory-log.ts';
import type { MemoryState } from './memory-shared.ts';

type Failure = Extract<CommitResult, { ok: false }>['reason'];
type Outcome = Failure | undefined;

/** Applies changes one after another; takes all of them back when one's condition does not hold. */
export function createMemoryChangeset(state: MemoryState): (keys: TenantKeys, changes: readonly Change[]) => CommitResult {
  let lastOutboxId = 0;

  return (keys, changes) => {
    const undo: (() => void)[] = [];
    const dueAts: number[] = [];
    const emits = changes.some((change) => change.op === 'emit');
    const rollBack = (): void => {
      for (const step of undo.toReversed()) step();
    };
    try {
      for (const [failed, change] of changes.entries()) {
        const reason = apply(keys, change, undo, dueAts);
        if (reason === undefined) continue;
        rollBack();
        return { ok: false, failed, reason };
      }
    } catch (error) {
      rollBack();
      throw error;
    }
    if (dueAts.length > 0) state.jobs.announce(Math.min(...dueAts));
    if (emits) state.emitted();
    return { ok: true };
  };

  function apply(keys: TenantKeys, change: Change, undo: (() => void)[], dueAts: number[]): Outcome {
    switch (change.op) {
      case 'put':
        return put(keys, change, undo);
      case 'delete':
        return remove(keys, change, undo);
      case 'count':
        return count(keys.tenantId, change, undo);
      case 'emit':
        lastOutboxId += 1;
        state.outbox.set(lastOutboxId, { id: lastOutboxId, tenantId: keys.tenantId, event: change.event });
        undo.push(
          (
            (id) => () =>
              state.outbox.delete(id)
          )(lastOutboxId),
        );
        return undefined;
      case 'job': {
        const job = state.jobs.scheduled(keys.tenantId, change.job, change.ifAbsent ?? false);
        if (job === undefined) return 'fence';
        undo.push(state.jobs.set(keys.tenantId, job.id, job));
        dueAts.push(job.dueAt);
        return undefined;
      }
      case 'wake': {
        const job = state.jobs.get(keys.tenantId, change.jobId);
        if (job === undefined) return undefined;
        undo.push(state.jobs.set(keys.tenantId, job.id, woken(change.pastGates === true ? outOfGates(job) : job, change.dueAt)));
        dueAts.push(change.dueAt);
        return undefined;
      }
      default:
        return writeHeld(keys.tenantId, change, undo, dueAts);
    }
  }

  function put(keys: TenantKeys, change: Extract<Change, { op: 'put' }>, undo: (() => void)[]): Outcome {
    const table = state.tables.of(keys.tenantId, change.table.name);
    const { value } = change;
    const key = table.keyOf(value);
    const version = table.rows.get(key)?.version ?? 0;
    if (change.expect !== undefined && change.expect !== version) return 'version';
    const row = {
      key,
      version: version + 1,
      sealed: sealInMemory(JSON.stringify(value), keys),
      entries: table.entriesOf(value),
    };
    if (table.isTaken(row)) return 'unique';
    undo.push(table.replace(key, row));
    return undefined;
  }

  function remove(keys: TenantKeys, change: Extract<Change, { op: 'delete' }>, undo: (() => void)[]): Outcome {
    const table = state.tables.of(keys.tenantId, change.table.name);
    if (change.expect !== undefined && change.expect !== (table.rows.get(change.key)?.version ?? 0)) return 'version';
    undo.push(table.replace(change.key, undefined));
    return undefined;
  }

  function count(tenantId: string, change: Extract<Change, { op: 'count' }>, undo: (() => void)[]): Outcome {
    const name = `${tenantId}\0${change.counter}`;
    const before = state.counters.get(name);
    const isAlive = before !== undefined && (before.expiresAt ?? Infinity) > state.clock.now();
    const value = (isAlive ? before.value : 0) + change.by;
    if (change.max !== undefined && value > change.max) return 'limit';
    state.counters.set(name, { value, expiresAt: change.expiresAt ?? (isAlive ? before.expiresAt : undefined) });
    undo.push(() => (before === undefined ? state.counters.delete(name) : state.counters.set(name, before)));
    return undefined;
  }

  function writeHeld(
    tenantId: string,
    change: Extract<Change, { op: 'held' | 'finish' | 'reschedule' | 'bury' }>,
    undo: (() => void)[],
    dueAts: number[],
  ): Outcome {
    const job = state.jobs.get(tenantId, change.jobId);
    if (job?.holder === undefined || job.fence !== change.fence) return 'fence';
    if (change.op === 'held') {
      // A write of its holder: it has come further than those before it.
      if (job.deaths > 0) undo.push(state.jobs.set(tenantId, job.id, { ...job, deaths: 0 }));
      return undefined;
    }
    const next = afterHolding(job, change);
    undo.push(state.jobs.set(tenantId, job.id, next));
    if (next !== undefined && next.buried === undefined) dueAts.push(next.dueAt);
    const left = job.passed.difference(next?.passed ?? new Set());
    for (const { dueAt } of state.jobs.waitingAt(left)) dueAts.push(dueAt);
    return undefined;
  }

  function afterHolding(job: MemoryJob, change: Extract<Change, { op: 'finish' | 'reschedule' | 'bury' }>): MemoryJob | undefined {
    const passed = change.op === 'reschedule' ? withoutConcurrency(job) : new Set<string>();
    const released = { ...job, passed, holder: undefined, deaths: 0, againAt: undefined, wakeAt: undefined };
    switch (change.op) {
      case 'finish':
        return job.againAt === undefined ? undefined : { ...released, attempts: 0, dueAt: job.againAt };
      case 'bury':
        return { ...released, buried: { error: change.error satisfies JsonObject, at: state.clock.now() } };
      case 'reschedule': {
        const dueAt = Math.min(change.dueAt, job.againAt ?? Infinity, job.wakeAt ?? Infinity);
        return { ...released, attempts: change.attempts, dueAt, payload: change.payload ?? job.payload };
      }
    }
  }
}

function woken(job: MemoryJob, dueAt: number): MemoryJob {
  if (job.buried !== undefined) return { ...job, buried: undefined, attempts: 0, dueAt };
  // It is due already; its turn brings it on.
  if (job.waitsAt !== undefined) return job;
  if (job.holder !== undefined) return { ...job, wakeAt: Math.min(job.wakeAt ?? Infinity, dueAt) };
  return { ...job, dueAt: sooner(job, dueAt) };
}
