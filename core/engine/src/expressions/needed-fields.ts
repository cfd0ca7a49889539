import { kindOf } from './kinds.ts';
import { memberOf } from './members.ts';
import { OPERATIONS } from './operators.ts';
import { chainOf } from './references.ts';
import type { SyntaxNode } from './syntax.ts';

/** A field by its root and the names on the way, of which one that is missing makes the reading fail. */
export type NeededField = readonly string[];

/** Fields without which an expression over these roots cannot come to true: it fails, or is false. */
export function neededToBeTrue(root: SyntaxNode, roots: ReadonlySet<string>): readonly NeededField[] {
  const found = new Map<string, NeededField>();
  const add = (node: SyntaxNode): void => {
    for (const field of neededToBeAnything(node, roots)) found.set(JSON.stringify(field), field);
  };
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    // Both sides of an outermost `&&` have to be true.
    if (node.op === '&&') waiting.push(...(node.args as readonly SyntaxNode[]));
    else add(node);
  }
  return [...found.values()];
}

/** Fields without which it fails, whatever else there is. Macros, functions and `||` may do without: they are left out. */
function neededToBeAnything(node: SyntaxNode, roots: ReadonlySet<string>): readonly NeededField[] {
  if (node.op === '.') {
    const chain = chainOf(node);
    return chain !== undefined && roots.has(chain.root) ? [[chain.root, ...chain.path]] : [];
  }
  if (node.op === '!_' || node.op === '-_') return neededToBeAnything(node.args as SyntaxNode, roots);
  if (OPERATIONS[node.op] === undefined) return [];
  return (node.args as readonly SyntaxNode[]).flatMap((side) => neededToBeAnything(side, roots));
}

/** Whether one of the fields is not there. */
export function lacksAny(values: Readonly<Record<string, unknown>>, fields: readonly NeededField[]): boolean {
  return fields.some(([root = '', ...path]) => {
    let value = values[root];
    for (const name of path) {
      if (typeof value !== 'object' || value === null || kindOf(value) !== 'map') return true;
      value = memberOf(value, name);
    }
    return value === undefined;
  });
}
