import type { FieldEvidence } from '../../api/customers/duplicates.ts';
import type { Json, JsonObject } from '../../api/types.ts';
import { tell } from '../people/person-facts.ts';

const LEVELS: Readonly<Record<FieldEvidence['level'], string>> = {
  exact: 'the same',
  near: 'almost the same',
  similar: 'alike',
  partial: 'partly the same',
  swapped: 'swapped',
  different: 'different',
  household: 'one household',
};

/** How far a field agrees, in words. */
export function tellLevel(level: FieldEvidence['level']): string {
  return LEVELS[level];
}

/** What a person's traits say in a field, which may lie inside of one: `address.city`. */
export function valueOf(traits: JsonObject, field: string): string {
  let value: Json | undefined = traits[field];
  if (value === undefined) {
    value = traits;
    for (const part of field.split('.')) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
      value = (value as JsonObject)[part];
    }
  }
  return value === undefined || value === null ? '' : tell(value);
}

/** A weight in words: every three bits are eight times as likely. */
export function tellWeight(bits: number): string {
  const times = 2 ** Math.min(30, Math.abs(bits));
  const rounded = times >= 1_000_000 ? 'over a million' : times >= 10 ? Math.round(times).toLocaleString('en') : times.toFixed(1);
  return `${rounded} times ${bits >= 0 ? 'more' : 'less'} likely`;
}
