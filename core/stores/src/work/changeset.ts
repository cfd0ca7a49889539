import type { CommitResult } from '@tendril/engine/ports';
import { applyHeldChange, scheduleJob, wakeJob } from './job-changes.ts';
import type { Outcome } from './outcome.ts';
import type { NamedChange } from './packed-changes.ts';
import { deleteRow, putRow } from './record-changes.ts';
import type { StateScope } from './state-scope.ts';
import { ask, foresee, numberOf, optionalNumberOf } from './step.ts';
import type { Work } from './step.ts';

/** What a changeset came to, and when the first job is due that it made due. */
export interface Applied {
  readonly result: CommitResult;
  readonly dueAt?: number;
}

const DONE: Outcome = {};

/** Applies changes in their order up to the first whose condition does not hold; the caller takes back what was written then. */
export function* applyChangeset(scope: StateScope, changes: readonly NamedChange[]): Work<Applied> {
  let dueAt = Infinity;
  for (const [failed, change] of changes.entries()) {
    const outcome = yield* applyChange(scope, change);
    if (outcome.refusal !== undefined) return { result: { ok: false, failed, reason: outcome.refusal } };
    dueAt = Math.min(dueAt, outcome.dueAt ?? Infinity);
  }
  return dueAt === Infinity ? { result: { ok: true } } : { result: { ok: true }, dueAt };
}

function* applyChange(scope: StateScope, change: NamedChange): Work<Outcome> {
  switch (change.op) {
    case 'put':
      return yield* putRow(scope, change);
    case 'delete':
      return yield* deleteRow(scope, change.table, change.key, change.expect);
    case 'count':
      return yield* count(scope, change);
    case 'emit':
      return yield* emit(scope, change.json);
    case 'job':
      return yield* scheduleJob(scope, change.job, change.ifAbsent ?? false);
    case 'wake':
      return yield* wakeJob(scope, change);
    default:
      return yield* applyHeldChange(scope, change);
  }
}

function* count(scope: StateScope, change: Extract<NamedChange, { readonly op: 'count' }>): Work<Outcome> {
  const { sql, tenant, now } = scope;
  const name = tenant.keyring.hash(`counter:${change.counter}`);
  const [row] = yield* ask(sql.findCounter, tenant.tenantNo, name);
  const isAlive = row !== undefined && (optionalNumberOf(row, 'expires_at') ?? Infinity) > now;
  const value = (isAlive ? numberOf(row, 'value') : 0) + change.by;
  if (change.max !== undefined && value > change.max) return { refusal: 'limit' };
  const expiresAt = change.expiresAt ?? (isAlive ? optionalNumberOf(row, 'expires_at') : undefined);
  yield* ask(sql.putCounter, tenant.tenantNo, name, value, expiresAt ?? null);
  return DONE;
}

function* emit(scope: StateScope, eventJson: string): Work<Outcome> {
  const { sql, tenant } = scope;
  const sealed = tenant.keyring.seal(eventJson, outboxPlace(tenant.keyring.tenantId));
  yield* ask(sql.insertOutbox, tenant.tenantNo, sealed.codec, sealed.keyId, sealed.bytes);
  return DONE;
}

/** Binds a sealed outbox item to its tenant. */
export function outboxPlace(tenantId: string): string {
  return `${tenantId}\0outbox`;
}

/** Values of counters in the order of their names, 0 for those that never were or have expired. */
export function* readCounters(scope: StateScope, names: readonly string[]): Work<readonly number[]> {
  const steps = names.map((name) => ({
    sql: scope.sql.readCounter,
    values: [scope.tenant.tenantNo, scope.tenant.keyring.hash(`counter:${name}`)],
  }));
  if (steps.length > 1) yield* foresee(steps);
  const values: number[] = [];
  for (const step of steps) {
    const [row] = yield step;
    const isAlive = row !== undefined && (optionalNumberOf(row, 'expires_at') ?? Infinity) > scope.now;
    values.push(isAlive ? numberOf(row, 'value') : 0);
  }
  return values;
}
