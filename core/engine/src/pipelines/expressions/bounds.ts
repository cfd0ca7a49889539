import { RE2JS } from 're2js';
import { visitEvaluated } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';

/** Bounds of every expression. */
export const LIMITS = {
  /** Length of the source, in characters. */
  sourceLength: 4_096,
  astNodes: 2_000,
  depth: 40,
  /** Macros inside macros. */
  loopDepth: 2,
  /** Elements of a list, written or computed. */
  listLength: 10_000,
  /** Length of a computed text, in characters. */
  textLength: 65_536,
  /** Elements looked at and texts moved (256 characters count as one) in one evaluation. */
  cost: 100_000,
  patternLength: 500,
} as const;

/** Thrown when an evaluation goes over a bound. */
export class BoundExceeded extends Error {
  override readonly name = 'BoundExceeded';
}

/** What one evaluation may still cost. One object serves all evaluations: they are synchronous. */
export class Budget {
  #left: number = LIMITS.cost;

  reset(): void {
    this.#left = LIMITS.cost;
  }

  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new BoundExceeded('it takes too many steps');
  }
}

const CHARACTERS_PER_COST = 256;
/** Parts of a compiled pattern times characters: counted repetitions are that many parts. */
const PATTERN_STEPS_PER_COST = 500;

function costOf(value: unknown): number {
  if (typeof value === 'string') return value.length / CHARACTERS_PER_COST;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? 16 : 0;
}

function assertSize(value: unknown): void {
  if (typeof value === 'string' && value.length > LIMITS.textLength) throw new BoundExceeded('a text in it gets too long');
  if (Array.isArray(value) && value.length > LIMITS.listLength) throw new BoundExceeded('a list in it gets too long');
}

/**
 * Puts the bounds into a checked syntax tree: each operator, call and loop pays for the values it gets before it works on
 * them, and `matches` runs in linear time.
 */
export function installBounds(root: SyntaxNode, budget: Budget): void {
  visitEvaluated(root, (node) => {
    const { handle } = node;
    if (handle === undefined) return;
    if (node.op === 'comprehension') node.handle = boundedLoop(handle, budget);
    else if (node.op === 'call' || node.op === 'rcall') node.handle = boundedCall(node, handle, budget);
    else if (node.op === '+' || node.op === '==' || node.op === '!=' || node.op === 'in') node.handle = boundedOperator(handle, budget);
  });
}

type Handle = NonNullable<SyntaxNode['handle']>;

function boundedLoop(handle: Handle, budget: Budget): Handle {
  return (collection, ...rest) => {
    assertSize(collection);
    budget.spend(1 + (isRecord(collection) ? Object.keys(collection).length : costOf(collection)));
    return handle(collection, ...rest);
  };
}

function boundedCall(node: SyntaxNode, handle: Handle, budget: Budget): Handle {
  const name = (node.args as readonly unknown[])[0];
  const isMatch = node.op === 'rcall' && name === 'matches';
  return (values, ...rest) => {
    const parameters = values as readonly unknown[];
    for (const value of parameters) budget.spend(1 + (name === 'join' ? joinedCost(value, parameters[1]) : costOf(value)));
    const [text, pattern] = parameters;
    if (isMatch && typeof text === 'string' && typeof pattern === 'string') {
      budget.spend((text.length * compiledPattern(pattern).programSize()) / PATTERN_STEPS_PER_COST);
      return matchesLinear(text, pattern);
    }
    const result = handle(values, ...rest);
    assertSize(result);
    return result;
  };
}

function boundedOperator(handle: Handle, budget: Budget): Handle {
  return (left, right, ...rest) => {
    budget.spend(1 + costOf(left) + costOf(right));
    const result = handle(left, right, ...rest);
    assertSize(result);
    return result;
  };
}

function joinedCost(value: unknown, separator: unknown): number {
  if (!Array.isArray(value)) return costOf(value);
  assertSize(value);
  let length = value.length * (typeof separator === 'string' ? separator.length : 0);
  for (const part of value as readonly unknown[]) length += typeof part === 'string' ? part.length : 0;
  if (length > LIMITS.textLength) throw new BoundExceeded('a text in it gets too long');
  return value.length;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const KEPT_PATTERNS = 500;
const patterns = new Map<string, RE2JS>();

/** RE2 has no backtracking: time grows with the text, whatever the pattern. @see https://github.com/google/re2/wiki/WhyRE2, read 2026-11-22 */
export function matchesLinear(text: string, pattern: string): boolean {
  return compiledPattern(pattern).matcher(text).find();
}

function compiledPattern(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > LIMITS.patternLength) throw new BoundExceeded('the pattern is too long');
  const compiled = RE2JS.compile(pattern);
  const oldest = patterns.keys().next();
  if (patterns.size >= KEPT_PATTERNS && oldest.done !== true) patterns.delete(oldest.value);
  patterns.set(pattern, compiled);
  return compiled;
}
