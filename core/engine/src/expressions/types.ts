import type { Environment } from '@marcbachmann/cel-js';
import type { JsonObject } from '@tendril/plugin-api';
import { createEnvironment, notEvaluated } from './environment.ts';
import type { ROOTS } from './environment.ts';
import { toFault } from './expression.ts';
import type { ExpressionFault } from './expression.ts';
import { parseExpression } from './parse.ts';
import { PIPELINE_ROOTS } from './root-set.ts';
import type { RootSet } from './root-set.ts';

/** JSON Schemas of what the roots hold; a root without one is of any shape. `x-moment` marks what is a Date at run time. */
export type RootSchemas = Partial<Record<(typeof ROOTS)[number], JsonObject>>;

/** Checks types of expressions against schemas. */
export interface TypeChecker {
  /** The CEL type that the expression gives: `bool`, `string`, `double`, `int`, `list<…>`, an object's name, `dyn` for any. */
  typeOf(source: string): { readonly type: string } | { readonly fault: ExpressionFault };
}

const MAX_SCHEMA_DEPTH = 8;

/**
 * Makes a checker. Integers and numbers of JSON are both doubles: division and comparison then do what people expect.
 *
 * @param fieldsRead field names that any of the expressions reads: an object that may have more fields than its schema
 * names has these, of any type
 * @param roots those of pipelines unless told
 */
export function createTypeChecker(schemas: RootSchemas, fieldsRead: ReadonlySet<string>): TypeChecker;
export function createTypeChecker<Name extends string>(
  schemas: Partial<Record<Name, JsonObject>>,
  fieldsRead: ReadonlySet<string>,
  roots: RootSet<Name>,
): TypeChecker;
export function createTypeChecker(
  schemas: Readonly<Partial<Record<string, JsonObject>>>,
  fieldsRead: ReadonlySet<string>,
  roots: RootSet = PIPELINE_ROOTS,
): TypeChecker {
  const environment = createEnvironment();
  let named = 0;

  const toType = (schema: JsonObject, depth: number): string => {
    if (schema['x-moment'] === true) return 'google.protobuf.Timestamp';
    const type = schema['type'];
    if (depth > MAX_SCHEMA_DEPTH || typeof type !== 'string' || '$ref' in schema) return 'dyn';
    if (type === 'string') return 'string';
    if (type === 'boolean') return 'bool';
    if (type === 'number' || type === 'integer') return 'double';
    if (type === 'array') return `list<${toType(asSchema(schema['items']), depth + 1)}>`;
    return type === 'object' ? objectType(schema, depth) : 'dyn';
  };

  const objectType = (schema: JsonObject, depth: number): string => {
    const properties = asSchema(schema['properties']);
    const isClosed =
      schema['additionalProperties'] === false &&
      !('patternProperties' in schema) &&
      !('allOf' in schema) &&
      !('anyOf' in schema) &&
      !('oneOf' in schema);
    if (!isClosed && Object.keys(properties).length === 0) return 'dyn';
    const open = isClosed ? [] : [...fieldsRead].map((field) => [field, 'dyn'] as const);
    const known = Object.entries(properties).map(([field, member]) => [field, toType(asSchema(member), depth + 1)] as const);
    named += 1;
    const typeName = `object${String(named)}`;
    environment.registerType(typeName, { fields: Object.fromEntries([...open, ...known]) });
    // To be asked as maps are.
    environment.registerOperator(`string in ${typeName}`, notEvaluated);
    environment.registerFunction(`size(${typeName}): int`, notEvaluated);
    return typeName;
  };

  for (const root of roots.names) environment.registerVariable(root, toType(schemas[root] ?? {}, 0));
  return { typeOf: (source) => check(environment, source, roots) };
}

function check(environment: Environment, source: string, roots: RootSet): { readonly type: string } | { readonly fault: ExpressionFault } {
  try {
    const { valid, type, error } = parseExpression(environment, source).check();
    return valid ? { type: type ?? 'dyn' } : { fault: toFault(source, error, roots) };
  } catch (error) {
    return { fault: toFault(source, error, roots) };
  }
}

function asSchema(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
