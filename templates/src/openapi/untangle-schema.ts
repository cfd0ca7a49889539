import type { Json, JsonObject } from '@tendril/plugin-api';
import { isObject, objectOf } from './json-values.ts';

const SAME_VALUE: ReadonlySet<string> = new Set(['allOf', 'anyOf']);
const PARTS: ReadonlySet<string> = new Set(['properties', 'additionalProperties', 'items']);
/** A quarter of what the hub looks at. */
const MOST_STEPS = 5_000;

/**
 * Opens references whose check might never end, as the hub would refuse them: one that leads back to its own value, two that lead
 * back from the same part, and what fans out. What is opened takes anything.
 *
 * @returns whether something was opened
 */
export function untangleSchema(schema: JsonObject): boolean {
  const definitions = objectOf(schema['$defs']);
  const around = new Map<JsonObject, string>();
  const back = new Set<string>();
  let steps = 0;
  let isOpened = false;

  function visit(value: Json | undefined, part: string): void {
    if (!isObject(value)) return;
    steps += 1;
    around.set(value, part);
    follow(value, part);
    for (const [keyword, member] of Object.entries(value)) {
      if (!SAME_VALUE.has(keyword) && !PARTS.has(keyword)) continue;
      const below = (name: string): string => (PARTS.has(keyword) ? `${part}/${keyword === 'properties' ? name : keyword}` : part);
      const isNamed = keyword === 'properties' || Array.isArray(member);
      for (const [name, each] of isNamed ? Object.entries(member as object) : [['', member] as const]) visit(each as Json, below(name));
    }
    around.delete(value);
  }

  function follow(holder: JsonObject, part: string): void {
    const reference = holder['$ref'];
    if (typeof reference !== 'string') return;
    const target = definitions[reference.slice('#/$defs/'.length)];
    const metAt = isObject(target) ? around.get(target) : undefined;
    const mark = `${part} ${reference}`;
    if (!isObject(target) || steps > MOST_STEPS || metAt === part || (metAt !== undefined && back.has(mark))) {
      delete (holder as Record<string, Json>)['$ref'];
      isOpened = true;
    } else if (metAt === undefined) visit(target, part);
    else back.add(mark);
  }

  visit(schema, '');
  return isOpened;
}
