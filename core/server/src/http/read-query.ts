import type { Json, JsonObject } from '@tendril/plugin-api';

/** Names and values of a query; a name that comes twice gives a list. */
export function readQuery(search: string): JsonObject {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(search)) {
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  // As own members, whatever the name.
  return Object.fromEntries([...values].map(([name, all]): [string, Json] => [name, all.length === 1 ? (all[0] ?? '') : all]));
}

/** Header names with their texts. Node has joined what came several times, but for cookies. */
export function textHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}
