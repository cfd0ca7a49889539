import assert from 'node:assert/strict';
import { fillIntervals, fromOf, hasBegun, readRange, tellInterval } from '../src/screens/explore/ranges.ts';

describe('stretches of time', () => {
  it('fill intervals in which nothing happened, over ends of months and leap days', () => {
    assert.deepEqual(fillIntervals(['2028-03-01', '2028-02-27'], 'day'), ['2028-02-27', '2028-02-28', '2028-02-29', '2028-03-01']);
    assert.deepEqual(fillIntervals(['2026-12-21', '2027-01-04'], 'week'), ['2026-12-21', '2026-12-28', '2027-01-04']);
    assert.deepEqual(fillIntervals(['2026-11-01', '2027-01-01'], 'month'), ['2026-11-01', '2026-12-01', '2027-01-01']);
    assert.deepEqual(fillIntervals(['2026-03-28T23:00+01:00', '2026-03-29T01:00+01:00'], 'hour'), [
      '2026-03-28T23:00+01:00',
      '2026-03-29T00:00',
      '2026-03-29T01:00+01:00',
    ]);
    assert.deepEqual(fillIntervals([], 'day'), []);
    assert.deepEqual(fillIntervals(['soon', 'later'], 'day'), ['later']);
  });

  it('are told in words', () => {
    assert.equal(tellInterval('2026-03-29', 'day'), '29 Mar');
    assert.equal(tellInterval('2026-03-01', 'month'), 'Mar 2026');
    assert.equal(tellInterval('2026-03-29T14:00+02:00', 'hour'), '29 Mar, 14:00');
    assert.equal(tellInterval('soon', 'day'), 'soon');
  });

  it('begin at a whole minute, so that the same question is asked again for a while', () => {
    assert.deepEqual(fromOf(readRange('24h'), Date.UTC(2026, 0, 2, 10, 0, 31)), { from: '2026-01-01T10:00:00.000Z' });
    assert.deepEqual(fromOf(readRange('all'), 0), {});
    assert.equal(readRange('nonsense').range, '30d');
  });

  it('tell periods that have not begun from those in which nothing happened', () => {
    const now = Date.UTC(2026, 0, 14, 12);
    assert.deepEqual(
      [0, 1, 2].map((periods) => hasBegun('2026-01-05', periods, 'week', now)),
      [true, true, false],
    );
    assert.equal(hasBegun('2025-12-01', 1, 'month', now), true);
    assert.equal(hasBegun('2025-12-01', 2, 'month', now), false);
    assert.equal(hasBegun('2026-01-14+01:00', 0, 'day', now), true);
  });
});
