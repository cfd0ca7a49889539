/** Compiles names, `*` for all and a trailing `*` for a prefix, into a test. */
export function compileNamePatterns(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.includes('*')) return () => true;
  const names = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  if (prefixes.length === 0) return (name) => names.has(name);
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
