import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { CAUGHT_COST } from './bounds.ts';
import { readBytes } from './bytes-literal.ts';
import { compileCall } from './calls.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Compute, Names } from './frame.ts';
import { kindInWords, typeNamed } from './kinds.ts';
import { compileMacro } from './macros.ts';
import { addEntry, elementAt, fieldOf, keyOf } from './members.ts';
import { negate, OPERATIONS } from './operators.ts';
import { dottedName } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';

/** Compiles a parsed expression into closures. @throws EvaluationError for literals that are out of range */
export function compileNode(node: SyntaxNode, names: Names): Compute {
  return located(node, compileBare(node, names));
}

function compileBare(node: SyntaxNode, names: Names): Compute {
  switch (node.op) {
    case 'value':
      return compileLiteral(node);
    case 'id':
      return compileName(node.args as string, names);
    case '.':
      return compileField(node, names);
    case '[]':
      return compileIndex(node.args as readonly [SyntaxNode, SyntaxNode], names);
    case 'call':
    case 'rcall':
      return compileMacro(node, names, compileNode) ?? compileCall(node, names, compileNode);
    case 'list':
      return compileList(node.args as readonly SyntaxNode[], names);
    case 'map':
      return compileMap(node.args as readonly (readonly [SyntaxNode, SyntaxNode])[], names);
    case '?:':
      return compileTernary(node.args as readonly [SyntaxNode, SyntaxNode, SyntaxNode], names);
    case '&&':
      return compileLogical(node, false, names);
    case '||':
      return compileLogical(node, true, names);
    case '!_':
      return compileNot(node.args as SyntaxNode, names);
    case '-_':
      return compileNegative(node.args as SyntaxNode, names);
    case 'own':
      return (frame) => frame.own?.(node.args as number);
    default:
      return compileOperator(node, names);
  }
}

/** Tells an error where it happened, unless something inside has told already. */
function located(node: SyntaxNode, compute: Compute): Compute {
  if (node.op === 'value' || node.op === 'id') return compute;
  return (frame) => {
    try {
      return compute(frame);
    } catch (error) {
      if (error instanceof EvaluationError) error.range ??= { start: node.pos, end: node.end };
      throw error;
    }
  };
}

const MAX_INT = 9_223_372_036_854_775_807n;

function compileLiteral(node: SyntaxNode): Compute {
  const value = node.args instanceof Uint8Array ? readBytes(node) : node.args;
  if (typeof value === 'bigint' && value > MAX_INT)
    throw new EvaluationError('range', 'A whole number is out of range.', { start: node.start, end: node.end });
  return () => value;
}

function compileName(name: string, names: Names): Compute {
  const slot = names.slotOf(name);
  if (slot !== undefined) return (frame) => frame.locals[slot];
  const type = typeNamed(name);
  if (names.isRoot(name)) return (frame) => frame.roots[name];
  if (type !== undefined) return () => type;
  return () => {
    throw new EvaluationError('value', `There is no \`${name}\`.`);
  };
}

function compileField(node: SyntaxNode, names: Names): Compute {
  const [target, field] = node.args as readonly [SyntaxNode, string];
  const type = typeNamed(dottedName(node) ?? '');
  if (type !== undefined && names.slotOf('google') === undefined) return () => type;
  const read = compileNode(target, names);
  return (frame) => {
    const value = fieldOf(read(frame), field);
    if (value === undefined) throw new EvaluationError('missing', `There is no field \`${field}\` here.`);
    return value;
  };
}

function compileIndex([target, index]: readonly [SyntaxNode, SyntaxNode], names: Names): Compute {
  const read = compileNode(target, names);
  const key = compileNode(index, names);
  return (frame) => elementAt(read(frame), key(frame));
}

function compileList(elements: readonly SyntaxNode[], names: Names): Compute {
  const computes = elements.map((element) => compileNode(element, names));
  return (frame) => computes.map((compute) => compute(frame));
}

function compileMap(entries: readonly (readonly [SyntaxNode, SyntaxNode])[], names: Names): Compute {
  const computes = entries.map(([key, value]) => [compileNode(key, names), compileNode(value, names)] as const);
  return (frame) => {
    const map = new Map<unknown, unknown>();
    for (const [computeKey, computeValue] of computes) {
      const key = computeKey(frame);
      addEntry(map, typeof key === 'number' ? undefined : keyOf(key), computeValue(frame), key);
    }
    return map;
  };
}

function compileTernary([condition, yes, no]: readonly [SyntaxNode, SyntaxNode, SyntaxNode], names: Names): Compute {
  const decide = compileNode(condition, names);
  const whenTrue = compileNode(yes, names);
  const whenFalse = compileNode(no, names);
  return (frame) => {
    const decision = decide(frame);
    if (decision === true) return whenTrue(frame);
    if (decision === false) return whenFalse(frame);
    throw new EvaluationError('type', `What stands before \`?\` has to be true or false, not ${kindInWords(decision)}.`);
  };
}

/** A side that decides makes up for an error of the other one. */
function compileLogical(node: SyntaxNode, deciding: boolean, names: Names): Compute {
  const [first, second] = node.args as readonly [SyntaxNode, SyntaxNode];
  const left = compileNode(first, names);
  const right = compileNode(second, names);
  return (frame) => {
    let value: unknown;
    try {
      value = left(frame);
      if (value === deciding) return deciding;
      if (typeof value !== 'boolean') throw notBoolean(node.op, value, first);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      frame.spend(CAUGHT_COST);
      if (right(frame) === deciding) return deciding;
      throw error;
    }
    const other = right(frame);
    if (typeof other === 'boolean') return other;
    throw notBoolean(node.op, other, second);
  };
}

function notBoolean(operator: string, value: unknown, { start, end }: SyntaxNode): EvaluationError {
  return new EvaluationError('type', `\`${operator}\` needs true or false on both sides, not ${kindInWords(value)}.`, { start, end });
}

function compileNot(operand: SyntaxNode, names: Names): Compute {
  const compute = compileNode(operand, names);
  return (frame) => {
    const value = compute(frame);
    if (typeof value !== 'boolean') throw new EvaluationError('type', `\`!\` needs true or false, not ${kindInWords(value)}.`);
    return !value;
  };
}

function compileNegative(operand: SyntaxNode, names: Names): Compute {
  const literal = operand.op === 'value' ? operand.args : undefined;
  if (typeof literal === 'bigint') return () => negate(literal);
  if (literal instanceof UnsignedInt) return () => negate(literal);
  const compute = compileNode(operand, names);
  return (frame) => negate(compute(frame));
}

function compileOperator(node: SyntaxNode, names: Names): Compute {
  const operation = OPERATIONS[node.op];
  if (operation === undefined) throw new EvaluationError('value', `\`${node.op}\` is not known.`, { start: node.start, end: node.end });
  const [first, second] = node.args as readonly [SyntaxNode, SyntaxNode];
  const left = compileNode(first, names);
  const right = compileNode(second, names);
  return (frame) => operation(left(frame), right(frame), frame);
}
