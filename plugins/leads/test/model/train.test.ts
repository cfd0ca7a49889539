import assert from 'node:assert/strict';
import { encodeCell, fitEncoding } from '../../src/model/encoding.ts';
import type { Example } from '../../src/model/example.ts';
import { predict } from '../../src/model/model.ts';
import { train } from '../../src/model/train.ts';

/** Buyers are rich or students; `noise` says nothing. Always the same. */
function market(count: number): readonly Example[] {
  let seed = 5;
  const next = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  return Array.from({ length: count }, () => {
    const balance = Math.floor(next() * 1000);
    const job = ['clerk', 'student', 'nurse'][Math.floor(next() * 3)];
    const logOdds = -3 + balance / 250 + (job === 'student' ? 1.5 : 0);
    const values = { balance: next() < 0.1 ? undefined : balance, job, noise: next() };
    return { values, isPositive: next() < 1 / (1 + Math.exp(-logOdds)) };
  });
}
const FEATURES = [
  { name: 'balance', title: 'balance', kind: 'number', transform: 'bins' },
  { name: 'job', title: 'job', kind: 'category' },
  { name: 'noise', title: 'noise', kind: 'number' },
] as const;
const noPause = async (): Promise<void> => undefined;

describe('train', () => {
  it('learns what matters, and says how well on the time held out', async () => {
    const { model, metrics } = await train(market(4_000), FEATURES, noPause);
    assert.ok(metrics.auc > 0.75, `AUC ${metrics.auc}`);
    assert.ok(metrics.brier < metrics.baseRateBrier);
    assert.ok(metrics.ece < 0.06, `ECE ${metrics.ece}`);
    assert.equal(metrics.heldOutExamples, 800);
    const rich = predict(model, { balance: 950, job: 'student', noise: 0.5 });
    const poor = predict(model, { balance: 20, job: 'clerk', noise: 0.5 });
    assert.ok(rich.probability > 0.8 && poor.probability < 0.15, `${rich.probability} ${poor.probability}`);
    assert.ok((rich.contributions[0]?.logOdds ?? 0) > 1 && Math.abs(rich.contributions[2]?.logOdds ?? 1) < 0.2);
  });

  it('gives the same model for the same examples', async () => {
    const [first, second] = [await train(market(600), FEATURES, noPause), await train(market(600), FEATURES, noPause)];
    assert.deepEqual(JSON.parse(JSON.stringify(first.model)), JSON.parse(JSON.stringify(second.model)));
  });

  it('calibrates for more of the same where the order of outcomes means nothing', async () => {
    // The level falls with time: forward, a model expects few; at random, as many as there are.
    const examples = market(3_000).map((example, index) =>
      index > 1_500 && index % 2 === 0 ? { ...example, isPositive: false } : example,
    );
    const [forward, random] = [await train(examples, FEATURES, noPause), await train(examples, FEATURES, noPause, 'random')];
    const expected = (model: typeof random.model): number =>
      examples.reduce((sum, { values }) => sum + predict(model, values).probability, 0) / examples.length;
    const share = examples.filter(({ isPositive }) => isPositive).length / examples.length;
    assert.ok(Math.abs(expected(random.model) - share) < 0.01, `${expected(random.model)} ${share}`);
    assert.ok(expected(forward.model) < share);
    assert.ok(random.metrics.ece < 0.06, `ECE ${random.metrics.ece}`);
    assert.deepEqual((await train(examples, FEATURES, noPause, 'random')).metrics, random.metrics);
  });

  it('never sees what is held out when it is measured', async () => {
    const examples = market(2_000);
    const turned = examples.map((example, index) => (index < 1_600 ? example : { ...example, isPositive: !example.isPositive }));
    const [straight, against] = [await train(examples, FEATURES, noPause), await train(turned, FEATURES, noPause)];
    assert.ok(Math.abs(straight.metrics.auc + against.metrics.auc - 1) < 1e-9);
  });

  it('has an answer for values that it never met', async () => {
    const { model } = await train(market(600), FEATURES, noPause);
    for (const values of [
      {},
      { balance: 1e12, job: 'astronaut', noise: -1e9 },
      { balance: NaN, job: '', noise: 'x' },
      { balance: {}, job: ['a'] },
      JSON.parse('{"__proto__":{"job":"student"}}'),
    ]) {
      const { probability } = predict(model, values as Record<string, unknown>);
      assert.ok(probability > 0 && probability < 1, JSON.stringify(values));
    }
  });
});

describe('fitEncoding', () => {
  it('pools rare levels, and keeps missing apart', async () => {
    const examples = Array.from({ length: 100 }, (_, index) => ({
      values: { job: index < 60 ? 'a' : index < 97 ? 'b' : `rare${index}` },
      isPositive: false,
    }));
    const [job] = (await fitEncoding(examples, [{ name: 'job', title: 'job', kind: 'category' }], noPause)).features;
    assert.ok(job?.as === 'levels');
    assert.deepEqual(Object.keys(job.levels), ['a', 'b']);
    assert.equal(encodeCell(job, { job: 'rare99' }).column, job.otherColumn);
    assert.equal(encodeCell(job, { job: ' A ' }).column, job.levels['a']);
    assert.equal(encodeCell(job, {}).column, job.missingColumn);
    assert.equal(encodeCell(job, { job: 'constructor' }).column, job.otherColumn);
  });

  it('puts numbers into tenths, ties into one', async () => {
    const examples = Array.from({ length: 100 }, (_, index) => ({ values: { visits: index < 50 ? 0 : index }, isPositive: false }));
    const [visits] = (await fitEncoding(examples, [{ name: 'visits', title: 'visits', kind: 'number', transform: 'bins' }], noPause))
      .features;
    assert.ok(visits?.as === 'bins');
    assert.deepEqual(visits.edges, [50, 60, 70, 80, 90]);
    assert.equal(encodeCell(visits, { visits: '0' }).column, visits.column);
    assert.equal(encodeCell(visits, { visits: 50 }).column, visits.column + 1);
    assert.equal(encodeCell(visits, { visits: 1e9 }).column, visits.column + 5);
  });
});
