import assert from 'node:assert/strict';
import { countInterrupts } from '../src/interrupt.ts';

describe('being asked to end', () => {
  function count(...instants: readonly number[]): readonly string[] {
    const seen: string[] = [];
    let now = 0;
    const ask = countInterrupts({ first: () => seen.push('first'), second: () => seen.push('second'), now: () => now });
    for (const instant of instants) {
      now = instant;
      ask();
    }
    return seen;
  }

  it('once means in good order, twice at once', () => {
    assert.deepEqual(count(0), ['first']);
    assert.deepEqual(count(0, 2000), ['first', 'second']);
  });

  it('takes signals of one Ctrl-C that come by several ways as one', () => {
    assert.deepEqual(count(0, 1, 40), ['first']);
  });
});
