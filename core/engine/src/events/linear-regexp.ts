import { RE2JS } from 're2js';

/** What ajv needs of a regular expression. */
export interface LinearRegExp {
  (pattern: string, flags: string): { test(text: string): boolean; toString(): string };
  /** Only for code that ajv writes to a file, which is not done with these. */
  code: string;
}

/** Parts of a compiled pattern; counted repetitions are that many parts. */
const MOST_PARTS = 5_000;
/** Parts times characters: about a tenth of a second. A longer text does not match. */
const MOST_WORK = 5_000_000;

/**
 * Regular expressions that take time in proportion to the text: patterns come from tenants, and one that backtracks
 * would stop ingest for everybody. Throws on what RE2 does not know (look-around, back references) and on what is too large:
 * each character costs as much as the pattern has parts.
 */
export const linearRegExp: LinearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    const parts = compiled.programSize();
    if (parts > MOST_PARTS) throw new Error(`a pattern has too many parts: ${String(parts)} of ${String(MOST_PARTS)}`);
    return {
      test: (text: string) => parts * text.length <= MOST_WORK && compiled.matcher(text).find(),
      // ajv takes two patterns of one name for the same, those of its own meta-schemas among them.
      toString: () => pattern,
    };
  },
  { code: 'undefined' },
);
