import assert from 'node:assert/strict';
import { dayIn, nextDayAt } from '../src/calendar.ts';

describe('the calendar of a tenant', () => {
  it('begins days at midnight of the time zone, on days with a change of the clock too', () => {
    // Berlin: the last Sunday of March has 23 hours, that of October 25.
    assert.equal(nextDayAt('Europe/Berlin', Date.UTC(2026, 2, 29, 0, 30)), Date.UTC(2026, 2, 29, 22));
    assert.equal(nextDayAt('Europe/Berlin', Date.UTC(2026, 9, 24, 22)), Date.UTC(2026, 9, 25, 23));
    assert.equal(nextDayAt('Asia/Kolkata', Date.UTC(2026, 0, 1, 12)), Date.UTC(2026, 0, 1, 18, 30));
    assert.equal(nextDayAt('UTC', Date.UTC(2026, 11, 31, 23, 59, 59, 999)), Date.UTC(2027, 0, 1));
  });

  it('names days as they are there', () => {
    assert.equal(dayIn('Pacific/Auckland', Date.UTC(2026, 0, 31, 12)), '2026-02-01');
    assert.equal(dayIn('America/Los_Angeles', Date.UTC(2026, 0, 31, 7)), '2026-01-30');
  });
});
