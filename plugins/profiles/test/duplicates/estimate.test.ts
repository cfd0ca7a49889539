import assert from 'node:assert/strict';
import { estimateModel } from '../../src/duplicates/estimate.ts';
import type { Field } from '../../src/duplicates/fields.ts';
import { finish } from '../../src/duplicates/in-pieces.ts';
import { LEVELS } from '../../src/duplicates/kinds.ts';
import type { Level } from '../../src/duplicates/kinds.ts';
import { initialModel } from '../../src/duplicates/model.ts';

const fields: readonly Field[] = [
  { name: 'given', kind: 'givenName' },
  { name: 'email', kind: 'email' },
  { name: 'birthday', kind: 'birthDate' },
  { name: 'company', kind: 'company' },
];
/** Levels with the probabilities from which the patterns are made: `[m, u]`. Far from what the model begins with. */
const truth: readonly Readonly<Partial<Record<Level, readonly [number, number]>>>[] = [
  { exact: [0.6, 0.02], near: [0.3, 0.03], different: [0.1, 0.95] },
  { exact: [0.4, 0.0005], partial: [0.3, 0.002], different: [0.3, 0.9975] },
  { exact: [0.7, 0.001], near: [0.2, 0.004], different: [0.1, 0.995] },
  { exact: [0.5, 0.05], similar: [0.25, 0.05], different: [0.25, 0.9] },
];
const PEOPLE = 4_000;
const MATCHES = 1_200;

/** Every pattern with the number of pairs that are expected of it, for one person and for two. */
function expectedPatterns(): readonly {
  readonly pattern: number;
  readonly one: number;
  readonly two: number;
}[] {
  const pairs = (PEOPLE * (PEOPLE - 1)) / 2;
  let patterns = [{ pattern: 0, one: MATCHES, two: pairs - MATCHES }];
  for (const [place, levels] of truth.entries()) {
    patterns = patterns.flatMap(({ pattern, one, two }) =>
      Object.entries(levels).map(([level, [m, u]]) => ({
        pattern: pattern + LEVELS.indexOf(level as Level) * 8 ** place,
        one: one * m,
        two: two * u,
      })),
    );
  }
  return patterns;
}

describe('estimateModel', () => {
  it('finds the probabilities from which the pairs were made, without knowing which pair is what', () => {
    const patterns = expectedPatterns();
    const model = finish(
      estimateModel(initialModel(fields), {
        people: PEOPLE,
        candidates: new Map(patterns.map(({ pattern, one, two }) => [pattern, one + two])),
        random: new Map(patterns.map(({ pattern, one, two }) => [pattern, (one + two) / 20])),
        besides: new Map(),
      }),
    );
    for (const [place, levels] of truth.entries()) {
      for (const [level, [m, u]] of Object.entries(levels)) {
        const odds = model.fields[place]?.apart;
        const found = { m: odds?.m[LEVELS.indexOf(level as Level)] ?? 0, u: odds?.u[LEVELS.indexOf(level as Level)] ?? 0 };
        assert.ok(Math.abs(found.m - m) < 0.03, `${fields[place]?.name} ${level}: m ${found.m} for ${m}`);
        assert.ok(Math.abs(found.u - u) < 0.0005 + u * 0.03, `${fields[place]?.name} ${level}: u ${found.u} for ${u}`);
      }
    }
    assert.ok(Math.abs(model.duplicatesPerPerson - MATCHES / PEOPLE) < 0.02, String(model.duplicatesPerPerson));
  });

  it('keeps to what is usual when there is next to nothing to learn from', () => {
    const initial = initialModel(fields);
    assert.equal(finish(estimateModel(initial, { people: 1, candidates: new Map(), random: new Map(), besides: new Map() })), initial);
    const few = finish(estimateModel(initial, { people: 3, candidates: new Map([[1, 1]]), random: new Map([[1, 3]]), besides: new Map() }));
    for (const [place, { apart }] of few.fields.entries()) {
      const before = initial.fields[place]?.apart;
      for (const [level, m] of apart.m.entries()) assert.ok(Math.abs(m - (before?.m[level] ?? 0)) < 0.05);
      assert.ok(Math.abs(apart.m.reduce((sum, m) => sum + m, 0) - 1) < 1e-9);
      assert.ok(Math.abs(apart.u.reduce((sum, u) => sum + u, 0) - 1) < 1e-9);
    }
  });
});
