import type { Instant, Json, JsonObject } from '../../api/types.ts';
import { text } from '../../ui/person-name.ts';

/** One identity of a person. */
export interface Identity {
  readonly kind: string;
  readonly value: string;
}

/** A value that a trait had, since when, and what said so. */
export interface TraitValue {
  readonly value: Json;
  readonly at: Instant | undefined;
  readonly source: string;
}

/** Reads identities, given as a list of kind and value or as an object with a value or a list for each kind. */
export function readIdentities(identities: Json): readonly Identity[] {
  if (Array.isArray(identities)) {
    return identities
      .flatMap((each: Json) => (typeof each === 'string' ? [splitIdentity(each)] : isObject(each) ? [each] : []))
      .map((entry) => ({ kind: text(entry['kind']) || text(entry['type']), value: tell(entry['value'] ?? entry['id'] ?? '') }));
  }
  if (!isObject(identities)) return [];
  return Object.entries(identities).flatMap(([kind, value]) =>
    (isList(value) ? value : [value]).map((each) => ({ kind, value: tell(each) })),
  );
}

function splitIdentity(identity: string): JsonObject {
  const colon = identity.indexOf(':');
  return { kind: identity.slice(0, Math.max(0, colon)), value: identity.slice(colon + 1) };
}

/** Reads the history of traits into the values of each, newest first. */
export function readHistory(history: Json | undefined): ReadonlyMap<string, readonly TraitValue[]> {
  const byTrait = new Map<string, TraitValue[]>();
  const add = (trait: string, entry: Json): void => {
    if (!isObject(entry)) return;
    const values = byTrait.get(trait) ?? [];
    values.push({ value: entry['value'] ?? null, at: readInstant(entry), source: readSource(entry) });
    byTrait.set(trait, values);
  };
  if (isList(history)) {
    for (const entry of history) if (isObject(entry)) add(text(entry['trait']) || text(entry['name']) || text(entry['key']), entry);
  } else if (isObject(history)) {
    for (const [trait, entries] of Object.entries(history)) for (const entry of isList(entries) ? entries : [entries]) add(trait, entry);
  }
  for (const values of byTrait.values()) values.sort((left, right) => Number(new Date(right.at ?? 0)) - Number(new Date(left.at ?? 0)));
  return byTrait;
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

function readInstant(entry: JsonObject): Instant | undefined {
  const at = entry['at'] ?? entry['since'] ?? entry['setAt'] ?? entry['occurredAt'] ?? entry['changedAt'];
  return typeof at === 'number' || typeof at === 'string' ? at : undefined;
}

function readSource(entry: JsonObject): string {
  return text(entry['source']) || text(entry['eventName']) || text(entry['appId']) || text(entry['eventId']);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
