import { TendrilError } from '@tendril/plugin-api';
import { nearestName } from '../../nearest-name.ts';
import type { CompiledPipeline, CompiledStep } from '../compiled.ts';
import { journalKey } from './records.ts';
import type { StepRecord } from './records.ts';
import type { LoadedRun } from './run-executor.ts';

const ENDED: ReadonlySet<StepRecord['state']> = new Set(['succeeded', 'skipped', 'failed']);

/**
 * The records of a run that a new one begins with, so that it goes on from a step: everything that ended before it, and
 * the way that leads to it.
 *
 * @param options.fromStep id or path of the step
 * @throws TendrilError INPUT_INVALID when there is no such step, it is inside a loop, the run never came that far, a step
 * before it was undone, or the version differs before it
 */
export function takenOver(
  loaded: LoadedRun,
  compiled: CompiledPipeline,
  { runId, fromStep }: { readonly runId: string; readonly fromStep: string },
): readonly StepRecord[] {
  const byPath = stepsByPath(compiled.steps);
  const path = pathOf(byPath, fromStep);
  const undone = undonePaths(loaded.steps);
  const records = loaded.steps.filter((record) => record.path !== path && isOfTheWay(record, undone));
  const ancestors = records.filter((record) => isAncestor(record.path, path)).map((record) => opened(record, path));
  const before = records.filter((record) => ENDED.has(record.state) && !isAncestor(record.path, path) && isBefore(record.path, path));
  const missing = ancestorsOf(path, byPath).find((ancestor) => !ancestors.some((record) => record.path === ancestor));
  if (missing !== undefined) throw refused(fromStep, 'a step that the run came to');
  for (const record of [...ancestors, ...before]) assertSame(record, byPath, fromStep);
  if (before.some((record) => undone.has(record.path))) throw refused(fromStep, 'a step before which nothing has been undone');
  return [...ancestors, ...before.map(done)].map((record) => ({ ...record, key: journalKey(runId, record.path) }));
}

/** The paths of steps that the run has begun to undo. */
function undonePaths(steps: readonly StepRecord[]): ReadonlySet<string> {
  const paths = new Set(steps.map((record) => record.path));
  // A branch of a `parallel` may be called so too; what stands in front of that is no step.
  return new Set(steps.flatMap((record) => prefixesBefore(record.path, UNDO)).filter((prefix) => paths.has(prefix)));
}

const UNDO = '.compensate.';

function prefixesBefore(path: string, part: string): readonly string[] {
  const prefixes: string[] = [];
  for (let at = path.indexOf(part); at >= 0; at = path.indexOf(part, at + 1)) prefixes.push(path.slice(0, at));
  return prefixes;
}

/** How a run has ended badly, and what was done because of it, is no part of the way to a step. */
function isOfTheWay({ path }: StepRecord, undone: ReadonlySet<string>): boolean {
  return /^\d/.test(path) && !prefixesBefore(path, UNDO).some((prefix) => undone.has(prefix));
}

/** What the other run did stays done: a run undoes only what it did itself. */
function done({ sequence: _sequence, ...record }: StepRecord): StepRecord {
  return { ...record, isTakenOver: true };
}

function refused(fromStep: string, expected: string, suggestion?: string): TendrilError {
  return new TendrilError('INPUT_INVALID', {
    pointer: '/fromStep',
    fromStep,
    expected,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function pathOf(byPath: ReadonlyMap<string, CompiledStep>, fromStep: string): string {
  if (byPath.has(fromStep)) return fromStep;
  const found = [...byPath].find(([, step]) => step.id === fromStep);
  if (found !== undefined) return found[0];
  const ids = [...byPath.values()].flatMap(({ id }) => (id === undefined ? [] : [id]));
  throw refused(fromStep, 'the id or path of a step outside of loops', nearestName(fromStep, ids));
}

/** A block is gone into again by the way that was taken; one that has ended by it is open again. */
function opened(record: StepRecord, path: string): StepRecord {
  const { endedAt: _endedAt, error: _error, sequence: _sequence, ...rest } = record;
  const branch = (record.output as { readonly branch?: unknown } | undefined)?.branch;
  const entered = path.slice(record.path.length + 1).split('.');
  const isTaken = record.kind === 'if' ? branch === entered[0] : true;
  if (!isTaken) throw refused(path, 'a step on the way that the run took');
  return { ...rest, state: 'running' };
}

/** What stood before it has to be the same, or its results mean something else. */
function assertSame(record: StepRecord, byPath: ReadonlyMap<string, CompiledStep>, fromStep: string): void {
  // Elements of loops and their like have no place of their own in the definition.
  if (record.loop !== undefined || !/^\d+(\.[A-Za-z]\w*(\.\w+)?\.\d+)*$/.test(record.path)) return;
  const step = byPath.get(record.path);
  const isSame = step !== undefined && step.kind === record.kind && step.id === record.id;
  if (!isSame) throw refused(fromStep, 'the version that the run had: the one in force differs before this step');
}

function isAncestor(path: string, of: string): boolean {
  return of.startsWith(`${path}.`);
}

function ancestorsOf(path: string, byPath: ReadonlyMap<string, CompiledStep>): readonly string[] {
  return [...byPath.keys()].filter((candidate) => isAncestor(candidate, path));
}

/** In the order of the definition. */
function isBefore(path: string, of: string): boolean {
  const [a, b] = [path.split('.'), of.split('.')];
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return false;
    if (part === other) continue;
    const [left, right] = [Number(part), Number(other)];
    // Of two branches of one step, what has ended is taken over.
    return Number.isNaN(left) || Number.isNaN(right) ? true : left < right;
  }
  return false;
}

/** Every step outside of loops, by its path. */
function stepsByPath(steps: readonly CompiledStep[]): ReadonlyMap<string, CompiledStep> {
  const found = new Map<string, CompiledStep>();
  const visit = (list: readonly CompiledStep[]): void => {
    for (const step of list) {
      found.set(step.path, step);
      for (const block of insideOf(step)) visit(block);
    }
  };
  visit(steps);
  return found;
}

function insideOf(step: CompiledStep): readonly (readonly CompiledStep[])[] {
  const handlers = [...(step.onError?.values() ?? []), step.onTimeout ?? []];
  if (step.kind === 'if') return [step.then, step.else, ...handlers];
  if (step.kind === 'switch') return [...step.cases.values(), step.default, ...handlers];
  return step.kind === 'parallel' ? [...step.branches.values(), ...handlers] : handlers;
}
