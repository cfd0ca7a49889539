const SUSPECT = /__proto__|constructor|\\u/;

/**
 * `JSON.parse` for text that somebody else wrote: members that would change a prototype when they are copied (`__proto__`, and
 * a `constructor` that brings a `prototype`) are left out.
 *
 * @throws SyntaxError
 */
export function parseSafely(text: string): unknown {
  return SUSPECT.test(text) ? (JSON.parse(text, withoutPrototypes) as unknown) : (JSON.parse(text) as unknown);
}

function withoutPrototypes(this: unknown, name: string, value: unknown): unknown {
  if (name === '__proto__') return undefined;
  const isPoisoned = name === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
  return isPoisoned ? undefined : value;
}
