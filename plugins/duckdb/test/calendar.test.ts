import assert from 'node:assert/strict';
import { offsetSql } from '../src/calendar.ts';

const HOUR_MS = 3_600_000;

describe('distances from UTC in SQL', () => {
  it('change where the clocks of a zone do, and are a number where they do not', () => {
    const [spring, autumn] = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)];
    assert.equal(
      offsetSql('Europe/Berlin', 'at', Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 1)),
      `CASE WHEN at >= ${autumn} THEN ${HOUR_MS} WHEN at >= ${spring} THEN ${2 * HOUR_MS} ELSE ${HOUR_MS} END`,
    );
    assert.equal(offsetSql('Europe/Berlin', 'at', Date.UTC(2026, 5, 1), Date.UTC(2026, 6, 1)), String(2 * HOUR_MS));
    assert.equal(
      offsetSql('Europe/Berlin', 'at', Date.UTC(2026, 5, 1), autumn),
      `CASE WHEN at >= ${autumn} THEN ${HOUR_MS} ELSE ${2 * HOUR_MS} END`,
    );
    assert.equal(offsetSql('UTC', 'at', 0, Date.UTC(2026, 0, 1)), '0');
  });

  it('are few enough for a question, whatever the times that events claim', () => {
    const [from, to] = [Date.UTC(-9_000, 0, 1), Date.UTC(18_000, 0, 1)];
    const sql = offsetSql('Europe/Berlin', 'at', from, to);
    assert.ok(sql.split('WHEN').length < 300, String(sql.split('WHEN').length));
    assert.doesNotMatch(sql, /THEN -?\d{9,}/);
    assert.equal(offsetSql('Europe/Berlin', 'at', to, to), String(HOUR_MS));
    assert.equal(offsetSql('Europe/Berlin', 'at', from, from), String(HOUR_MS));
  });
});
