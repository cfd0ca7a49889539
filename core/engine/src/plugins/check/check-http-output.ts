import type { Json, JsonObject } from '@tendril/plugin-api';
import { nearestName } from '../../nearest-name.ts';
import { toPointer } from '../pointer.ts';
import type { HttpRoot } from '../declarative/http-roots.ts';
import { typeInWords } from './http-expressions.ts';
import type { HttpExpressions, Report } from './http-expressions.ts';

/** With what a template is held against a schema. */
export interface ShapeCheck {
  readonly expressions: HttpExpressions;
  readonly roots: readonly HttpRoot[];
  readonly report: Report;
}

/** Checks a template and whether what it gives can match the schema: names, members that are missing, types of expressions. */
export function checkShape(pointer: string, template: Json | undefined, schema: unknown, check: ShapeCheck): void {
  const { expressions, roots, report } = check;
  const known = asPlainSchema(schema);
  if (typeof template === 'string') {
    const type = expressions.text(pointer, template, roots);
    const wanted = typesOf(known);
    if (type !== undefined && type !== 'dyn' && wanted.length > 0 && !fits(type, wanted))
      report(pointer, `gives ${typeInWords(type)}, where the schema wants ${wanted.join(' or ')}`);
    return;
  }
  if (Array.isArray(template)) {
    for (const [index, item] of (template as readonly Json[]).entries()) checkShape(`${pointer}/${index}`, item, known?.['items'], check);
    return;
  }
  if (typeof template !== 'object' || template === null) return;
  const members = template as JsonObject;
  const properties = asObject(known?.['properties']);
  for (const [name, member] of Object.entries(members)) {
    if (known?.['additionalProperties'] === false && !Object.hasOwn(properties, name) && !('patternProperties' in known))
      report(
        `${pointer}${toPointer(name)}`,
        'is not in the schema, which allows no other members',
        nearestName(name, Object.keys(properties)),
      );
    checkShape(`${pointer}${toPointer(name)}`, member, Object.hasOwn(properties, name) ? properties[name] : undefined, check);
  }
  const required = known?.['required'];
  if (!Array.isArray(required)) return;
  for (const name of required as readonly string[])
    if (!Object.hasOwn(members, name)) report(pointer, `lacks ${name}, which the schema requires`, nearestName(name, Object.keys(members)));
}

function typesOf(schema: JsonObject | undefined): readonly string[] {
  return [schema?.['type'] ?? []].flat().filter((type) => typeof type === 'string');
}

function fits(type: string, wanted: readonly string[]): boolean {
  const allowed = (...names: readonly string[]): boolean => wanted.some((name) => names.includes(name));
  if (type.startsWith('list')) return allowed('array');
  if (type.startsWith('map') || type.startsWith('object')) return allowed('object');
  if (type === 'bool') return allowed('boolean');
  if (type === 'null') return true;
  return type === 'int' || type === 'uint' || type === 'double' ? allowed('number', 'integer') : allowed('string');
}

/** A choice of schemas is not judged. */
function asPlainSchema(schema: unknown): JsonObject | undefined {
  const plain = asObject(schema);
  return ['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if'].some((keyword) => keyword in plain) ? undefined : plain;
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
