/** Objects and arrays inside each other, at most. */
export const MAX_DEPTH = 32;

/** One character takes at most six bytes of JSON, as an escape. */
const BYTES_PER_CHARACTER = 6;
const BYTES_PER_SCALAR = 26;

/** What a walk through a call found. */
export interface CallShape {
  /** Why it is refused, naming the place. */
  readonly fault?: string;
  /** No fewer bytes than its JSON takes. */
  readonly boundBytes: number;
}

/**
 * Walks once through a call as JSON brought it: refuses nesting that later code might not survive, numbers that JSON
 * reads as infinite (`1e999`), and keys that would reach an object's prototype when somebody merges them carelessly.
 */
export function checkShape(call: object): CallShape {
  const walk: Walk = { boundBytes: 0, fault: undefined };
  visit(call, 1, walk);
  return walk.fault === undefined ? { boundBytes: walk.boundBytes } : { fault: walk.fault, boundBytes: walk.boundBytes };
}

interface Walk {
  boundBytes: number;
  fault: string | undefined;
}

function visit(value: unknown, depth: number, walk: Walk): void {
  switch (typeof value) {
    case 'string':
      walk.boundBytes += value.length * BYTES_PER_CHARACTER + 3;
      return;
    case 'number':
      walk.boundBytes += BYTES_PER_SCALAR;
      if (!Number.isFinite(value)) walk.fault ??= 'a number is too large to be kept';
      return;
    case 'object':
      walk.boundBytes += 5;
      if (value !== null) visitMembers(value, depth, walk);
      return;
    default:
      walk.boundBytes += 6;
  }
}

function visitMembers(value: object, depth: number, walk: Walk): void {
  if (depth > MAX_DEPTH) {
    walk.fault ??= `nested more than ${MAX_DEPTH} deep`;
    return;
  }
  if (Array.isArray(value)) {
    for (const element of value) visit(element, depth + 1, walk);
    return;
  }
  for (const key in value) {
    walk.boundBytes += key.length * BYTES_PER_CHARACTER + 4;
    const member: unknown = value[key as keyof typeof value];
    if (isPrototypeKey(key, member)) walk.fault ??= `the key ${key} is not allowed`;
    else visit(member, depth + 1, walk);
  }
}

// A member named `constructor` is somebody's data (a racing team's, for one); with a `prototype` inside it is an attack.
function isPrototypeKey(key: string, member: unknown): boolean {
  if (key === '__proto__') return true;
  return key === 'constructor' && typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype');
}
