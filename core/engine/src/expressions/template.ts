import type { Json, JsonObject } from '@tendril/plugin-api';
import { BoundExceeded, LIMITS } from './bounds.ts';
import { compileOver, EvaluationFault, toFault } from './expression.ts';
import type { Expression, ExpressionFault, Scope, ScopeOf } from './expression.ts';
import { PIPELINE_ROOTS } from './root-set.ts';
import type { RootSet } from './root-set.ts';
import { toJson, toText } from './values.ts';

/** A part of a text: literal, or an expression with the offset of its source in the text. */
export type TemplatePart = { readonly text: string } | { readonly expression: string; readonly offset: number };

/** Splits a text at its `${{ }}`. An opening without its end is a fault. */
export function splitTemplate(text: string): { readonly parts: readonly TemplatePart[]; readonly fault?: ExpressionFault } {
  const parts: TemplatePart[] = [];
  let position = 0;
  for (;;) {
    const opening = text.indexOf('${{', position);
    if (opening === -1) break;
    const closing = closingOf(text, opening + 3);
    if (closing === -1) return { parts, fault: { message: '`${{` has no `}}`.', start: opening, end: text.length } };
    if (opening > position) parts.push({ text: text.slice(position, opening) });
    const source = text.slice(opening + 3, closing);
    parts.push({ expression: source.trim(), offset: opening + 3 + (source.length - source.trimStart().length) });
    position = closing + 2;
  }
  if (position < text.length) parts.push({ text: text.slice(position) });
  return { parts };
}

/** Where the `}}` is that ends the expression: one inside a quoted text or behind a map's brace does not. */
function closingOf(text: string, from: number): number {
  let quote = '';
  let braces = 0;
  for (let index = from; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (quote !== '') {
      if (character === '\\') index += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '{') braces += 1;
    else if (character === '}' && braces > 0) braces -= 1;
    else if (character === '}' && text[index + 1] === '}') return index;
  }
  return -1;
}

/** Gives the value of something that may hold expressions. @throws EvaluationFault */
export type Evaluate<Value = Json, Reads extends object = Scope> = (scope: Reads) => Value;

/**
 * Compiles a value of `with` or `set`, at any depth. Expects that the checker found no fault in it.
 *
 * @param roots those of pipelines unless told
 * @throws EvaluationFault when an expression does not compile
 */
export function compileValue(value: Json): Evaluate;
export function compileValue<Name extends string>(value: Json, roots: RootSet<Name>): Evaluate<Json, ScopeOf<Name>>;
export function compileValue(value: Json, roots: RootSet = PIPELINE_ROOTS): Evaluate<Json, object> {
  return valueOver(value, roots);
}

function valueOver(value: Json, roots: RootSet): Evaluate<Json, object> {
  if (typeof value === 'string') return compileText(value, roots);
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => valueOver(item, roots));
    return (scope) => items.map((item) => item(scope));
  }
  if (typeof value === 'object' && value !== null) return objectOver(value as JsonObject, roots);
  return () => value;
}

/** As `compileValue`, for an object. */
export function compileObject(value: JsonObject): Evaluate<JsonObject>;
export function compileObject<Name extends string>(value: JsonObject, roots: RootSet<Name>): Evaluate<JsonObject, ScopeOf<Name>>;
export function compileObject(value: JsonObject, roots: RootSet = PIPELINE_ROOTS): Evaluate<JsonObject, object> {
  return objectOver(value, roots);
}

function objectOver(value: JsonObject, roots: RootSet): Evaluate<JsonObject, object> {
  const members = Object.entries(value).map(([name, member]) => [name, valueOver(member ?? null, roots)] as const);
  return (scope) => Object.fromEntries(members.map(([name, member]) => [name, member(scope)]));
}

function compileText(text: string, roots: RootSet): Evaluate<Json, object> {
  const { parts } = splitTemplate(text);
  const [first] = parts;
  if (parts.every((part) => 'text' in part)) return () => text;
  if (parts.length === 1 && first !== undefined && 'expression' in first) return evaluatorOf(requiredOver(first.expression, roots));
  const pieces = parts.map((part): Evaluate<string, object> => {
    if ('text' in part) return () => part.text;
    const value = evaluatorOf(requiredOver(part.expression, roots));
    return (scope) => toText(value(scope));
  });
  return (scope) => {
    const joined = pieces.map((piece) => piece(scope)).join('');
    if (joined.length > LIMITS.textLength)
      throw new EvaluationFault(text, { message: 'The text gets too long.', start: 0, end: text.length }, false);
    return joined;
  };
}

function evaluatorOf(expression: Expression<object>): Evaluate<Json, object> {
  return (scope) => {
    const value = expression.evaluate(scope);
    try {
      return toJson(value);
    } catch (error) {
      if (error instanceof BoundExceeded) throw new EvaluationFault(expression.source, toFault(expression.source, error), false);
      throw error;
    }
  };
}

/** Compiles an expression that the checker has passed. @param roots those of pipelines unless told @throws EvaluationFault */
export function required(source: string): Expression;
export function required<Name extends string>(source: string, roots: RootSet<Name>): Expression<ScopeOf<Name>>;
export function required(source: string, roots: RootSet = PIPELINE_ROOTS): Expression<object> {
  return requiredOver(source, roots);
}

function requiredOver(source: string, roots: RootSet): Expression<object> {
  const compiled = compileOver(source, roots);
  if ('fault' in compiled) throw new EvaluationFault(source, compiled.fault, false);
  return compiled.expression;
}
