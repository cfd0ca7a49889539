/** Puts things behind those that they need; of what goes round in circles the order is as given. */
export function byDependency<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  needsOf: (item: Item) => readonly string[],
): readonly Item[] {
  const byName = new Map(items.map((item) => [nameOf(item), item]));
  const ordered = new Set<Item>();
  const begun = new Set<Item>();
  const visit = (item: Item): void => {
    if (begun.has(item)) return;
    begun.add(item);
    for (const name of needsOf(item)) {
      const needed = byName.get(name);
      if (needed !== undefined) visit(needed);
    }
    ordered.add(item);
  };
  for (const item of items) visit(item);
  return [...ordered];
}

/** The way from a name back to itself, both ends included; `undefined` when there is none. */
export function cycleFrom(name: string, needsOf: (name: string) => readonly string[]): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (path: readonly string[]): readonly string[] | undefined => {
    for (const needed of needsOf(path.at(-1) ?? name)) {
      if (needed === name) return [...path, name];
      if (seen.has(needed)) continue;
      seen.add(needed);
      const found = search([...path, needed]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search([name]);
}
