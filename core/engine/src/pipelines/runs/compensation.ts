import type { CompiledPipeline, CompiledStep, ForEachStep } from '../compiled.ts';
import type { Journal } from './journal.ts';
import type { StepRecord } from './records.ts';
import { idsOf, listsInside } from './run-scope.ts';
import type { RunScope, RunScopes } from './run-scope.ts';
import type { Frame } from './step-session.ts';

/** What undoes one step. */
export interface Undo {
  readonly steps: readonly CompiledStep[];
  readonly frame: Frame;
}

/** The steps of a list of steps and of the blocks inside, but for what is inside loops. */
interface Index {
  readonly byPath: ReadonlyMap<string, CompiledStep>;
  readonly loops: readonly ForEachStep[];
}

/** What undoes the completed steps of a run, the last one first. */
export function undosOf(compiled: CompiledPipeline, journal: Journal, scopes: RunScopes): readonly Undo[] {
  const done = [...journal.records()].filter(({ sequence, state }) => sequence !== undefined && state === 'succeeded');
  if (done.length === 0) return [];
  const places = new Places(compiled, journal, scopes);
  return done.toSorted((a, b) => (b.sequence ?? 0) - (a.sequence ?? 0)).flatMap((record) => places.undoOf(record) ?? []);
}

/** Finds steps and scopes of records inside of loops again. */
class Places {
  readonly #journal: Journal;
  readonly #scopes: RunScopes;
  readonly #root: Index;
  readonly #byBase = new Map<string, { readonly index: Index; readonly scope: RunScope } | undefined>();
  readonly #recordsByBase: ReadonlyMap<string, readonly StepRecord[]>;

  constructor(compiled: CompiledPipeline, journal: Journal, scopes: RunScopes) {
    this.#journal = journal;
    this.#scopes = scopes;
    this.#root = indexOf(compiled.steps);
    this.#byBase.set('', { index: this.#root, scope: scopes.root });
    this.#recordsByBase = Map.groupBy(
      [...journal.records()].filter(({ loop }) => loop !== undefined),
      ({ loop = '' }) => loop,
    );
  }

  undoOf(record: StepRecord): Undo | undefined {
    const base = record.loop ?? '';
    const place = this.#placeOf(base);
    const steps = place?.index.byPath.get(record.path.slice(base.length))?.compensate;
    if (place === undefined || steps === undefined) return undefined;
    return { steps, frame: { deadlineAt: Infinity, owner: '', base, scope: place.scope, isCut: () => false } };
  }

  #placeOf(base: string): { readonly index: Index; readonly scope: RunScope } | undefined {
    if (!this.#byBase.has(base)) this.#byBase.set(base, this.#open(base));
    return this.#byBase.get(base);
  }

  /** Goes through the loops around an element, the outermost first. */
  #open(base: string): { readonly index: Index; readonly scope: RunScope } | undefined {
    let outer = '';
    let place = this.#placeOf('');
    while (place !== undefined && outer !== base) {
      const { index, scope } = place;
      const found = loopAt(index, base.slice(outer.length));
      if (found === undefined) return undefined;
      const { loop, element } = found;
      const inner = `${outer}${loop.path}.${String(element)}.`;
      const item = this.#journal.get(inner.slice(0, -1))?.input ?? null;
      const each = { [loop.name]: item, [`${loop.name}Index`]: element };
      place = {
        index: indexOf(loop.body),
        scope: this.#scopes.enterAgain(scope, inner, each, idsOf(loop.body), this.#recordsByBase.get(inner) ?? []),
      };
      outer = inner;
    }
    return place;
  }
}

/** The loop and the number of the element with which the rest of a base begins. */
function loopAt({ loops }: Index, rest: string): { readonly loop: ForEachStep; readonly element: number } | undefined {
  for (const loop of loops) {
    if (!rest.startsWith(`${loop.path}.`)) continue;
    const [segment = ''] = rest.slice(loop.path.length + 1).split('.', 1);
    if (/^\d+$/.test(segment)) return { loop, element: Number(segment) };
  }
  return undefined;
}

const indexes = new WeakMap<readonly CompiledStep[], Index>();

function indexOf(steps: readonly CompiledStep[]): Index {
  const known = indexes.get(steps);
  if (known !== undefined) return known;
  const all = everyStep(steps);
  const index: Index = { byPath: new Map(all.map((step) => [step.path, step])), loops: all.filter((step) => step.kind === 'forEach') };
  indexes.set(steps, index);
  return index;
}

function everyStep(steps: readonly CompiledStep[]): readonly CompiledStep[] {
  return steps.flatMap((step) => [step, ...listsInside(step).flatMap(everyStep)]);
}

/** Whether anything in a list of steps, or in what is inside of it, can be undone: then its records are kept until the run ends. */
export function hasCompensation(steps: readonly CompiledStep[]): boolean {
  const { byPath, loops } = indexOf(steps);
  for (const step of byPath.values()) if (step.compensate !== undefined) return true;
  return loops.some((loop) => hasCompensation(loop.body));
}
