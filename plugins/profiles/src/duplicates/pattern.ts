import type { Field } from './fields.ts';
import { KINDS, LEVELS, isClose } from './kinds.ts';
import type { Kind, Level } from './kinds.ts';
import type { PreparedRecord } from './prepare.ts';

/** Levels of all fields in one number, three bits each, the first field lowest. */
export type Pattern = number;

const STEP = 8;
const EXACT = LEVELS.indexOf('exact');

/** How one field is compared among the others. */
export interface Comparison extends Field {
  readonly rules: Kind;
  /** Places of fields with which this one is mixed up. */
  readonly swaps: readonly number[];
  /** Place of the field that says much of this one; -1 without one. */
  readonly parent: number;
}

/** Works out once which field is mixed up with which and which follows which. */
export function planComparisons(fields: readonly Field[]): readonly Comparison[] {
  return fields.map((field, place) => {
    const rules = KINDS[field.kind];
    const swaps = fields.flatMap(({ kind }, other) => (other !== place && rules.swapsWith.includes(kind) ? [other] : []));
    const parentKind = rules.follows.find((kind) => fields.some((other) => other.kind === kind));
    return { ...field, rules, swaps, parent: fields.findIndex(({ kind }) => kind === parentKind) };
  });
}

/** Compares two people field by field. The same both ways round. */
export function patternOf(plan: readonly Comparison[], left: PreparedRecord, right: PreparedRecord): Pattern {
  let pattern = 0;
  let unit = 1;
  for (let place = 0; place < plan.length; place += 1) {
    const comparison = plan[place];
    if (comparison !== undefined) pattern += unit * LEVELS.indexOf(compareField(comparison, place, left, right));
    unit *= STEP;
  }
  return pattern;
}

/** Numbers of the levels of a pattern, field by field. */
export function levelsOf(pattern: Pattern, count: number): readonly number[] {
  const levels: number[] = [];
  let rest = pattern;
  for (let place = 0; place < count; place += 1) {
    levels.push(rest % STEP);
    rest = Math.floor(rest / STEP);
  }
  return levels;
}

/** 1 where the field that says much of this one agrees, 0 elsewhere. */
export function besideOf({ parent }: Comparison, levels: readonly number[]): 0 | 1 {
  return parent !== -1 && levels[parent] === EXACT ? 1 : 0;
}

function compareField({ rules, swaps }: Comparison, place: number, left: PreparedRecord, right: PreparedRecord): Level {
  const [first = '', second = ''] = [left.values[place], right.values[place]];
  if (first === '' || second === '') return 'missing';
  if (first === second) return 'exact';
  const level = rules.compare(first, second);
  if (level !== 'different' || swaps.length === 0) return level;
  return swaps.some((other) => isSwapped(first, second, left.values[other] ?? '', right.values[other] ?? '')) ? 'swapped' : level;
}

function isSwapped(first: string, second: string, leftOther: string, rightOther: string): boolean {
  return (rightOther !== '' && isClose(first, rightOther)) || (leftOther !== '' && isClose(second, leftOther));
}
