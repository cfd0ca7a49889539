import { bytesOfHash, GateBook } from './gate-book.ts';
import type { StoredGate } from './gate-row.ts';
import { JOB_STATE } from './job-row.ts';
import type { JobRow } from './job-row.ts';
import type { JobScope } from './state-scope.ts';
import { ask } from './step.ts';
import type { Work } from './step.ts';

/** What came of a job at its gates. */
export interface Passage {
  readonly isIn: boolean;
  /** What is to be written, whether or not it is in. */
  readonly job: JobRow;
  /** When the earliest job was due that was called in instead. */
  readonly dueAt?: number | undefined;
}

type Open<Kind extends StoredGate['kind']> = Extract<StoredGate, { readonly kind: Kind }> & { readonly bit: number };

/**
 * Leads a due job through the gates that it is not inside of.
 *
 * Serial gates come first and are kept while it waits at another: that keeps the order of a lane. They are taken in the
 * order of their hashes, so that no two jobs wait for each other. Of the others either all are passed or none; it waits
 * at the first that is full. A throttle that is ahead of its time does not make it wait in a row but gives it a later
 * due time, once.
 */
export function* passGates(scope: JobScope, id: string, job: JobRow): Work<Passage> {
  const isOpen = (_: StoredGate, i: number): boolean => (job.passed & (1 << i)) === 0;
  if (!job.gates.some(isOpen)) return { isIn: true, job: { ...job, waitsAt: null, notBefore: null } };
  const open = job.gates.map((gate, i) => ({ ...gate, bit: 1 << i })).filter(({ bit }) => (job.passed & bit) === 0);
  const book = yield* GateBook.open(scope, [...open.map(({ hash }) => hash), ...(job.waitsAt === null ? [] : [job.waitsAt])]);
  if (job.waitsAt !== null) book.change(job.waitsAt, { letIn: book.of(job.waitsAt).letIn - 1 });
  const { passed, fullAt } = takeLanes(book, open.filter(isKind('serial')), job.passed);
  const stopped = fullAt ?? firstFull(book, open.filter(isKind('concurrency')), job.waitsAt);
  if (stopped !== undefined) return yield* park(scope, id, { ...job, passed }, stopped, book);
  const throttled = passThrottles(book, open.filter(isKind('throttle')), passed, scope.now);
  if (throttled.slotAt > scope.now) {
    const later = { ...job, passed: throttled.passed, waitsAt: null, dueAt: throttled.slotAt, notBefore: throttled.slotAt };
    return { isIn: false, job: later, dueAt: yield* book.close() };
  }
  const inside = enter(book, open.filter(isKind('concurrency')), throttled.passed);
  return { isIn: true, job: { ...job, passed: inside, waitsAt: null, notBefore: null }, dueAt: yield* book.close() };
}

function isKind<Kind extends StoredGate['kind']>(kind: Kind): (gate: StoredGate & { readonly bit: number }) => gate is Open<Kind> {
  return (gate): gate is Open<Kind> => gate.kind === kind;
}

function takeLanes(
  book: GateBook,
  lanes: readonly Open<'serial'>[],
  passedBefore: number,
): { readonly passed: number; readonly fullAt: string | undefined } {
  let passed = passedBefore;
  for (const { hash, bit } of lanes.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))) {
    book.change(hash, { most: 1 });
    if (!book.hasRoom(hash)) return { passed, fullAt: hash };
    book.change(hash, { held: 1 });
    passed |= bit;
  }
  return { passed, fullAt: undefined };
}

// The job that came last tells how many there may be, so that a limit that was changed holds for those that wait, too.
function firstFull(book: GateBook, gates: readonly Open<'concurrency'>[], calledTo: string | null): string | undefined {
  for (const { hash, limit } of gates) if (hash !== calledTo) book.change(hash, { most: limit });
  return gates.find(({ hash }) => !book.hasRoom(hash))?.hash;
}

