import { assertListLength, BoundExceeded, LIMITS } from '../bounds.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import { keyOf, keysOf, memberOf } from '../members.ts';
import { isEqual, OPERATIONS } from '../operators.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';
import { greatestOf, leastOf } from './extremes.ts';
import { compareForSort } from './sorting.ts';

type List = readonly unknown[];

function method(
  name: string,
  result: string,
  summary: string,
  example: string,
  expected: unknown,
  evaluate: (list: List, frame: Frame) => unknown,
): FunctionDefinition {
  return {
    name,
    subject: 'lists',
    summary,
    example,
    result: expected,
    forms: [form(`list.${name}() -> ${result}`, ([list]: readonly [List], frame: Frame) => evaluate(list, frame))],
  };
}

/** What finds elements by their value: scalars by hash, others one by one. */
class SeenValues {
  readonly #scalars = new Set<unknown>();
  readonly #others: unknown[] = [];
  readonly #frame: Frame;

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  has(value: unknown): boolean {
    const scalar = scalarOf(value);
    if (scalar !== undefined) return this.#scalars.has(scalar);
    return this.#others.some((other) => {
      this.#frame.spend(0.5);
      return isEqual(value, other, this.#frame);
    });
  }

  add(value: unknown): void {
    const scalar = scalarOf(value);
    if (scalar === undefined) this.#others.push(value);
    else this.#scalars.add(scalar);
  }
}

/** Numbers of all types that are equal are one: as keys of maps, but fractions too. */
function scalarOf(value: unknown): unknown {
  return value === null ? null : (keyOf(value) ?? (typeof value === 'number' && !Number.isNaN(value) ? value : undefined));
}

function distinct(list: List, frame: Frame): List {
  const seen = new SeenValues(frame);
  return list.filter((value) => {
    if (seen.has(value)) return false;
    seen.add(value);
    return true;
  });
}

function seenOf(list: List, frame: Frame): SeenValues {
  const seen = new SeenValues(frame);
  for (const value of list) seen.add(value);
  return seen;
}

function sort(list: List, frame: Frame): List {
  return list.toSorted((left, right) => compareForSort(left, right, frame));
}

function flatten(list: List, depth: number, frame: Frame): List {
  if (depth < 0) throw new EvaluationError('range', 'A depth is not negative.');
  if (depth > LIMITS.valueDepth) throw new BoundExceeded('a value in it is nested too deeply');
  const flat: unknown[] = [];
  for (const element of list) {
    frame.spend(1);
    if (Array.isArray(element) && depth > 0) for (const inner of flatten(element, depth - 1, frame)) flat.push(inner);
    else flat.push(element);
    assertListLength(flat.length);
  }
  return flat;
}

function firstOf(list: List, position: 0 | -1): unknown {
  const element = list.at(position);
  if (element === undefined) throw new EvaluationError('missing', 'The list is empty.');
  return element;
}

function slice(list: List, start: number, end: number): List {
  if (start < 0 || end > list.length || end < start) throw new EvaluationError('range', 'The list does not have all of these elements.');
  return list.slice(start, end);
}

function sumOf(list: List, frame: Frame): number {
  const sum = list.reduce((total, value) => OPERATIONS['+']?.(total, value, frame), 0);
  if (typeof sum !== 'number') throw new EvaluationError('type', 'Only numbers can be added up.');
  return sum;
}

function averageOf(list: List, frame: Frame): number {
  if (list.length === 0) throw new EvaluationError('missing', 'The list is empty.');
  return sumOf(list, frame) / list.length;
}

function position(list: List, value: unknown, frame: Frame): bigint {
  return BigInt(list.findIndex((element) => isEqual(element, value, frame)));
}

function range(length: number): List {
  if (length < 0) throw new EvaluationError('range', 'A length is not negative.');
  assertListLength(length);
  return Array.from({ length }, (_, index) => BigInt(index));
}

function merge(left: object, right: object, frame: Frame): Map<unknown, unknown> {
  const merged = new Map<unknown, unknown>();
  for (const map of [left, right]) {
    for (const key of keysOf(map)) {
      frame.spend(1);
      merged.set(key, memberOf(map, keyOf(key)));
    }
  }
  return merged;
}

