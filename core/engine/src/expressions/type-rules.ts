import type { Checker, Macro, SyntaxNode, TypeDeclaration, TypeRule } from './syntax.ts';

/** Names in the library's checker. */
interface CheckedNames {
  forkWithVariable(name: string, type: TypeDeclaration): CheckedNames;
}

interface ListTypes {
  getListType(element: TypeDeclaration): TypeDeclaration;
  getMapType(key: TypeDeclaration, value: TypeDeclaration): TypeDeclaration;
}

const NUMERIC: ReadonlySet<string> = new Set(['int', 'uint', 'double']);

/** `a ? b : c`: numbers of two types give a double, others of two types anything. */
export function checkTernary(checker: Checker, node: SyntaxNode, names: unknown): TypeDeclaration {
  const [condition, yes, no] = node.args as readonly [SyntaxNode, SyntaxNode, SyntaxNode];
  assertBool(checker, condition, names, 'What stands before `?` has to be true or false');
  return common(checker, checker.check(yes, names), checker.check(no, names));
}

const DURATION = 'google.protobuf.Duration';
const TIMESTAMP = 'google.protobuf.Timestamp';

/** The library says that a duration and a moment give a duration. */
export function checkSum(check: TypeRule | undefined): TypeRule {
  return (checker, node, names) => {
    const type = check?.(checker, node, names);
    const [left, right] = node.args as readonly [SyntaxNode, SyntaxNode];
    const isMoment = checker.check(left, names).name === DURATION && checker.check(right, names).name === TIMESTAMP;
    return isMoment ? checker.getType(TIMESTAMP) : type;
  };
}

function common(checker: Checker, first: TypeDeclaration, second: TypeDeclaration): TypeDeclaration {
  const unified = first.unify(checker.registry, second);
  if (unified !== null) return unified;
  return checker.getType(NUMERIC.has(first.name) && NUMERIC.has(second.name) ? 'double' : 'dyn');
}

function assertBool(checker: Checker, node: SyntaxNode, names: unknown, rule: string): void {
  const { name, kind } = checker.check(node, names);
  if (name !== 'bool' && kind !== 'dyn') throw checker.createError('type_error', `${rule}, not ${name}`, node);
}

/** The type of a macro's result. @throws the library's error when types do not fit */
export function checkMacro(macro: Macro, checker: Checker, names: unknown): TypeDeclaration {
  switch (macro.kind) {
    case 'has':
      checker.check(macro.target, names);
      return checker.getType('bool');
    case 'default':
      return common(checker, checker.check(macro.parts[0], names), checker.check(macro.parts[1], names));
    case 'bind':
      return checker.check(macro.body, (names as CheckedNames).forkWithVariable(macro.name, checker.check(macro.value, names)));
    case 'loop':
      return checkLoop(macro, checker, names as CheckedNames);
  }
}

function checkLoop(loop: Extract<Macro, { kind: 'loop' }>, checker: Checker, outer: CheckedNames): TypeDeclaration {
  const collection = checker.check(loop.collection, outer);
  const types = elementTypes(loop, collection, checker);
  const inner = loop.names.reduce((names, name, index) => names.forkWithVariable(name, types[index] ?? checker.getType('dyn')), outer);
  const last = loop.bodies.at(-1) ?? loop.collection;
  const isCondition = ['all', 'exists', 'exists_one', 'existsOne', 'filter'].includes(loop.name);
  const conditions = isCondition ? loop.bodies : loop.bodies.slice(0, -1);
  for (const condition of conditions) assertBool(checker, condition, inner, `The condition of \`${loop.name}\` has to be true or false`);
  return resultType(loop, checker.check(last, inner), types, checker);
}

function elementTypes(loop: Extract<Macro, { kind: 'loop' }>, collection: TypeDeclaration, checker: Checker): readonly TypeDeclaration[] {
  const dyn = checker.getType('dyn');
  const [first, second] = typesOfCollection(collection, dyn, checker) ?? [];
  if (first === undefined || second === undefined)
    throw checker.createError('type_error', `\`${loop.name}\` goes through lists and maps, not ${collection.name}`, loop.collection);
  // One name: the element of a list, the key of a map.
  if (loop.names.length === 2) return [first, second];
  return [collection.kind === 'list' ? second : first];
}

function typesOfCollection(
  { kind, keyType, valueType, name }: TypeDeclaration,
  dyn: TypeDeclaration,
  checker: Checker,
): readonly [TypeDeclaration, TypeDeclaration] | undefined {
  // What an empty list holds is not known: its type is a placeholder.
  const known = (type: TypeDeclaration | undefined): TypeDeclaration => (type === undefined || type.kind === 'param' ? dyn : type);
  if (kind === 'list') return [checker.getType('int'), known(valueType)];
  if (kind === 'map') return [known(keyType), known(valueType)];
  if (kind === 'message' && !name.includes('.')) return [checker.getType('string'), dyn];
  return kind === 'dyn' || kind === 'param' ? [dyn, dyn] : undefined;
}

function resultType(
  { name }: Extract<Macro, { kind: 'loop' }>,
  body: TypeDeclaration,
  [element]: readonly TypeDeclaration[],
  checker: Checker,
): TypeDeclaration {
  const registry = checker.registry as ListTypes;
  switch (name) {
    case 'map':
    case 'transformList':
      return registry.getListType(body);
    case 'filter':
    case 'sortBy':
      return registry.getListType(element ?? checker.getType('dyn'));
    case 'transformMap':
      return registry.getMapType(element ?? checker.getType('dyn'), body);
    case 'transformMapEntry':
      return body;
    default:
      return checker.getType('bool');
  }
}
