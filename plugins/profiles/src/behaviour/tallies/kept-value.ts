import { hash } from 'node:crypto';
import type { Json } from '@tendril/plugin-api';

const LONGEST_TEXT = 200;

/** Whether a value is kept as it is: a number, true or false, or a text of at most 200 characters. */
export function isKept(value: Json): boolean {
  return isScalar(value) && (typeof value !== 'string' || value.length <= LONGEST_TEXT);
}

/** A number, true or false, or a text. */
export function isScalar(value: Json): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Stands for a value: 48 bits, the same for the same value only, as good as. */
export function digestOf(value: Json): string {
  return hash('sha256', JSON.stringify(value), 'base64url').slice(0, 8);
}
