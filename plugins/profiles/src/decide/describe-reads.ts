const LONGEST_VALUE = 80;
const MOST_VALUES = 5;

/** What an expression read, in words: `: profile.traits.plan is "pro"`; empty when it read nothing that can be named. */
export function describeReads(reads: readonly (readonly string[])[], roots: Readonly<Record<string, unknown>>): string {
  const told = reads.slice(0, MOST_VALUES).map((path) => `${path.join('.')} is ${describeValue(valueAt(path, roots))}`);
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}

function valueAt(path: readonly string[], roots: unknown): unknown {
  return path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined),
    roots,
  );
}

function describeValue(value: unknown): string {
  const text = value === undefined ? undefined : JSON.stringify(value);
  if (text === undefined) return 'not known';
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
