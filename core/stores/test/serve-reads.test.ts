import assert from 'node:assert/strict';
import { readTogether } from '../src/sqlite/serve-reads.ts';

const METHODS = {
  double: (value: number) => 2 * value,
  fail: () => {
    throw new TypeError('no such thing');
  },
};

describe('reads that come together', () => {
  it('are answered one by one: what fails is the answer to its own question', () => {
    const replies = readTogether({ inSnapshot: (read) => read() }, METHODS, [
      [1, 'double', [4]],
      [2, 'fail', []],
      [3, 'double', [5]],
    ]);
    assert.deepEqual(
      replies.map(([id, result, error]) => [id, result, error !== undefined]),
      [
        [1, 8, false],
        [2, undefined, true],
        [3, 10, false],
      ],
    );
  });

  it('are all answered where the file cannot be read, and the thread goes on', () => {
    const broken = {
      inSnapshot: () => {
        throw new Error('disk I/O error');
      },
    };
    const replies = readTogether(broken, METHODS, [
      [1, 'double', [4]],
      [2, 'double', [5]],
    ]);
    assert.deepEqual(
      replies.map(([id, result, error]) => [id, result, error !== undefined]),
      [
        [1, undefined, true],
        [2, undefined, true],
      ],
    );
  });
});
