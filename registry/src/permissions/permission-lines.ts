import { canonicalBytes } from '../signing/canonical-json.ts';

/** The permissions of a manifest as flat lines, such as `events.read:Order Completed`, so that they can be counted and compared. */
export function permissionLines(permissions: Readonly<Record<string, unknown>>): readonly string[] {
  return linesOf(permissions, '');
}

function linesOf(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => `${path}:${typeof item === 'string' ? item : canonicalBytes(item).toString()}`);
  if (typeof value !== 'object' || value === null) return [`${path}:${canonicalBytes(value).toString()}`];
  return Object.entries(value).flatMap(([name, inner]) => linesOf(inner, path === '' ? name : `${path}.${name}`));
}

/** Permissions of `after` that `before` does not cover; a pattern such as `*.acme.com` or `Order *` covers what matches it. */
export function addedPermissions(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly string[] {
  const known = permissionLines(before);
  return permissionLines(after).filter((line) => !known.some((other) => covers(other, line)));
}

function covers(known: string, asked: string): boolean {
  if (known === asked) return true;
  const [kind, pattern] = split(known);
  const [askedKind, name] = split(asked);
  if (kind !== askedKind) return false;
  if (kind === 'hosts' && pattern.startsWith('*.')) return name.endsWith(pattern.slice(1));
  return kind.startsWith('events.') && pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1));
}

function split(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1)];
}
