import assert from 'node:assert/strict';
import { JsonSyntaxFault, readPlacedJson } from '../../src/authoring/json-places.ts';

describe('readPlacedJson', () => {
  it('reads what JSON.parse reads', () => {
    for (const text of [
      '{}',
      '[]',
      ' [1, -2.5e3, true, false, null, "a\\n\\u00e9\\"/"] ',
      '{"a":{"b":[{"c":1}]},"":2}',
      '"text"',
      '0',
      '{"__proto__": {"a": 1}}',
    ]) {
      assert.deepEqual(readPlacedJson(text).value, JSON.parse(text), text);
    }
  });

  it('knows where members and elements begin, and the nearest place of what is not there', () => {
    const json = readPlacedJson('{\n  "a/b": {\n\t"list": [1,\n      {"x": 2}]\n  }\n}');
    assert.deepEqual(json.placeOf(''), { line: 1, column: 1 });
    assert.deepEqual(json.placeOf('/a~1b'), { line: 2, column: 3 });
    assert.deepEqual(json.placeOf('/a~1b/list'), { line: 3, column: 2 });
    assert.deepEqual(json.placeOf('/a~1b/list/1/x'), { line: 4, column: 8 });
    assert.deepEqual(json.placeOf('/a~1b/list/1/missing/deep'), { line: 4, column: 7 });
    assert.deepEqual(json.placeOf('/unknown'), { line: 1, column: 1 });
  });

  it('tells of names that stand twice', () => {
    const { repeated, value } = readPlacedJson('{"a": 1,\n "a": 2}');
    assert.deepEqual(repeated, [{ pointer: '/a', place: { line: 2, column: 2 } }]);
    assert.deepEqual(value, { a: 2 });
  });

  for (const [text, message, line, column] of [
    ['', /found the end of the file/, 1, 1],
    ['{"a": 1,}', /a comma stands before the closing `}`/, 1, 9],
    ['[1,\n]', /a comma stands before the closing `]`/, 2, 1],
    ['{"a": 1\n "b": 2}', /a comma is missing before this name/, 2, 2],
    ['{a: 1}', /expected a name in double quotes, found `a`/, 1, 2],
    ["{'a': 1}", /expected a name in double quotes/, 1, 2],
    ['{"a": \'b\'}', /texts stand in double quotes/, 1, 7],
    ['{"a": // why\n 1}', /JSON has no comments/, 1, 7],
    ['{"a" 1}', /expected `:` after the name `a`, found `1`/, 1, 6],
    ['{"a": "b\n"}', /does not end on its line/, 1, 7],
    ['{"a": "b', /does not end/, 1, 7],
    ['{"a": undefined}', /undefined is no JSON value/, 1, 7],
    ['{"a": 01}', /01 is no JSON value/, 1, 7],
    ['{"a": "\\x"}', /is no JSON value/, 1, 7],
    ['{} {}', /expected the end, found `{`/, 1, 4],
    ['{"a": 1', /expected `}` at the end of an object, found the end of the file/, 1, 8],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} at its place`, () => {
      assert.throws(
        () => readPlacedJson(text),
        (error: JsonSyntaxFault) => {
          assert.ok(error instanceof JsonSyntaxFault);
          assert.match(error.message, message);
          assert.deepEqual(error.place, { line, column });
          return true;
        },
      );
    });
  }

  it('refuses what is nested without end', () => {
    assert.throws(() => readPlacedJson('['.repeat(100_000)), /nested more than 500 deep/);
  });
});
