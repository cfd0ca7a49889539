import assert from 'node:assert/strict';
import { ago, duration } from '../src/instants.ts';

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
