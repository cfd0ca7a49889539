import assert from 'node:assert/strict';
import { compileExpression, EMPTY_SCOPE, EvaluationFault } from '../../src/expressions/expression.ts';
import { FUNCTIONS, MACROS } from '../../src/expressions/functions/index.ts';
import { createTypeChecker } from '../../src/expressions/types.ts';
import { toJson } from '../../src/expressions/values.ts';

function evaluate(source: string): unknown {
  const compiled = compileExpression(source);
  if ('fault' in compiled) throw new EvaluationFault(source, compiled.fault, false);
  return toJson(compiled.expression.evaluate(EMPTY_SCOPE));
}

const types = createTypeChecker({}, new Set());

describe('functions of expressions', () => {
  for (const { name, example, result } of [...FUNCTIONS, ...MACROS]) {
    it(`${name}: the example gives what is documented`, () => {
      assert.deepEqual(evaluate(example), result);
      assert.ok('type' in types.typeOf(example));
    });
  }

  it('have one sentence each, and names and signatures of their own', () => {
    for (const { summary } of [...FUNCTIONS, ...MACROS]) assert.match(summary, /^[^\n]+\.$/);
    const signatures = FUNCTIONS.flatMap(({ forms }) => forms.map(({ signature }) => signature));
    assert.equal(new Set(signatures).size, signatures.length);
  });
});
