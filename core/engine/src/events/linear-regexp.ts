import { RE2JS } from 're2js';

/** What ajv needs of a regular expression. */
export interface LinearRegExp {
  (pattern: string, flags: string): { test(text: string): boolean };
  /** Only for code that ajv writes to a file, which is not done with these. */
  code: string;
}

/**
 * Regular expressions that take time in proportion to the text: patterns come from tenants, and one that backtracks
 * would stop ingest for everybody. Throws on what RE2 does not know (look-around, back references).
 */
export const linearRegExp: LinearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text: string) => compiled.matcher(text).find() };
  },
  { code: 'undefined' },
);
