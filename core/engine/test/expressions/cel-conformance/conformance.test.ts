import assert from 'node:assert/strict';
import { casesOf, FILES } from './cases.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { problemOf } from './run-case.ts';

/** Cases in each file: a reader that loses some must not go unnoticed. */
const COUNTS: Readonly<Record<string, number>> = {
  basic: 43,
  logic: 30,
  macros: 44,
  macros2: 46,
  lists: 39,
  string: 51,
  integer_math: 64,
  comparisons: 406,
  fields: 60,
  timestamps: 78,
  conversions: 109,
  fp_math: 30,
  bindings_ext: 8,
  encoders_ext: 4,
};

describe('conformance with the Common Expression Language', () => {
  for (const file of FILES) {
    const cases = casesOf(file);
    const exceptions = EXCEPTIONS[file] ?? {};

    it(`${file}: all cases are read, and those that are left out are among them`, () => {
      assert.equal(cases.length, COUNTS[file]);
      const names = new Set(cases.map(({ name }) => name));
      assert.deepEqual(
        Object.keys(exceptions).filter((name) => !names.has(name)),
        [],
      );
    });

    for (const conformanceCase of cases) {
      const { name, expression } = conformanceCase;
      const reason = exceptions[name];
      it(`${file}: ${name} ${reason === undefined ? 'passes' : 'is left out'}`, () => {
        const problem = problemOf(conformanceCase);
        if (reason === undefined) assert.equal(problem, undefined, expression);
        else assert.notEqual(problem, undefined, `passes now: it is no exception any more (${expression})`);
      });
    }
  }
});
