import assert from 'node:assert/strict';
import { ago, duration, moment, readDuration, readMoment } from '../src/instants.ts';

describe('instants in tables', () => {
  const now = Date.parse('2026-03-01T12:00:00.000Z');

  it('are told as a distance', () => {
    assert.equal(ago('2026-03-01T11:59:58.000Z', now), '2 s ago');
    assert.equal(ago('2026-03-01T11:30:00.000Z', now), '30 min ago');
    assert.equal(ago('2026-03-01T02:00:00.000Z', now), '10 h ago');
    assert.equal(ago('2026-02-01T12:00:00.000Z', now), '28 d ago');
    assert.equal(ago('2026-03-01T12:00:09.000Z', now), '0 s ago');
    assert.equal(ago(undefined, now), '-');
  });

  it('give how long something took', () => {
    assert.equal(duration('2026-03-01T12:00:00.000Z', '2026-03-01T12:00:00.250Z'), '250 ms');
    assert.equal(duration('2026-03-01T12:00:00.000Z', '2026-03-01T12:01:00.000Z'), '60 s');
    assert.equal(duration('2026-03-01T12:00:00.000Z', undefined), '-');
  });
});

describe('a moment on a command line', () => {
  const now = Date.parse('2026-11-22T08:00:00Z');

  it('is a date, or a duration before now', () => {
    assert.equal(readMoment('30d', '--since', now), '2026-10-23T08:00:00.000Z');
    assert.equal(readMoment('2026-11-01', '--since', now), '2026-11-01T00:00:00.000Z');
    assert.equal(readMoment('2026-11-01T10:00:00+01:00', '--since', now), '2026-11-01T09:00:00.000Z');
    for (const bad of ['', 'yesterday', '30', '30 d', '-1d', '0d', '2026-13-01', '99999999w'])
      assert.throws(() => readMoment(bad, '--since', now), { exit: 2, message: /^--since is a date/ }, bad);
  });

  it('is a duration alone where that is asked for', () => {
    assert.deepEqual(
      ['90s', '5m', '12h', '30d', '4w'].map((text) => readDuration(text, '--last')),
      [90_000, 300_000, 43_200_000, 2_592_000_000, 2_419_200_000],
    );
    assert.throws(() => readDuration('2026-11-01', '--last'), { exit: 2, message: /^--last is a duration/ });
  });

  it('is shown to the second', () => {
    assert.equal(moment('2026-11-22T08:00:00.123Z'), '2026-11-22 08:00:00');
  });
});
