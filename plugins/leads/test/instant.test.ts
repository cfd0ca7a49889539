import assert from 'node:assert/strict';
import { readInstant } from '../src/intake/instant.ts';

describe('a time that a lead comes with', () => {
  it('is one of ISO 8601, of UTC without a zone', () => {
    for (const [text, iso] of [
      ['2026-01-05', '2026-01-05T00:00:00.000Z'],
      ['2026-01-05T10:22', '2026-01-05T10:22:00.000Z'],
      [' 2026-01-05 10:22:33 ', '2026-01-05T10:22:33.000Z'],
      ['2026-01-05 10:22:33,250 +0200', '2026-01-05T08:22:33.250Z'],
      ['2026-01-05T10:22:33.1234567-05:00', '2026-01-05T15:22:33.123Z'],
      ['2026-01-05t10:22z', '2026-01-05T10:22:00.000Z'],
      ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ] as const)
      assert.equal(new Date(readInstant(text) ?? NaN).toISOString(), iso, text);
  });

  it('is nothing that can be read in two ways, and no day that there is not', () => {
    for (const text of [
      '05.01.2026',
      '01/02/2026',
      '2026',
      '1767571200',
      'Jan 5 2026',
      '2026-1-5',
      '2026-02-30',
      '2026-13-01',
      '2026-01-05 25:00',
      '',
      'today',
    ])
      assert.equal(readInstant(text), undefined, text);
  });
});
