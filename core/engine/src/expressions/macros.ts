import { assertListLength, CAUGHT_COST, costOf } from './bounds.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Compute, Frame, Names } from './frame.ts';
import { compareForSort } from './functions/sorting.ts';
import { kindInWords, kindOf, typeNamed } from './kinds.ts';
import { addEntry, fieldOf, keyOf, keysOf, memberOf } from './members.ts';
import { countNodes, dottedName, macroOf } from './syntax.ts';
import type { Macro, SyntaxNode } from './syntax.ts';

type Compile = (node: SyntaxNode, names: Names) => Compute;

/** Compiles a call of a macro; `undefined` when it is none. */
export function compileMacro(node: SyntaxNode, names: Names, compile: Compile): Compute | undefined {
  const macro = macroOf(node);
  if (macro === undefined) return undefined;
  if (macro.kind === 'has') return compileHas(macro.target, macro.field, names, compile);
  if (macro.kind === 'default') return compileDefault(macro.parts, names, compile);
  if (macro.kind === 'bind') return compileBind(macro, names, compile);
  return compileLoop(macro, names, compile);
}

function compileHas(target: SyntaxNode, field: string, names: Names, compile: Compile): Compute {
  const read = compile(target, names);
  return (frame) => fieldOf(read(frame), field) !== undefined;
}

/** The value, or the fallback when a field on the way to it is missing or it is null. Other errors pass. */
function compileDefault([wanted, fallback]: readonly [SyntaxNode, SyntaxNode], names: Names, compile: Compile): Compute {
  const read = compileOptional(wanted, names, compile);
  const otherwise = compile(fallback, names);
  return (frame) => {
    const value = read(frame);
    return value === undefined || value === null ? otherwise(frame) : value;
  };
}

/** A value that may be missing: then `undefined`. Fields are looked for without an error, which is slow to make and catch. */
function compileOptional(node: SyntaxNode, names: Names, compile: Compile): Compute {
  const isField = node.op === '.' && typeNamed(dottedName(node) ?? '') === undefined;
  if (isField) {
    const [target, field] = node.args as readonly [SyntaxNode, string];
    const read = compileOptional(target, names, compile);
    return (frame) => fieldOf(read(frame), field);
  }
  const read = compile(node, names);
  return (frame) => {
    try {
      return read(frame);
    } catch (error) {
      if (!(error instanceof EvaluationError) || error.problem !== 'missing') throw error;
      frame.spend(CAUGHT_COST);
      return undefined;
    }
  };
}

function compileBind(macro: Extract<Macro, { kind: 'bind' }>, outer: Names, compile: Compile): Compute {
  const value = compile(macro.value, outer);
  const { names, slots } = outer.with(macro.name);
  const [slot = 0] = slots;
  const result = compile(macro.body, names);
  return (frame) => {
    frame.locals[slot] = value(frame);
    return result(frame);
  };
}

type Loop = Extract<Macro, { kind: 'loop' }>;

/** Runs a body for an element; tells by `false` that the rest need not be looked at. */
type Visit = (frame: Frame, first: unknown, second: unknown) => boolean;

function compileLoop(loop: Loop, outer: Names, compile: Compile): Compute {
  const collection = compile(loop.collection, outer);
  const { names, slots } = outer.with(...loop.names);
  const bodies = loop.bodies.map((body) => compile(body, names));
  const costPerElement = 1 + loop.bodies.reduce((sum, body) => sum + countNodes(body), 0) / 4;
  const hasTwoNames = loop.names.length === 2;
  const [firstSlot = 0, secondSlot = 0] = slots;
  const collect = COLLECTORS[loop.name];
  if (collect === undefined) throw new EvaluationError('value', `\`${loop.name}\` is not known.`);

  const each = (frame: Frame, visit: Visit): void => {
    forElements(collection(frame), hasTwoNames, frame, (first, second) => {
      frame.spend(costPerElement);
      frame.locals[firstSlot] = first;
      if (hasTwoNames) frame.locals[secondSlot] = second;
      return visit(frame, first, second);
    });
  };
  return (frame) => collect(frame, each, bodies);
}

