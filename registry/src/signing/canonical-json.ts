const DEEPEST = 100;

/**
 * The one text that equal values of JSON have, in UTF-8: what is signed and hashed. The rule, of RFC 8785 (JSON Canonicalization
 * Scheme) sections 3.2.1 to 3.2.4, read 2026-11-22:
 *
 * - no white space;
 * - members of an object in the order of their names by UTF-16 code units;
 * - texts as `JSON.stringify` of ECMAScript writes them: only `"`, `\` and control characters are escaped;
 * - numbers as ECMAScript writes them; 1.0 is `1`, and -0 is `0`.
 *
 * Narrower than the RFC, so that other languages cannot differ: whole numbers have to be exact (at most 2^53 - 1), texts hold no lone
 * surrogates, nothing is nested more than 100 deep. What is not JSON (`undefined`, functions, dates) is refused, not left out.
 *
 * @throws TypeError that says where the value is none of this
 */
export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(write(value, []), 'utf8');
}

/** @param at names on the way to the value, for errors; changed while its members are written */
function write(value: unknown, at: (string | number)[]): string {
  if (at.length > DEEPEST) throw fault(`nested more than ${DEEPEST} deep`, at);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeText(value, at);
  if (typeof value === 'number') return writeNumber(value, at);
  if (Array.isArray(value)) return `[${Array.from(value, (item, index) => writeInside(item, index, at)).join(',')}]`;
  if (!isPlainObject(value)) throw fault('no JSON', at);
  // The order of `sort` without a function is that of UTF-16 code units.
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${writeText(name, at)}:${writeInside(value[name], name, at)}`).join(',')}}`;
}

function writeInside(value: unknown, name: string | number, at: (string | number)[]): string {
  at.push(name);
  const text = write(value, at);
  at.pop();
  return text;
}

function writeText(text: string, at: readonly (string | number)[]): string {
  if (!text.isWellFormed()) throw fault('a text with half a character', at);
  return JSON.stringify(text);
}

function writeNumber(value: number, at: readonly (string | number)[]): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw fault('a number that is not exact', at);
  return JSON.stringify(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function fault(what: string, at: readonly (string | number)[]): TypeError {
  return new TypeError(`${what} at ${at.length === 0 ? '(the whole)' : `/${at.join('/')}`}`);
}