/** Working on lists and maps. Names of CEL's own extension where it has the function. */
export const LIST_FUNCTIONS: readonly FunctionDefinition[] = [
  method('distinct', 'list', 'The elements, each once.', '[1, 2, 1.0, "a", "a"].distinct()', [1, 2, 'a'], distinct),
  method('sort', 'list', 'The elements in order: numbers, texts, moments or durations.', '["b", "a"].sort()', ['a', 'b'], sort),
  method('reverse', 'list', 'The elements from the last to the first.', '[1, 2, 3].reverse()', [3, 2, 1], (list) => list.toReversed()),
  method(
    'first',
    'dyn',
    'The first element; missing in an empty list, so that `default` can say otherwise.',
    'default([].first(), "none")',
    'none',
    (list) => firstOf(list, 0),
  ),
  method('last', 'dyn', 'The last element; missing in an empty list.', '[1, 2, 3].last()', 3, (list) => firstOf(list, -1)),
  method('sum', 'double', 'The numbers added up; 0 of an empty list.', '[1, 2.5].sum()', 3.5, sumOf),
  method('average', 'double', 'The mean of numbers; missing in an empty list.', '[1, 2].average()', 1.5, averageOf),
  method('min', 'dyn', 'The least element; missing in an empty list.', '[3, 1, 2].min()', 1, leastOf),
  method('max', 'dyn', 'The greatest element; missing in an empty list.', '["a", "c", "b"].max()', 'c', greatestOf),
  {
    name: 'flatten',
    subject: 'lists',
    summary: 'The elements of lists in the list, one level deep or as deep as is said.',
    example: '[1, [2, [3]]].flatten()',
    result: [1, 2, [3]],
    forms: [
      form('list.flatten() -> list', ([list]: readonly [List], frame: Frame) => flatten(list, 1, frame)),
      form('list.flatten(whole) -> list', ([list, depth]: readonly [List, number], frame: Frame) => flatten(list, depth, frame)),
    ],
  },
  {
    name: 'slice',
    subject: 'lists',
    summary: 'The elements from a position on, up to before another.',
    example: '[1, 2, 3, 4].slice(1, 3)',
    result: [2, 3],
    forms: [form('list.slice(whole, whole) -> list', ([list, start, end]: readonly [List, number, number]) => slice(list, start, end))],
  },
  {
    name: 'take',
    subject: 'lists',
    summary: 'The first elements, at most so many.',
    example: '[1, 2, 3].take(2)',
    result: [1, 2],
    forms: [form('list.take(whole) -> list', ([list, count]: readonly [List, number]) => list.slice(0, Math.max(count, 0)))],
  },
  {
    name: 'indexOf',
    subject: 'lists',
    summary: 'Where a value is first in a list; -1 when it is not.',
    example: '["a", "b"].indexOf("b")',
    result: 1,
    forms: [form('list.indexOf(dyn) -> int', ([list, value]: readonly [List, unknown], frame: Frame) => position(list, value, frame))],
  },
  {
    name: 'containsAny',
    subject: 'lists',
    summary: 'Whether a list has at least one element of another.',
    example: '["vip", "trial"].containsAny(["vip", "staff"])',
    result: true,
    forms: [
      form('list.containsAny(list) -> bool', ([list, wanted]: readonly [List, List], frame: Frame) => {
        const seen = seenOf(list, frame);
        return wanted.some((value) => seen.has(value));
      }),
    ],
  },
  {
    name: 'containsAll',
    subject: 'lists',
    summary: 'Whether a list has every element of another.',
    example: '["vip", "trial"].containsAll(["vip", "staff"])',
    result: false,
    forms: [
      form('list.containsAll(list) -> bool', ([list, wanted]: readonly [List, List], frame: Frame) => {
        const seen = seenOf(list, frame);
        return wanted.every((value) => seen.has(value));
      }),
    ],
  },
  {
    name: 'lists.range',
    subject: 'lists',
    summary: 'The whole numbers from 0 to n-1.',
    example: 'lists.range(3)',
    result: [0, 1, 2],
    forms: [form('lists.range(whole) -> list', ([length]: readonly [number]) => range(length))],
  },
  {
    name: 'keys',
    subject: 'lists',
    summary: 'The keys of a map.',
    example: 'keys({"a": 1, "b": 2})',
    result: ['a', 'b'],
    forms: [form('keys(map) -> list', ([map]: readonly [object]) => keysOf(map))],
  },
  {
    name: 'values',
    subject: 'lists',
    summary: 'The values of a map.',
    example: 'values({"a": 1, "b": 2})',
    result: [1, 2],
    forms: [form('values(map) -> list', ([map]: readonly [object]) => keysOf(map).map((key) => memberOf(map, keyOf(key))))],
  },
  {
    name: 'merge',
    subject: 'lists',
    summary: 'One map of two; of keys in both the value of the second.',
    example: 'merge({"a": 1, "b": 1}, {"b": 2})',
    result: { a: 1, b: 2 },
    forms: [form('merge(map, map) -> map', ([left, right]: readonly [object, object], frame: Frame) => merge(left, right, frame))],
  },
];