function forElements(collection: unknown, hasTwoNames: boolean, frame: Frame, visit: (first: unknown, second: unknown) => boolean): void {
  if (Array.isArray(collection)) {
    assertListLength(collection.length);
    let index = 0;
    for (const element of collection as readonly unknown[]) {
      if (!(hasTwoNames ? visit(BigInt(index), element) : visit(element, undefined))) return;
      index += 1;
    }
    return;
  }
  if (kindOf(collection) !== 'map') throw new EvaluationError('type', `A ${kindInWords(collection)} has no elements to go through.`);
  frame.spend(costOf(collection));
  const keys = keysOf(collection as object);
  assertListLength(keys.length);
  for (const key of keys) if (!visit(key, hasTwoNames ? memberOf(collection as object, keyOf(key)) : undefined)) return;
}

type Collect = (frame: Frame, each: (frame: Frame, visit: Visit) => void, bodies: readonly Compute[]) => unknown;

function truth(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new EvaluationError('type', `The condition of a macro has to be true or false, not ${kindInWords(value)}.`);
}

/** `all` and `exists`: an element that decides makes up for errors of others. */
function quantifier(deciding: boolean): Collect {
  return (frame, each, [predicate = () => false]) => {
    let result = !deciding;
    let failure: EvaluationError | undefined;
    each(frame, () => {
      try {
        if (truth(predicate(frame)) === deciding) result = deciding;
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        frame.spend(CAUGHT_COST);
        failure ??= error;
      }
      return result !== deciding;
    });
    if (failure !== undefined && result !== deciding) throw failure;
    return result;
  };
}

function countOne(frame: Frame, each: Parameters<Collect>[1], [predicate = () => false]: readonly Compute[]): boolean {
  let count = 0;
  each(frame, () => {
    if (truth(predicate(frame))) count += 1;
    return true;
  });
  return count === 1;
}

/** With two bodies the first is a condition. */
function conditionAndBody(bodies: readonly Compute[]): { readonly isWanted: (frame: Frame) => boolean; readonly body: Compute } {
  const [first = () => null, second] = bodies;
  return second === undefined ? { isWanted: () => true, body: first } : { isWanted: (frame) => truth(first(frame)), body: second };
}

const collectList: Collect = (frame, each, bodies) => {
  const { isWanted, body } = conditionAndBody(bodies);
  const list: unknown[] = [];
  each(frame, () => {
    if (isWanted(frame)) list.push(body(frame));
    return true;
  });
  return list;
};

const collectFiltered: Collect = (frame, each, [predicate = () => false]) => {
  const list: unknown[] = [];
  each(frame, (_frame, first) => {
    if (truth(predicate(frame))) list.push(first);
    return true;
  });
  return list;
};

const collectMap: Collect = (frame, each, bodies) => {
  const { isWanted, body } = conditionAndBody(bodies);
  const map = new Map<unknown, unknown>();
  each(frame, (_frame, key) => {
    if (isWanted(frame)) map.set(key, body(frame));
    return true;
  });
  return map;
};

const collectEntries: Collect = (frame, each, bodies) => {
  const { isWanted, body } = conditionAndBody(bodies);
  const map = new Map<unknown, unknown>();
  each(frame, () => {
    if (!isWanted(frame)) return true;
    const entries = body(frame);
    if (kindOf(entries) !== 'map') throw new EvaluationError('type', `An entry has to be a map, not ${kindInWords(entries)}.`);
    for (const key of keysOf(entries as object)) addEntry(map, keyOf(key), memberOf(entries as object, keyOf(key)), key);
    assertListLength(map.size);
    return true;
  });
  return map;
};

const collectSorted: Collect = (frame, each, [key = () => null]) => {
  const pairs: { readonly key: unknown; readonly element: unknown }[] = [];
  each(frame, (_frame, element) => {
    pairs.push({ key: key(frame), element });
    return true;
  });
  return pairs.toSorted((left, right) => compareForSort(left.key, right.key, frame)).map(({ element }) => element);
};

const COLLECTORS: Readonly<Record<string, Collect>> = {
  all: quantifier(false),
  exists: quantifier(true),
  exists_one: countOne,
  existsOne: countOne,
  map: collectList,
  filter: collectFiltered,
  transformList: collectList,
  transformMap: collectMap,
  transformMapEntry: collectEntries,
  sortBy: collectSorted,
};
