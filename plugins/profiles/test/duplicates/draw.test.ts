import assert from 'node:assert/strict';
import { Draw } from '../../src/duplicates/draw.ts';

function drawOf(most: number, names: readonly number[]): readonly number[] {
  const draw = new Draw<number>(most);
  for (const name of names) draw.add(`p${String(name).padStart(9, '0')}`, name);
  return draw.items();
}

describe('a draw', () => {
  const everybody = Array.from({ length: 10_000 }, (_, place) => place);

  it('takes as many from the end as from the beginning, however names follow each other', () => {
    const drawn = drawOf(1_000, everybody);
    assert.equal(drawn.length, 1_000);
    const early = drawn.filter((place) => place < 5_000).length;
    assert.ok(early > 400 && early < 600, String(early));
  });

  it('gives the same ones again, in whatever order they come', () => {
    const drawn = drawOf(1_000, everybody);
    assert.deepEqual(
      drawOf(1_000, everybody.toReversed()).toSorted((left, right) => left - right),
      drawn,
    );
  });

  it('takes all where there are no more', () => {
    assert.deepEqual(drawOf(1_000, [3, 1, 2]), [3, 1, 2]);
  });
});
