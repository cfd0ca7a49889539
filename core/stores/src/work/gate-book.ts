import { EMPTY_GATE, fromGateRow } from './gate-row.ts';
import type { GateRow } from './gate-row.ts';
import { fromJobRow, JOB_STATE, toJobRow } from './job-row.ts';
import type { JobScope } from './state-scope.ts';
import { ask, foresee, numberOf, textOf } from './step.ts';
import type { SqlRow, Work } from './step.ts';

/** The gates that a piece of work touches: read at once, in the order of their hashes, changed in memory, written at the end. */
export class GateBook {
  readonly #scope: JobScope;
  readonly #read = new Map<string, GateRow>();
  readonly #now = new Map<string, GateRow>();

  private constructor(scope: JobScope) {
    this.#scope = scope;
  }

  /** Reads gates, for writing. All workers take them in the same order, so that no two wait for each other. */
  static *open(scope: JobScope, hashes: readonly string[]): Work<GateBook> {
    const book = new GateBook(scope);
    const steps = [...new Set(hashes)]
      .toSorted()
      .map((hash) => ({ hash, sql: scope.sql.findGate, values: [scope.tenant.tenantNo, bytesOfHash(hash)] }));
    yield* foresee(steps);
    for (const { hash, ...step } of steps) {
      const [row] = yield step;
      book.#read.set(hash, fromGateRow(row));
    }
    return book;
  }

  of(hash: string): GateRow {
    return this.#now.get(hash) ?? this.#read.get(hash) ?? EMPTY_GATE;
  }

  change(hash: string, change: Partial<GateRow>): void {
    this.#now.set(hash, { ...this.of(hash), ...change });
  }

  /**
   * Whether there is a place. Also one for which somebody was called: two jobs that were called to different gates, and
   * need both, would wait for each other for ever if each kept the other's place.
   */
  hasRoom(hash: string): boolean {
    const { held, most } = this.of(hash);
    return held < most;
  }

  /**
   * Calls in as many of the waiting as there are places, and writes what has changed.
   *
   * @returns when the earliest of those called in was due; `undefined` when nobody was
   */
  *close(): Work<number | undefined> {
    const { sql, tenant } = this.#scope;
    let dueAt: number | undefined;
    for (const hash of [...this.#now.keys()].toSorted()) {
      const called = yield* this.#callIn(hash);
      dueAt = called === undefined ? dueAt : Math.min(called, dueAt ?? Infinity);
      const { held, letIn, waiting, most, freeAt } = this.of(hash);
      const isNeeded = held + letIn + waiting > 0 || freeAt !== null;
      if (isNeeded) yield* ask(sql.putGate, tenant.tenantNo, bytesOfHash(hash), held, letIn, waiting, most, freeAt);
      else yield* ask(sql.deleteGate, tenant.tenantNo, bytesOfHash(hash));
    }
    return dueAt;
  }

  *#callIn(hash: string): Work<number | undefined> {
    const { held, letIn, waiting, most } = this.of(hash);
    const places = Math.min(waiting, most - held - letIn);
    if (places <= 0) return undefined;
    const { sql, tenant } = this.#scope;
    const rows = yield* ask(sql.nextParked, tenant.tenantNo, bytesOfHash(hash), places);
    yield* foresee(rows.map((row) => ({ sql: sql.findJob, values: [tenant.tenantNo, textOf(row, 'job_id')] })));
    let dueAt = Infinity;
    for (const row of rows) dueAt = Math.min(dueAt, yield* this.#callInOne(hash, row));
    this.change(hash, { letIn: letIn + rows.length, waiting: waiting - rows.length });
    return rows.length === 0 ? undefined : dueAt;
  }

  // It keeps the name of the gate to which it was called.
  *#callInOne(hash: string, parked: SqlRow): Work<number> {
    const { sql, tenant } = this.#scope;
    const id = textOf(parked, 'job_id');
    const dueAt = numberOf(parked, 'due_at');
    yield* ask(
      sql.deleteParked,
      tenant.tenantNo,
      bytesOfHash(hash),
      numberOf(parked, 'priority'),
      dueAt,
      numberOf(parked, 'job_order'),
      id,
    );
    const [row] = yield* ask(sql.findJob, tenant.tenantNo, id);
    if (row !== undefined)
      yield { sql: sql.putJob, values: toJobRow(tenant.tenantNo, id, { ...fromJobRow(row), state: JOB_STATE.queued }) };
    return dueAt;
  }
}

/** The bytes of a gate's hash. */
export function bytesOfHash(hash: string): Uint8Array {
  return Buffer.from(hash, 'base64');
}
