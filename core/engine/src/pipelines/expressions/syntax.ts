/**
 * What is used of the CEL library's syntax tree. Its own types leave out what macros expand to and the handler that its
 * checker picks for a node, both of which the bounds need. The version of the library is pinned; the tests of hostile
 * expressions fail when this stops being true.
 */
export interface SyntaxNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
  readonly meta: { readonly alternate?: SyntaxNode; readonly macro?: MacroNode };
  /** Set by the checker on operators and calls: gets values that are already computed. */
  handle?: (...values: unknown[]) => unknown;
}

/** A macro that evaluates itself: `has`, `cel.bind`, `default`. */
interface MacroNode {
  readonly args?: readonly SyntaxNode[];
  readonly val?: SyntaxNode;
  readonly exp?: SyntaxNode;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** The nodes directly below one as it was written, macros not expanded. */
export function writtenChildren(node: SyntaxNode): readonly SyntaxNode[] {
  return nodesIn(node.args);
}

function nodesIn(value: unknown): readonly SyntaxNode[] {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(nodesIn) : [];
}

/** Visits every node that can be evaluated, macros expanded, each once. */
export function visitEvaluated(root: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  const seen = new Set<SyntaxNode>();
  const waiting: SyntaxNode[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    visit(node);
    waiting.push(...evaluatedChildren(node));
  }
}

function evaluatedChildren(node: SyntaxNode): readonly SyntaxNode[] {
  const { alternate, macro } = node.meta;
  if (alternate !== undefined) return [alternate];
  if (macro !== undefined) return [...(macro.args ?? []), macro.val, macro.exp].filter(isNode);
  if (node.op !== 'comprehension') return nodesIn(node.args);
  const { iterable, init, step } = node.args as { readonly iterable: SyntaxNode; readonly init: SyntaxNode; readonly step: SyntaxNode };
  return [iterable, init, step];
}

const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** The name that a macro call gives to its element or value, and the arguments in which the name holds. */
export function boundName(
  node: SyntaxNode,
): { readonly name: string; readonly within: readonly SyntaxNode[]; readonly isLoop: boolean } | undefined {
  if (node.op !== 'rcall' || !Array.isArray(node.args)) return undefined;
  const [method, receiver, parameters] = node.args as [string, SyntaxNode, readonly SyntaxNode[]];
  const name = parameters[0];
  if (name?.op !== 'id' || typeof name.args !== 'string') return undefined;
  if (LOOPS.has(method) && parameters.length > 1) return { name: name.args, within: parameters.slice(1), isLoop: true };
  if (method === 'bind' && receiver.op === 'id' && receiver.args === 'cel')
    return { name: name.args, within: parameters.slice(2), isLoop: false };
  return undefined;
}
