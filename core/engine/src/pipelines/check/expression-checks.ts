import type { JsonObject } from '@tendril/plugin-api';
import type { PipelineFault } from '../../hub.ts';
import { compileExpression, ROOTS, splitTemplate } from '../../expressions/index.ts';
import type { Reference, RootSchemas, TypeChecker } from '../../expressions/index.ts';
import { nearestName } from '../../nearest-name.ts';
import type { PipelineSource, Place } from '../source.ts';

/** What an expression at some place may read, and what is known of types there. */
export interface ExpressionContext {
  readonly source: PipelineSource;
  readonly types: TypeChecker;
  readonly schemas: RootSchemas;
  /** Roots that are there: conditions of triggers have no steps. */
  readonly roots: readonly string[];
  /** Ids of the steps that have ended before. */
  readonly visible: ReadonlySet<string>;
  /** Ids of steps inside loops. */
  readonly loopIds: ReadonlySet<string>;
  /** Not everything could be read: what is not found may be there. */
  readonly isUnsure: boolean;
  readonly typesOf: (schemas: RootSchemas) => TypeChecker;
  readonly faults: PipelineFault[];
}

/** The same place with more that can be read. */
export function withRoots<Context extends ExpressionContext>(context: Context, added: RootSchemas): Context {
  const schemas = { ...context.schemas, ...added };
  const roots = [...new Set([...context.roots, ...Object.keys(added)])];
  return { ...context, schemas, roots, types: context.typesOf(schemas) };
}

/** Checks one expression. @returns its CEL type, `undefined` when it has a fault, which is then among the faults */
export function checkExpression(context: ExpressionContext, expression: string, place: Place): string | undefined {
  const { source, faults, types } = context;
  const compiled = compileExpression(expression);
  const told = faults.length;
  const tell = (message: string, offset: number, suggestion?: string): void => {
    faults.push(source.faultWithin('EXPRESSION_INVALID', message, place, { text: expression, offset }, suggestion));
  };
  if ('fault' in compiled) {
    const name = /^There is no `([^`]+)`;/.exec(compiled.fault.message)?.[1];
    tell(compiled.fault.message, compiled.fault.start, name === undefined ? undefined : nearestName(name, context.roots));
    return undefined;
  }
  for (const reference of compiled.expression.reading.references) checkReference(context, expression, reference, tell);
  if (faults.length > told) return undefined;
  const typed = types.typeOf(expression);
  if ('type' in typed) return typed.type;
  tell(typed.fault.message, typed.fault.start);
  return undefined;
}

type Tell = (message: string, offset: number, suggestion?: string) => void;

function checkReference(context: ExpressionContext, expression: string, { root, path, start }: Reference, tell: Tell): void {
  const isRoot = ROOTS.some((name) => name === root);
  if (!isRoot) return;
  if (!context.roots.includes(root)) {
    tell(`\`${root}\` cannot be read here, only ${context.roots.join(', ')}.`, start);
    return;
  }
  const [id] = path;
  if (root === 'steps' && id !== undefined && !context.visible.has(id)) {
    const exists = id in (((context.schemas.steps ?? {})['properties'] as JsonObject | undefined) ?? {});
    if (context.loopIds.has(id))
      tell(`The step \`${id}\` is inside a loop: what comes behind the loop reads what it collects, with \`collect:\`.`, start);
    else if (exists)
      tell(`The step \`${id}\` has not ended when this is read: it comes later, is on another branch, or is this one.`, start);
    else if (!context.isUnsure) tell(`There is no step \`${id}\`.`, start, nearestName(id, context.visible));
    return;
  }
  checkPath(context.schemas[root as keyof RootSchemas] ?? {}, root, path, (message, field, suggestion) => {
    tell(message, Math.max(start, expression.indexOf(field, start)), suggestion);
  });
}

