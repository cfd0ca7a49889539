import type { Json } from '../../api/types.ts';

const KINDS: Readonly<Record<string, string>> = {
  userId: 'User id',
  anonymousId: 'Anonymous id',
  email: 'E-mail',
  phone: 'Phone',
  device: 'Device',
};

/** Identities by kind, named for people: `userId:u1` is a `User id`. */
export function groupIdentities(identities: readonly string[]): readonly (readonly [kind: string, values: readonly string[]])[] {
  const byKind = new Map<string, string[]>();
  for (const identity of identities) {
    const colon = identity.indexOf(':');
    const kind = identity.slice(0, Math.max(0, colon));
    const name = KINDS[kind] ?? (kind.startsWith('external.') ? kind.slice('external.'.length) : kind);
    byKind.set(name, [...(byKind.get(name) ?? []), identity.slice(colon + 1)]);
  }
  return [...byKind];
}

/** A JSON value in one line. */
export function tell(value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') {
    const parts: readonly Json[] = isList(value) ? value : Object.values(value);
    return parts.map(tell).join(', ');
  }
  return String(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