function enter(book: GateBook, gates: readonly Open<'concurrency'>[], passedBefore: number): number {
  let passed = passedBefore;
  for (const { hash, bit } of gates) {
    book.change(hash, { held: book.of(hash).held + 1 });
    passed |= bit;
  }
  return passed;
}

// GCRA. `freeAt` is when the throttle would be at rest; it may run ahead of the clock by all of the burst but one.
function passThrottles(
  book: GateBook,
  gates: readonly Open<'throttle'>[],
  passedBefore: number,
  now: number,
): { readonly passed: number; readonly slotAt: number } {
  let passed = passedBefore;
  let slotAt = now;
  for (const { hash, bit, limit, periodMs, burst } of gates) {
    const intervalMs = periodMs / limit;
    const freeAt = Math.max(book.of(hash).freeAt ?? now, now);
    slotAt = Math.max(slotAt, Math.ceil(freeAt - (burst - 1) * intervalMs));
    book.change(hash, { freeAt: freeAt + intervalMs });
    passed |= bit;
  }
  return { passed, slotAt };
}

function* park(scope: JobScope, id: string, job: JobRow, hash: string, book: GateBook): Work<Passage> {
  book.change(hash, { waiting: book.of(hash).waiting + 1 });
  yield* ask(scope.sql.insertParked, scope.tenant.tenantNo, bytesOfHash(hash), job.priority, job.dueAt, job.order, id);
  const dueAt = yield* book.close();
  // Nobody can have been called in before it: there was no room.
  return { isIn: false, job: { ...job, state: JOB_STATE.parked, waitsAt: hash }, dueAt };
}

/**
 * Takes a job that nobody holds away from where it waits, and through all gates that it is not inside of; it takes no
 * place there, now or later.
 *
 * @returns what is to be written, and when the earliest job was due that was called in instead
 */
export function* skipGates(scope: JobScope, id: string, job: JobRow): Work<{ readonly job: JobRow; readonly dueAt: number | undefined }> {
  const gates = job.gates.filter((_, i) => (job.passed & (1 << i)) !== 0);
  const through = { ...job, gates, passed: (1 << gates.length) - 1, waitsAt: null, notBefore: null };
  if (job.waitsAt === null) return { job: through, dueAt: undefined };
  const book = yield* GateBook.open(scope, [job.waitsAt]);
  const { letIn, waiting } = book.of(job.waitsAt);
  if (job.state !== JOB_STATE.parked) book.change(job.waitsAt, { letIn: letIn - 1 });
  else {
    book.change(job.waitsAt, { waiting: waiting - 1 });
    const { sql, tenant } = scope;
    yield* ask(sql.deleteParked, tenant.tenantNo, bytesOfHash(job.waitsAt), job.priority, job.dueAt, job.order, id);
  }
  const state = job.state === JOB_STATE.parked ? JOB_STATE.queued : job.state;
  return { job: { ...through, state }, dueAt: yield* book.close() };
}

/**
 * Takes a job out of gates that it is inside of: of all when it ends, of concurrency gates only when it is put back.
 *
 * @returns what it is inside of still, and when the earliest job was due that was called in
 */
export function* leaveGates(
  scope: JobScope,
  job: JobRow,
  which: 'all' | 'concurrency',
): Work<{ readonly passed: number; readonly dueAt: number | undefined }> {
  const left = job.gates
    .map((gate, i) => ({ ...gate, bit: 1 << i }))
    .filter(({ kind, bit }) => (job.passed & bit) !== 0 && leaves(kind, which));
  const passed = which === 'all' ? 0 : left.reduce((rest, { bit }) => rest & ~bit, job.passed);
  if (left.length === 0) return { passed, dueAt: undefined };
  const book = yield* GateBook.open(
    scope,
    left.map(({ hash }) => hash),
  );
  for (const { hash } of left) book.change(hash, { held: book.of(hash).held - 1 });
  return { passed, dueAt: yield* book.close() };
}

function leaves(kind: StoredGate['kind'], which: 'all' | 'concurrency'): boolean {
  return kind === 'concurrency' || (kind === 'serial' && which === 'all');
}
