import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { decisionIdOf, readDecisionId } from '../../src/decide/decision-id.ts';
import { momentFor } from '../../src/decide/moment.ts';
import { shareOf } from '../../src/decide/share.ts';
import { wilsonInterval } from '../../src/decide/wilson.ts';

describe('where a person stands', () => {
  it('is the first 48 bits of the SHA-256 of the parts joined with NUL', () => {
    const digest = hash('sha256', 'hero\0a\0p1', 'buffer');
    assert.equal(shareOf('hero', 'a', 'p1'), digest.readUIntBE(0, 6) / 2 ** 48);
  });

  it('is spread evenly', () => {
    const shares = Array.from({ length: 10_000 }, (_, number) => shareOf('hero', String(number)));
    const tenths = Map.groupBy(shares, (share) => Math.floor(share * 10));
    for (const [, tenth] of tenths) assert.ok(Math.abs(tenth.length - 1_000) < 150, String(tenth.length));
    assert.equal(tenths.size, 10);
  });
});

describe('the id of a decision', () => {
  it('tells what was decided', () => {
    for (const parts of [
      { place: 'hero', version: 3, candidate: 'spring-20', isHoldout: false },
      { place: 'a_b', version: 1, candidate: 'fallback', isHoldout: false },
      { place: 'hero', version: 12, candidate: 'x', isHoldout: true },
    ])
      assert.deepEqual(readDecisionId(decisionIdOf(parts, 'p1', 1_700_000_000_000)), parts);
  });

  it('is read from nothing else', () => {
    for (const other of ['', 'hero.1.a.c.x', 'hero.0.a.c.x.aaaaaaaaaaaa', 'hero.1.a.q.x.aaaaaaaaaaaa', 7, null, ['hero']])
      assert.equal(readDecisionId(other), undefined);
  });
});

describe('the time where a person is', () => {
  const at = Date.UTC(2026, 6, 1, 22, 15, 30);

  it('follows the person’s zone, with its daylight saving, else the tenant’s, else UTC', () => {
    assert.deepEqual(momentFor(at, { timezone: 'Europe/Berlin' }, 'UTC'), {
      iso: '2026-07-01T22:15:00Z',
      date: '2026-07-02',
      year: 2026,
      month: 7,
      day: 2,
      hour: 0,
      minute: 15,
      weekday: 4,
    });
    assert.equal(momentFor(at, { timezone: 'Moon/Base' }, 'Asia/Tokyo').hour, 7);
    assert.equal(momentFor(at, {}, 'nowhere').hour, 22);
  });
});

describe('Wilson’s interval', () => {
  it('is that of the books', () => {
    assert.equal(wilsonInterval(0, 0), undefined);
    const { low, high } = wilsonInterval(0, 10) ?? assert.fail();
    assert.deepEqual([low, high.toFixed(4)], [0, '0.2775']);
    const half = wilsonInterval(50, 100) ?? assert.fail();
    assert.deepEqual([half.low.toFixed(4), half.high.toFixed(4)], ['0.4038', '0.5962']);
  });
});
