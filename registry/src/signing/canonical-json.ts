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
  return Buffer.from(write(value, '', 0), 'utf8');
}

function write(value: unknown, at: string, depth: number): string {
  if (depth > DEEPEST) throw new TypeError(`nested more than ${DEEPEST} deep at ${shown(at)}`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeText(value, at);
  if (typeof value === 'number') return writeNumber(value, at);
  if (Array.isArray(value)) return `[${Array.from(value, (item, index) => write(item, `${at}/${index}`, depth + 1)).join(',')}]`;
  if (isPlainObject(value)) {
    const names = Object.keys(value).toSorted(byCodeUnits);
    return `{${names.map((name) => `${writeText(name, at)}:${write(value[name], `${at}/${name}`, depth + 1)}`).join(',')}}`;
  }
  throw new TypeError(`no JSON at ${shown(at)}`);
}

function writeText(text: string, at: string): string {
  if (!text.isWellFormed()) throw new TypeError(`a text with half a character at ${shown(at)}`);
  return JSON.stringify(text);
}

function writeNumber(value: number, at: string): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    throw new TypeError(`a number that is not exact at ${shown(at)}`);
  return JSON.stringify(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

// `toSorted()` without a function does the same; with it nobody has to know.
function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function shown(at: string): string {
  return at === '' ? '(the whole)' : at;
}
