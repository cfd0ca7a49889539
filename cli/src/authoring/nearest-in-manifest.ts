import { nearestName } from '@tendril/engine';
import { pluginSchema } from '@tendril/schemas';
import { asObject } from './author-folder.ts';

/**
 * What was probably meant where the manifest's schema refused something: the nearest name among those that may stand there, or
 * the nearest of the values that may be chosen.
 *
 * @param pointer at what was refused
 * @param value what stands there
 */
export function nearestInManifest(pointer: string, value: unknown): string | undefined {
  const parts = pointer.split('/').slice(1);
  const name = parts.at(-1);
  if (name === undefined) return undefined;
  const around = schemaAt(parts.slice(0, -1));
  const names = Object.keys(asObject(around['properties']));
  if (!names.includes(name) && around['additionalProperties'] === false) return nearestName(name, names);
  const choices = schemaAt(parts)['enum'];
  return typeof value === 'string' && Array.isArray(choices) ? nearestName(value, choices.map(String)) : undefined;
}

function schemaAt(parts: readonly string[]): Readonly<Record<string, unknown>> {
  let schema = resolved(pluginSchema);
  for (const part of parts) {
    const member = asObject(schema['properties'])[part] ?? schema['additionalProperties'];
    schema = resolved(/^\d+$/.test(part) && schema['items'] !== undefined ? schema['items'] : member);
  }
  return schema;
}

function resolved(schema: unknown): Readonly<Record<string, unknown>> {
  const { $ref: reference, ...rest } = asObject(schema);
  if (typeof reference !== 'string') return rest;
  return resolved(asObject(pluginSchema['$defs'])[reference.replace('#/$defs/', '')]);
}
