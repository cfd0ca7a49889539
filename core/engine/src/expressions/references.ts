import { childrenOf, macroOf } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';

/** One reading of a root: `steps.score.output.probability` is root `steps`, path `['score', 'output', 'probability']`. */
export interface Reference {
  readonly root: string;
  /** Fields as far as they are literal. */
  readonly path: readonly string[];
  /** Offset in the expression. */
  readonly start: number;
}

/** What an expression reads, and how deep its macros nest. */
export interface Reading {
  readonly references: readonly Reference[];
  readonly loopDepth: number;
  /** Every field name that is read anywhere, for objects that may have more fields than their schema names. */
  readonly fields: ReadonlySet<string>;
}

/** Finds what an expression reads, as written. */
export function readingOf(root: SyntaxNode): Reading {
  const references: Reference[] = [];
  const fields = new Set<string>();
  let loopDepth = 0;

  const walk = (node: SyntaxNode, bound: ReadonlySet<string>, depth: number): void => {
    loopDepth = Math.max(loopDepth, depth);
    const chain = chainOf(node);
    for (const field of chain?.path ?? []) fields.add(field);
    if (chain !== undefined && !bound.has(chain.root)) references.push(chain);
    if (chain !== undefined) return;
    const field = fieldOf(node);
    if (field !== undefined) fields.add(field);
    walkParts(node, bound, depth);
  };
  const walkParts = (node: SyntaxNode, bound: ReadonlySet<string>, depth: number): void => {
    const macro = macroOf(node);
    if (macro?.kind === 'bind') {
      walk(macro.value, bound, depth);
      walk(macro.body, new Set([...bound, macro.name]), depth);
    } else if (macro?.kind === 'loop') {
      walk(macro.collection, bound, depth);
      for (const body of macro.bodies) walk(body, new Set([...bound, ...macro.names]), depth + 1);
    } else for (const child of childrenOf(node)) walk(child, bound, depth);
  };
  walk(root, new Set(), 0);
  return { references, loopDepth, fields };
}

function fieldOf(node: SyntaxNode): string | undefined {
  if (!Array.isArray(node.args)) return undefined;
  const [, key] = node.args as [SyntaxNode, unknown];
  if (node.op === '.' && typeof key === 'string') return key;
  const literal = node.op === '[]' ? (key as SyntaxNode) : undefined;
  return literal?.op === 'value' && typeof literal.args === 'string' ? literal.args : undefined;
}

/** `a.b["c"]` as root and path; `undefined` when it is not such a chain from its first to its last part. */
export function chainOf(node: SyntaxNode): Reference | undefined {
  const path: string[] = [];
  let current = node;
  for (;;) {
    if (current.op === 'id' && typeof current.args === 'string')
      return { root: current.args, path: path.toReversed(), start: current.start };
    const field = fieldOf(current);
    if (field === undefined || !Array.isArray(current.args)) return undefined;
    path.push(field);
    current = current.args[0] as SyntaxNode;
  }
}
