/**
 * What is used of the CEL library's syntax tree. Its own types leave out the macros. The version of the library is pinned;
 * the conformance tests fail when this stops being true.
 */
export interface SyntaxNode {
  readonly op: string;
  readonly args: unknown;
  /** Where the name of a field or function stands; `start` is where the whole begins. */
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  /** The source that was parsed. */
  readonly input: string;
  readonly meta: { check?: TypeRule; macro?: object; alternate?: SyntaxNode };
}

/** Finds the type of a node; `names` are the library's. */
export type TypeRule = (checker: Checker, node: SyntaxNode, names: unknown) => unknown;

/** What is used of the library's type checker. */
export interface Checker {
  readonly registry: unknown;
  check(node: SyntaxNode, names: unknown): TypeDeclaration;
  getType(name: string): TypeDeclaration;
  createError(code: string, message: string, node: SyntaxNode): Error;
}

/** What is used of a type in the library's checker. */
export interface TypeDeclaration {
  readonly name: string;
  readonly kind: string;
  readonly valueType?: TypeDeclaration;
  readonly keyType?: TypeDeclaration;
  unify(registry: unknown, other: TypeDeclaration): TypeDeclaration | null;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** The nodes directly below one as it was written, macros not expanded. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  return nodesIn(node.args);
}

function nodesIn(value: unknown): readonly SyntaxNode[] {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(nodesIn) : [];
}

/** Visits a node and all below it as they were written. */
export function visitWritten(root: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  const waiting: SyntaxNode[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    visit(node);
    waiting.push(...childrenOf(node));
  }
}

/** How many nodes an expression has. */
export function countNodes(root: SyntaxNode): number {
  let count = 0;
  visitWritten(root, () => (count += 1));
  return count;
}

/** Prefixes of functions that are no values: `math.round(x)`. */
export const NAMESPACES = ['cel', 'math', 'lists', 'regex', 'base64'] as const;

/** The prefix that a receiver is, if it is one. */
export function namespaceOf(receiver: SyntaxNode): string | undefined {
  return receiver.op === 'id' ? NAMESPACES.find((name) => name === receiver.args) : undefined;
}

/** `a.b.c` as it is written; `undefined` when it is not only names. */
export function dottedName(node: SyntaxNode): string | undefined {
  if (node.op === 'id') return node.args as string;
  if (node.op !== '.') return undefined;
  const [target, field] = node.args as readonly [SyntaxNode, string];
  const prefix = dottedName(target);
  return prefix === undefined ? undefined : `${prefix}.${field}`;
}

/** A macro, taken apart. */
export type Macro =
  | { readonly kind: 'has'; readonly target: SyntaxNode; readonly field: string }
  | { readonly kind: 'default'; readonly parts: readonly [SyntaxNode, SyntaxNode] }
  | { readonly kind: 'bind'; readonly name: string; readonly value: SyntaxNode; readonly body: SyntaxNode }
  | {
      readonly kind: 'loop';
      readonly name: string;
      readonly collection: SyntaxNode;
      /** One name for the element (of a map, the key), or two: index and element, key and value. */
      readonly names: readonly string[];
      readonly bodies: readonly SyntaxNode[];
    };

/** Loops by how many values they are called with: how many of these are names. */
const LOOPS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  all: { 2: 1, 3: 2 },
  exists: { 2: 1, 3: 2 },
  exists_one: { 2: 1, 3: 2 },
  existsOne: { 2: 1, 3: 2 },
  map: { 2: 1, 3: 1 },
  filter: { 2: 1 },
  transformList: { 3: 2, 4: 2 },
  transformMap: { 3: 2, 4: 2 },
  transformMapEntry: { 3: 2, 4: 2 },
  sortBy: { 2: 1 },
};

/** Takes a call of a macro apart; `undefined` when the node is none. */
export function macroOf(node: SyntaxNode): Macro | undefined {
  if (node.op === 'call') return callMacro(node.args as readonly [string, readonly SyntaxNode[]]);
  return node.op === 'rcall' ? methodMacro(node.args as readonly [string, SyntaxNode, readonly SyntaxNode[]]) : undefined;
}

function callMacro([name, [first, second]]: readonly [string, readonly SyntaxNode[]]): Macro | undefined {
  if (name === 'has' && first?.op === '.' && second === undefined) {
    const [target, field] = first.args as readonly [SyntaxNode, string];
    return { kind: 'has', target, field };
  }
  if (name === 'default' && first !== undefined && second !== undefined) return { kind: 'default', parts: [first, second] };
  return undefined;
}

function methodMacro([name, receiver, values]: readonly [string, SyntaxNode, readonly SyntaxNode[]]): Macro | undefined {
  const [first, second, third] = values;
  if (name === 'bind' && namespaceOf(receiver) === 'cel') {
    if (values.length !== 3 || first?.op !== 'id' || second === undefined || third === undefined) return undefined;
    return { kind: 'bind', name: first.args as string, value: second, body: third };
  }
  const nameCount = Object.hasOwn(LOOPS, name) ? LOOPS[name]?.[values.length] : undefined;
  if (nameCount === undefined) return undefined;
  const names = values.slice(0, nameCount);
  if (names.some(({ op }) => op !== 'id')) return undefined;
  return { kind: 'loop', name, collection: receiver, names: names.map(({ args }) => args as string), bodies: values.slice(nameCount) };
}