/** Follows a path through closed objects. What an open object or a choice of schemas may hold is not judged. */
function checkPath(
  schema: JsonObject,
  root: string,
  path: readonly string[],
  tell: (message: string, field: string, suggestion?: string) => void,
): void {
  let current: JsonObject = schema;
  const walked = [root];
  for (const field of path) {
    const properties = current['properties'] as JsonObject | undefined;
    if (current['type'] !== 'object' || properties === undefined) return;
    const next = Object.hasOwn(properties, field) ? properties[field] : undefined;
    if (next === undefined) {
      const isClosed =
        current['additionalProperties'] === false &&
        !['patternProperties', 'allOf', 'anyOf', 'oneOf', '$ref'].some((keyword) => keyword in current);
      if (isClosed) tell(`\`${walked.join('.')}\` has no field \`${field}\`.`, field, nearestName(field, Object.keys(properties)));
      return;
    }
    walked.push(field);
    current = next as JsonObject;
  }
}

/** Checks an expression that has to be true or false. */
export function checkCondition(context: ExpressionContext, expression: string | undefined, place: Place): void {
  if (expression === undefined) return;
  if (expression.includes('${{')) {
    context.faults.push(context.source.fault('EXPRESSION_INVALID', 'A condition is written without `${{ }}` around it.', place));
    return;
  }
  const type = checkExpression(context, expression, place);
  if (type === undefined || type === 'bool' || type === 'dyn') return;
  context.faults.push(
    context.source.fault('EXPRESSION_INVALID', `A condition has to be true or false; this gives ${typeInWords(type)}.`, place),
  );
}

/** What a text with `${{ }}` in it gives. */
export interface TemplateType {
  /** False for a text without expressions. */
  readonly isDynamic: boolean;
  /** CEL type of a text that is one expression; `string` for others; `undefined` when there was a fault. */
  readonly type: string | undefined;
}

/** Checks an expression that gives a value to tell things apart by: a text, number or boolean. @param member as faults name it */
export function checkKey(context: ExpressionContext, expression: string | undefined, place: Place, member: string): void {
  if (expression === undefined) return;
  if (expression.includes('${{')) {
    context.faults.push(context.source.fault('EXPRESSION_INVALID', `\`${member}\` is written without \`\${{ }}\` around it.`, place));
    return;
  }
  const type = checkExpression(context, expression, place);
  if (type === undefined || isPlain(type)) return;
  context.faults.push(
    context.source.fault('EXPRESSION_INVALID', `\`${member}\` takes a text, number or boolean; this gives ${typeInWords(type)}.`, place),
  );
}

function isPlain(type: string): boolean {
  return ['string', 'int', 'uint', 'double', 'bool', 'dyn', 'null'].includes(type);
}

/** Checks a text that has to come to one of the types. @param member as faults name it @param wanted as faults say it */
export function checkTypedTemplate(
  context: ExpressionContext,
  text: string,
  place: Place,
  { member, types, wanted }: { readonly member: string; readonly types: readonly string[]; readonly wanted: string },
): TemplateType {
  const result = checkTemplate(context, text, place);
  if (!result.isDynamic || result.type === undefined) return result;
  const plain = result.type.replace(/<.*$/, '');
  if (plain === 'dyn' || types.includes(plain)) return result;
  const message = `\`${member}\` takes ${wanted}; this gives ${typeInWords(result.type)}.`;
  context.faults.push(context.source.fault('EXPRESSION_INVALID', message, place));
  return { isDynamic: true, type: undefined };
}

/** Checks the expressions in a text. */
export function checkTemplate(context: ExpressionContext, text: string, place: Place): TemplateType {
  const { parts, fault } = splitTemplate(text);
  if (fault !== undefined) {
    context.faults.push(context.source.faultWithin('EXPRESSION_INVALID', fault.message, place, { text, offset: fault.start }));
    return { isDynamic: true, type: undefined };
  }
  const types = parts.flatMap((part) => ('expression' in part ? [checkExpression(context, part.expression, place)] : []));
  if (types.length === 0) return { isDynamic: false, type: 'string' };
  return { isDynamic: true, type: parts.length === 1 ? types[0] : types.includes(undefined) ? undefined : 'string' };
}

/** A CEL type as people say it. */
export function typeInWords(type: string): string {
  if (type.startsWith('list')) return 'a list';
  if (type.startsWith('map') || type.startsWith('object')) return 'an object';
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    bool: '`true` or `false`',
    int: 'a whole number',
    double: 'a number',
    'google.protobuf.Timestamp': 'a moment',
    'google.protobuf.Duration': 'a duration',
    null: 'nothing',
  };
  return words[type] ?? `a value of type ${type}`;
}
