import { childrenOf, visitWritten } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';

/** A value on the left, a number as it is written on the right. */
export interface Comparison {
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  readonly number: number;
}

/** The same comparison with its sides changed over. */
const TURNED: Readonly<Record<string, Comparison['operator']>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' };

/**
 * With which numbers each own call is compared, by its index; `undefined` for calls whose value is put to another use
 * anywhere.
 */
export function comparisonsOf(root: SyntaxNode, callCount: number): readonly (readonly Comparison[] | undefined)[] {
  const found: (Comparison[] | undefined)[] = Array.from({ length: callCount }, () => []);
  if (root.op === 'own') found[root.args as number] = undefined;
  visitWritten(root, (node) => {
    for (const child of childrenOf(node)) {
      if (child.op !== 'own') continue;
      const index = child.args as number;
      const comparison = comparisonWith(node, child);
      if (comparison === undefined) found[index] = undefined;
      else found[index]?.push(comparison);
    }
  });
  return found;
}

function comparisonWith({ op, args }: SyntaxNode, call: SyntaxNode): Comparison | undefined {
  const turned = TURNED[op];
  if (turned === undefined) return undefined;
  const [left, right] = args as readonly [SyntaxNode, SyntaxNode];
  const number = numberIn(left === call ? right : left);
  if (number === undefined) return undefined;
  return { operator: left === call ? (op as Comparison['operator']) : turned, number };
}

/** A number as it is written, if it is one that a double holds exactly. */
function numberIn({ op, args }: SyntaxNode): number | undefined {
  if (op === '-_') {
    const number = numberIn(args as SyntaxNode);
    return number === undefined ? undefined : -number;
  }
  if (op !== 'value') return undefined;
  if (typeof args === 'bigint') return Number.isSafeInteger(Number(args)) ? Number(args) : undefined;
  return typeof args === 'number' && Number.isFinite(args) ? args : undefined;
}
