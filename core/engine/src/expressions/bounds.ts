import { RE2JS, RE2JSSyntaxException } from 're2js';
import { EvaluationError } from './evaluation-error.ts';

/** Bounds of every expression. */
export const LIMITS = {
  /** Length of the source, in characters. */
  sourceLength: 4_096,
  astNodes: 2_000,
  depth: 40,
  /** Macros inside macros. */
  loopDepth: 2,
  /** Elements of a list that is written in an expression. */
  writtenListLength: 1_000,
  writtenMapLength: 200,
  callArguments: 8,
  /** Elements of a list, written or computed. */
  listLength: 10_000,
  /** Length of a computed text, in characters. */
  textLength: 65_536,
  /** Elements looked at, parts of a loop's body evaluated, and texts moved (256 characters count as one) in one evaluation. */
  cost: 100_000,
  patternLength: 500,
  /** How deep lists and maps may hold each other where they are compared or written as JSON. */
  valueDepth: 32,
  /** Characters of all texts and keys together in a value that leaves an expression: a step keeps 4 MB at most. */
  valueLength: 4 * 1_024 * 1_024,
} as const;

/** Thrown when an evaluation goes over a bound. */
export class BoundExceeded extends Error {
  override readonly name = 'BoundExceeded';
}

/** What one evaluation may still cost. */
export class Budget {
  #left: number = LIMITS.cost;

  /** @throws BoundExceeded when nothing is left */
  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new BoundExceeded('it takes too many steps');
  }
}

/** What catching an error inside an expression costs: making one is slow. */
export const CAUGHT_COST = 20;

const CHARACTERS_PER_COST = 256;
/** Parts of a compiled pattern times characters: counted repetitions are that many parts. */
const PATTERN_STEPS_PER_COST = 500;

/** What it costs to look at a value once. */
export function costOf(value: unknown): number {
  if (typeof value === 'string') return value.length / CHARACTERS_PER_COST;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Uint8Array) return value.length / CHARACTERS_PER_COST;
  return value instanceof Map ? value.size : 16;
}

/** @throws BoundExceeded when a text or list is over its bound */
export function assertSize(value: unknown): void {
  if (typeof value === 'string') assertTextLength(value.length);
  else if (Array.isArray(value)) assertListLength(value.length);
  else if (value instanceof Uint8Array) assertTextLength(value.length);
}

/** For functions that know how long their text will be: to be called before it is made. @throws BoundExceeded */
export function assertTextLength(length: number): void {
  if (length > LIMITS.textLength) throw new BoundExceeded('a text in it gets too long');
}

/** As `assertTextLength`, for lists. @throws BoundExceeded */
export function assertListLength(length: number): void {
  if (length > LIMITS.listLength) throw new BoundExceeded('a list in it gets too long');
}

const KEPT_PATTERNS = 500;
const patterns = new Map<string, RE2JS>();

/**
 * RE2 has no backtracking: time grows with the text, whatever the pattern.
 *
 * @throws EvaluationError when the pattern is not valid; BoundExceeded when it is too long
 * @see https://github.com/google/re2/wiki/WhyRE2, read 2026-11-22
 */
export function linearPattern(pattern: string, text: string, budget: Budget): RE2JS {
  const compiled = compiledPattern(pattern, budget);
  budget.spend((text.length * compiled.programSize()) / PATTERN_STEPS_PER_COST);
  return compiled;
}

const COMPILE_COST = 200;

function compiledPattern(pattern: string, budget: Budget): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > LIMITS.patternLength) throw new BoundExceeded('the pattern is too long');
  budget.spend(COMPILE_COST);
  const compiled = compile(pattern);
  const oldest = patterns.keys().next();
  if (patterns.size >= KEPT_PATTERNS && oldest.done !== true) patterns.delete(oldest.value);
  patterns.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    // Without the pattern, which may come from data.
    const reason = error instanceof RE2JSSyntaxException ? error.getDescription() : 'unknown fault';
    throw new EvaluationError('value', `The pattern is not valid: ${reason}.`);
  }
}
