import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { compileCron, cronProblem } from '../../src/cron.ts';

/** The times from `from` on, as UTC without seconds. */
function times(cron: string, timeZone: string, from: string, count: number): readonly string[] {
  const schedule = compileCron(cron, timeZone);
  const found: string[] = [];
  for (let at = Date.parse(`${from}:00Z`) - 1; found.length < count;) {
    const next = schedule.next(at);
    if (next === undefined) break;
    found.push(new Date(next).toISOString().slice(5, 16));
    at = next;
  }
  return found;
}

describe('times of a schedule', () => {
  it('that a clock change skips come at the next minute that exists', () => {
    // Berlin goes from 02:00 to 03:00, which is 01:00 UTC.
    assert.deepEqual(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00', 3), ['03-28T01:30', '03-29T01:00', '03-30T00:30']);
    assert.deepEqual(times('0 2 * * *', 'Europe/Berlin', '2026-03-28T00:00', 3), ['03-28T01:00', '03-29T01:00', '03-30T00:00']);
    // New York from 02:00 to 03:00 is 07:00 UTC.
    assert.deepEqual(times('15 2 * * 0', 'America/New_York', '2026-03-08T00:00', 2), ['03-08T07:00', '03-15T06:15']);
    // Lord Howe goes half an hour only, from 02:00 to 02:30, which is 15:30 UTC of the day before.
    assert.deepEqual(times('10 2 * * *', 'Australia/Lord_Howe', '2026-10-02T00:00', 3), ['10-02T15:40', '10-03T15:30', '10-04T15:10']);
    assert.deepEqual(times('45 2 * * *', 'Australia/Lord_Howe', '2026-10-02T00:00', 2), ['10-02T16:15', '10-03T15:45']);
    // Where midnight itself is skipped, the day begins at one.
    assert.deepEqual(times('0 0 * * *', 'America/Santiago', '2026-09-05T00:00', 3), ['09-05T04:00', '09-06T04:00', '09-07T03:00']);
  });

  it('of which several are skipped come once together', () => {
    assert.deepEqual(times('*/20 2 * * *', 'Europe/Berlin', '2026-03-28T23:00', 4), [
      '03-29T01:00',
      '03-30T00:00',
      '03-30T00:20',
      '03-30T00:40',
    ]);
    assert.deepEqual(times('0,30 1-3 * * *', 'Europe/Berlin', '2026-03-28T23:00', 4), [
      '03-29T00:00',
      '03-29T00:30',
      '03-29T01:00',
      '03-29T01:30',
    ]);
  });

  it('that a clock change repeats come once', () => {
    assert.deepEqual(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00', 2), ['10-25T00:30', '10-26T01:30']);
    assert.deepEqual(times('*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00', 3), ['10-25T00:00', '10-25T00:30', '10-26T01:00']);
    assert.deepEqual(times('0 0,2,3 * * *', 'Europe/Berlin', '2026-10-24T12:00', 4), [
      '10-24T22:00',
      '10-25T00:00',
      '10-25T02:00',
      '10-25T23:00',
    ]);
    assert.deepEqual(times('30 1 * * *', 'America/New_York', '2026-11-01T00:00', 2), ['11-01T05:30', '11-02T06:30']);
    assert.deepEqual(times('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00', 2), ['04-04T14:45', '04-05T15:15']);
    // Asked while the hour is being repeated.
    assert.deepEqual(times('50 2 * * *', 'Europe/Berlin', '2026-10-25T01:10', 1), ['10-26T01:50']);
  });

  it('every hour keep their distance on days of 23 and 25 hours', () => {
    for (const [cron, day, hours] of [
      ['30 * * * *', '2026-03-28T23:00', 23],
      ['30 * * * *', '2026-10-24T22:00', 25],
    ] as const) {
      const schedule = compileCron(cron, 'Europe/Berlin');
      const begin = Date.parse(`${day}:00Z`);
      let at = begin - 1;
      for (let hour = 0; hour < hours; hour += 1) {
        const next = schedule.next(at) ?? 0;
        assert.equal(next, begin + hour * 3_600_000 + 1_800_000);
        at = next;
      }
    }
  });

  it('understand six fields, names, last days and numbered weekdays', () => {
    assert.deepEqual(times('0 0 9 L * *', 'UTC', '2026-02-01T00:00', 2), ['02-28T09:00', '03-31T09:00']);
    assert.deepEqual(times('0 9 * * MON#1', 'UTC', '2026-02-01T00:00', 2), ['02-02T09:00', '03-02T09:00']);
    assert.deepEqual(times('0 9 1 JAN,JUL *', 'UTC', '2026-02-01T00:00', 2), ['07-01T09:00', '01-01T09:00']);
    assert.equal(compileCron('*/10 * * * * *', 'UTC').next(5_000), 10_000);
    assert.equal(compileCron('0 0 30 2 *', 'Europe/Berlin').next(0), undefined);
  });

  it('are refused with what is wrong', () => {
    assert.throws(
      () => compileCron('61 * * * *', 'UTC'),
      (error) => TendrilError.is(error) && error.code === 'INPUT_INVALID',
    );
    assert.match(cronProblem('0 9 * *') ?? '', /./);
    assert.equal(cronProblem('0 9 * * *', 'Europe/Belrin'), 'there is no time zone `Europe/Belrin`');
    assert.equal(cronProblem('0 9 * * *', 'Europe/Berlin'), undefined);
  });
});
