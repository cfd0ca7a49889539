import assert from 'node:assert/strict';
import { arrangePaths } from '../src/screens/explore/path-steps.ts';

describe('paths of people', () => {
  const paths = [
    { names: ['A', 'B'], occurrences: 5 },
    { names: ['A', 'C'], occurrences: 7 },
    { names: ['A'], occurrences: 2 },
    { names: [], occurrences: 1 },
    { names: ['B', 'A'], occurrences: 3 },
  ];
  const told = (direction: 'after' | 'before') =>
    arrangePaths({ paths }, direction, 2).map(({ name = '.', depth, occurrences }) => `${' '.repeat(depth)}${name} ${String(occurrences)}`);

  it('that begin alike are one, the most frequent first, with where sessions end', () => {
    assert.deepEqual(told('after'), ['A 14', ' C 7', ' B 5', ' . 2', 'B 3', ' A 3', '. 1']);
  });

  it('are read backwards from the event where one asks what was before', () => {
    assert.deepEqual(told('before'), ['C 7', ' A 7', 'B 5', ' A 5', 'A 5', ' B 3', ' . 2', '. 1']);
  });

  it('leave out what is rare beside others, and tell each step apart', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ names: [`E${String(index)}`, 'X'], occurrences: 20 - index }));
    const steps = arrangePaths({ paths: many }, 'after', 2);
    assert.equal(steps.length, 12);
    assert.equal(new Set(steps.map(({ key }) => key)).size, 12);
  });
});
