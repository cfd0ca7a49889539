import type { Json, JsonObject } from '@tendril/plugin-api';

const DEEPEST = 8;

/** Writes values as parameters: a list repeats its name, an object becomes `name[member]`, null is left out. */
export function writeParameters(target: URLSearchParams, values: JsonObject): void {
  for (const [name, value] of Object.entries(values)) write(target, name, value ?? null, 0);
}

function write(target: URLSearchParams, name: string, value: Json, depth: number): void {
  if (value === null) return;
  if (typeof value !== 'object') target.append(name, String(value));
  else if (depth >= DEEPEST) target.append(name, JSON.stringify(value));
  else if (Array.isArray(value)) for (const item of value as readonly Json[]) write(target, name, item, depth + 1);
  else for (const [member, item] of Object.entries(value)) write(target, `${name}[${member}]`, item ?? null, depth + 1);
}
