import type { Json, JsonObject } from '@tendril/plugin-api';
import { compileExpression, createTypeChecker, splitTemplate } from '../../expressions/index.ts';
import type { TypeChecker } from '../../expressions/index.ts';
import { nearestName } from '../../nearest-name.ts';
import { HTTP_ROOTS } from '../declarative/http-roots.ts';
import type { HttpRoot } from '../declarative/http-roots.ts';
import { toPointer } from '../pointer.ts';

/** Adds a problem. */
export type Report = (pointer: string, message: string, suggestion?: string) => void;

/** Schemas of what the roots hold; a root without one is of any shape. */
export type HttpSchemas = Partial<Record<HttpRoot, JsonObject>>;

/** Checks the expressions of one declarative action or trigger. */
export interface HttpExpressions {
  /** Every root that was read, with its first field, and from where. */
  readonly readings: readonly { readonly root: string; readonly field: string | undefined; readonly pointer: string }[];
  /** An expression without `${{ }}`. @returns its CEL type, `undefined` when it has a fault, which is then reported */
  bare(pointer: string, source: string, roots: readonly HttpRoot[]): string | undefined;
  /** As `bare`, for one that has to be true or false. */
  condition(pointer: string, source: string | undefined, roots: readonly HttpRoot[]): void;
  /** As `bare`, for one that has to be a list. */
  list(pointer: string, source: string | undefined, roots: readonly HttpRoot[]): void;
  /** A text with `${{ }}`. @returns the type of a text that is one expression, `string` for others, `undefined` after a fault */
  text(pointer: string, text: string, roots: readonly HttpRoot[]): string | undefined;
  /** Every text in a value. */
  value(pointer: string, value: Json | undefined, roots: readonly HttpRoot[]): void;
}

/** @param schemas what is known of the roots at this place @param fields all field names that its expressions read */
export function createHttpExpressions(schemas: HttpSchemas, fields: ReadonlySet<string>, report: Report): HttpExpressions {
  let types: TypeChecker | undefined;
  const readings: { root: string; field: string | undefined; pointer: string }[] = [];

  function bare(pointer: string, source: string, roots: readonly HttpRoot[]): string | undefined {
    const tell = (message: string, offset: number, suggestion?: string): void => {
      report(pointer, `${message} (character ${offset + 1} of \`${shortened(source)}\`)`, suggestion);
    };
    if (source.includes('${{')) {
      tell('This is an expression by itself: write it without `${{ }}`.', source.indexOf('${{'));
      return undefined;
    }
    const compiled = compileExpression(source, HTTP_ROOTS);
    if ('fault' in compiled) {
      const { message, start } = compiled.fault;
      const name = /^There is no `([^`]+)`;/.exec(message)?.[1];
      tell(
        name === undefined ? message : `There is no \`${name}\`; expressions here read ${roots.join(', ')}.`,
        start,
        name === undefined ? undefined : nearestName(name, roots),
      );
      return undefined;
    }
    let isSound = true;
    for (const { root, path, start } of compiled.expression.reading.references) {
      if (!HTTP_ROOTS.has(root)) continue;
      readings.push({ root, field: path[0], pointer });
      if (!roots.some((name) => name === root)) {
        tell(`\`${root}\` cannot be read here, only ${roots.join(', ')}.`, start);
        isSound = false;
        continue;
      }
      const missing = missingField(schemas[root as HttpRoot] ?? {}, path);
      if (missing === undefined) continue;
      const { field, names } = missing;
      tell(
        `\`${[root, ...missing.walked].join('.')}\` has no field \`${field}\`.`,
        Math.max(start, source.indexOf(field, start)),
        nearestName(field, names),
      );
      isSound = false;
    }
    if (!isSound) return undefined;
    types ??= createTypeChecker(schemas, fields, HTTP_ROOTS);
    const typed = types.typeOf(source);
    if ('type' in typed) return typed.type;
    tell(typed.fault.message, typed.fault.start);
    return undefined;
  }

  function text(pointer: string, whole: string, roots: readonly HttpRoot[]): string | undefined {
    if (!whole.includes('${{')) return 'string';
    const { parts, fault } = splitTemplate(whole);
    if (fault !== undefined) {
      report(pointer, `${fault.message} (character ${fault.start + 1})`);
      return undefined;
    }
    const found = parts.flatMap((part) => ('expression' in part ? [bare(pointer, part.expression, roots)] : []));
    return parts.length === 1 && found.length === 1 ? found[0] : found.includes(undefined) ? undefined : 'string';
  }

  function value(pointer: string, whole: Json | undefined, roots: readonly HttpRoot[]): void {
    if (typeof whole === 'string') text(pointer, whole, roots);
    else if (typeof whole === 'object' && whole !== null)
      for (const [name, member] of Object.entries(whole)) value(`${pointer}${toPointer(name)}`, member, roots);
  }

  const typedBare =
    (isFitting: (type: string) => boolean, rule: string) =>
    (pointer: string, source: string | undefined, roots: readonly HttpRoot[]): void => {
      const type = source === undefined ? undefined : bare(pointer, source, roots);
      if (type !== undefined && type !== 'dyn' && !isFitting(type)) report(pointer, `has to give ${rule}; this gives ${typeInWords(type)}`);
    };

  return {
    readings,
    bare,
    text,
    value,
    condition: typedBare((type) => type === 'bool', '`true` or `false`'),
    list: typedBare((type) => type.startsWith('list'), 'a list'),
  };
}

/** Field names that the texts in a value read, in `${{ }}` and, as far as they are expressions by themselves, without. */
export function fieldsReadIn(value: unknown, fields: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') {
    const sources = value.includes('${{')
      ? splitTemplate(value).parts.flatMap((part) => ('expression' in part ? [part.expression] : []))
      : [value];
    for (const source of sources) {
      const compiled = compileExpression(source, HTTP_ROOTS);
      if ('expression' in compiled) for (const field of compiled.expression.reading.fields) fields.add(field);
    }
  } else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) fieldsReadIn(member, fields);
  return fields;
}

interface MissingField {
  readonly field: string;
  readonly walked: readonly string[];
  readonly names: readonly string[];
}

/** Follows a path through closed objects. What an open object or a choice of schemas may hold is not judged. */
function missingField(schema: JsonObject, path: readonly string[]): MissingField | undefined {
  let current = schema;
  for (const [index, field] of path.entries()) {
    const properties = current['properties'];
    const isClosed =
      current['type'] === 'object' && current['additionalProperties'] === false && !OPENING.some((keyword) => keyword in current);
    if (typeof properties !== 'object' || properties === null)
      return isClosed ? { field, walked: path.slice(0, index), names: [] } : undefined;
    const next = Object.hasOwn(properties, field) ? (properties as JsonObject)[field] : undefined;
    if (next === undefined) return isClosed ? { field, walked: path.slice(0, index), names: Object.keys(properties) } : undefined;
    if (typeof next !== 'object' || next === null) return undefined;
    current = next as JsonObject;
  }
  return undefined;
}

const OPENING = ['patternProperties', 'allOf', 'anyOf', 'oneOf', '$ref'];

/** A CEL type as people say it. */
export function typeInWords(type: string): string {
  if (type.startsWith('list')) return 'a list';
  if (type.startsWith('map') || type.startsWith('object')) return 'an object';
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    bool: '`true` or `false`',
    int: 'a number',
    double: 'a number',
    null: 'nothing',
  };
  return words[type] ?? `a value of type ${type}`;
}

function shortened(source: string): string {
  return source.length > 80 ? `${source.slice(0, 80)}…` : source;
}
