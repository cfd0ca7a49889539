import type { Level } from './kinds.ts';

/** What one field says of a pair. `bits` above 0 speak for one person, below 0 for two. */
export interface Evidence {
  readonly field: string;
  readonly level: Exclude<Level, 'missing'> | 'household';
  readonly bits: number;
  /** Forms of both values, without the values: `aaa 99`. */
  readonly shapes: readonly [string, string];
}

const MAX_SHAPE = 24;

/** The form of a value without the value: `a` for a letter, `9` for a digit. At most 24 characters. */
export function shapeOf(value: string): string {
  return value
    .slice(0, MAX_SHAPE)
    .replaceAll(/\p{N}/gu, '9')
    .replaceAll(/\p{L}/gu, 'a')
    .replaceAll(/[^a9\s@.]/g, '-');
}
