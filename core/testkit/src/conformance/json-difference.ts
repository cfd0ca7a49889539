import { isDeepStrictEqual } from 'node:util';
import { toPointer } from '@tendril/engine/plugins';

/** A place at which two JSON values differ; a side that has nothing there is `undefined`. */
export interface Difference {
  readonly pointer: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Where two JSON values differ, deepest places first found; at most 20. @param ignored pointers below which nothing is looked at */
export function differencesOf(expected: unknown, actual: unknown, ignored: readonly string[] = []): readonly Difference[] {
  const found: Difference[] = [];
  compare(expected, actual, '', { ignored, found });
  return found;
}

/** `/email is "b" and has to be "a"`, for people. */
export function describeDifference({ pointer, expected, actual }: Difference): string {
  const place = pointer === '' ? 'the whole' : pointer;
  if (expected === undefined) return `${place} is ${shown(actual)} and has to be left out`;
  if (actual === undefined) return `${place} is missing and has to be ${shown(expected)}`;
  return `${place} is ${shown(actual)} and has to be ${shown(expected)}`;
}

const MOST = 20;
const LONGEST = 200;

interface Going {
  readonly ignored: readonly string[];
  readonly found: Difference[];
}

function compare(expected: unknown, actual: unknown, pointer: string, going: Going): void {
  if (going.found.length >= MOST || going.ignored.includes(pointer) || isDeepStrictEqual(expected, actual)) return;
  if (isContainer(expected) && isContainer(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    for (const name of names) compare(expected[name], actual[name], `${pointer}${toPointer(name)}`, going);
    return;
  }
  going.found.push({ pointer, expected, actual });
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
