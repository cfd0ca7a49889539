import assert from 'node:assert/strict';
import type { Weekday } from '../../src/pipelines/definition.ts';
import { EvaluationFault } from '../../src/expressions/expression.ts';
import { afterDuration, isTimeZone, momentOf, nextTimeOfDay, zoneFor } from '../../src/pipelines/waits/wake-time.ts';
import type { StepRecord } from '../../src/pipelines/runs/records.ts';
import { JOURNAL } from '../../src/pipelines/tables.ts';
import { createRunWorld, TENANT } from './run-world.ts';

const utc = (text: string): number => Date.parse(text);
const iso = (at: number): string => new Date(at).toISOString();

describe('a moment', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['an offset counts', '2026-03-01T09:00:00+05:45', 'Europe/Berlin', '2026-03-01T03:15:00.000Z'],
    ['so does Z', '2026-03-01T09:00:00.123Z', 'Europe/Berlin', '2026-03-01T09:00:00.123Z'],
    ['winter', '2026-01-31T09:00', 'Europe/Berlin', '2026-01-31T08:00:00.000Z'],
    ['summer, to the millisecond', '2026-07-31T09:00:00.001', 'Europe/Berlin', '2026-07-31T07:00:00.001Z'],
    ['a time that is left out', '2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['the last one before that', '2026-03-29T01:59:59.999', 'Europe/Berlin', '2026-03-29T00:59:59.999Z'],
    ['the first one after that', '2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['a time that comes twice', '2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['left out in New York', '2026-03-08T02:00', 'America/New_York', '2026-03-08T07:00:00.000Z'],
    ['twice in New York', '2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
    ['three quarters of an hour', '2026-06-01T00:00', 'Asia/Kathmandu', '2026-05-31T18:15:00.000Z'],
    ['the other side of the date line', '2026-06-01T00:00', 'Pacific/Apia', '2026-05-31T11:00:00.000Z'],
    ['a day that was left out', '2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['a midnight that was left out', '2018-11-04T00:00', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['half an hour of summer time', '2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
    ['a leap day', '2028-02-29T12:00', 'Asia/Tokyo', '2028-02-29T03:00:00.000Z'],
    ['the end of a year', '2026-12-31T23:59:59.999', 'America/Los_Angeles', '2027-01-01T07:59:59.999Z'],
    ['a date', '2026-05-01', 'Europe/Berlin', '2026-04-30T22:00:00.000Z'],
    ['a date whose midnight was left out', '2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['a zone that is an offset', '2026-05-01T12:00', '-03:30', '2026-05-01T15:30:00.000Z'],
  ];
  for (const [name, text, zone, expected] of cases) it(`is right: ${name}`, () => assert.equal(iso(momentOf(text, () => zone)), expected));

  for (const text of ['', 'tomorrow', '09:00', '2027-02-29', '2026-13-01T00:00Z', '2026-01-01T25:00', '5', '-5', '2026-02-30T00:00'])
    it(`is no moment: ${text}`, () => assert.throws(() => momentOf(text, () => 'UTC'), EvaluationFault));
});

describe('a time of day', () => {
  const cases: readonly (readonly [string, string, readonly Weekday[] | undefined, string, string, string])[] = [
    ['later today', '09:00', undefined, 'Europe/Berlin', '2026-01-15T07:59:59.999Z', '2026-01-15T08:00:00.000Z'],
    ['tomorrow when it is now', '09:00', undefined, 'Europe/Berlin', '2026-01-15T08:00:00.000Z', '2026-01-16T08:00:00.000Z'],
    ['over the beginning of summer time', '09:00', undefined, 'Europe/Berlin', '2026-03-28T09:00:00Z', '2026-03-29T07:00:00.000Z'],
    ['over the end of summer time', '09:00', undefined, 'Europe/Berlin', '2026-10-24T08:00:00Z', '2026-10-25T08:00:00.000Z'],
    ['left out', '02:30', undefined, 'Europe/Berlin', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00.000Z'],
    ['left out, and past', '02:30', undefined, 'Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00.000Z'],
    ['twice: the first', '02:30', undefined, 'Europe/Berlin', '2026-10-25T00:00:00Z', '2026-10-25T00:30:00.000Z'],
    ['twice: between both', '02:30', undefined, 'Europe/Berlin', '2026-10-25T00:45:00Z', '2026-10-26T01:30:00.000Z'],
    ['another day there', '00:30', undefined, 'Asia/Kathmandu', '2026-06-01T18:00:00Z', '2026-06-01T18:45:00.000Z'],
    ['on a day', '09:00', ['mon'], 'Europe/Berlin', '2026-01-15T12:00:00Z', '2026-01-19T08:00:00.000Z'],
    ['on a day, a week later', '09:00', ['thu'], 'Europe/Berlin', '2026-01-15T08:00:00.000Z', '2026-01-22T08:00:00.000Z'],
    ['on the nearest of some', '09:00', ['wed', 'sat'], 'America/New_York', '2026-01-15T15:00:00Z', '2026-01-17T14:00:00.000Z'],
    ['the day of the zone counts', '09:00', ['fri'], 'Pacific/Apia', '2026-01-15T12:00:00Z', '2026-01-15T20:00:00.000Z'],
    ['a day that was left out', '09:00', undefined, 'Pacific/Apia', '2011-12-29T20:00:00Z', '2011-12-30T19:00:00.000Z'],
    ['a Friday that was left out', '09:00', ['fri'], 'Pacific/Apia', '2011-12-29T20:00:00Z', '2012-01-05T19:00:00.000Z'],
    ['a midnight that was left out', '00:00', undefined, 'America/Sao_Paulo', '2018-11-03T12:00:00Z', '2018-11-04T03:00:00.000Z'],
    ['over a leap day', '09:00', undefined, 'UTC', '2028-02-28T09:00:00Z', '2028-02-29T09:00:00.000Z'],
    ['over the end of the year', '00:00', undefined, 'America/New_York', '2026-12-31T12:00:00Z', '2027-01-01T05:00:00.000Z'],
  ];
  for (const [name, time, days, zone, now, expected] of cases)
    it(`is right: ${name}`, () => assert.equal(iso(nextTimeOfDay(time, days && new Set(days), zone, utc(now))), expected));
});

describe('a duration', () => {
  it('ends exactly, or has ended', () => {
    assert.equal(afterDuration('1h30m', 1), 5_400_001);
    assert.equal(afterDuration('PT0.001S', 5), 6);
    assert.equal(afterDuration('-90s', 5), 5);
    for (const text of ['', 'soon', '5', '11 d', '40000d']) assert.throws(() => afterDuration(text, 0), EvaluationFault);
  });
});

describe('a time zone', () => {
  const profile = (traits: object): object => ({ id: 'p1', traits });

  it('is the one of the person, else that of the tenant', () => {
    assert.equal(zoneFor('person', profile({ timezone: 'Asia/Tokyo' }), 'Europe/Berlin'), 'Asia/Tokyo');
    assert.equal(zoneFor('person', profile({ timezone: 'Nowhere', time_zone: 'Asia/Tokyo' }), 'Europe/Berlin'), 'Asia/Tokyo');
    assert.equal(zoneFor('person', profile({ timeZone: 7 }), 'Europe/Berlin'), 'Europe/Berlin');
    assert.equal(zoneFor('person', {}, 'Europe/Berlin'), 'Europe/Berlin');
    assert.equal(zoneFor('person', profile({}), ''), 'UTC');
    assert.equal(zoneFor('tenant', profile({ timezone: 'Asia/Tokyo' }), 'Europe/Berlin'), 'Europe/Berlin');
    assert.equal(zoneFor('Pacific/Apia', profile({ timezone: 'Asia/Tokyo' }), 'Europe/Berlin'), 'Pacific/Apia');
  });

  it('that is named has to exist', () => {
    assert.throws(() => zoneFor('Europe/Nowhere', {}, 'UTC'), EvaluationFault);
    assert.throws(() => zoneFor('', {}, 'UTC'), EvaluationFault);
    assert.ok(isTimeZone('europe/berlin') && !isTimeZone('Berlin'));
  });
});

describe('a wait for a time', () => {
  /** Until when the run sleeps; the code of its error where it failed at once. */
  async function sleepsUntil(wait: string, traits = {}): Promise<string> {
    const world = await createRunWorld();
    const people = { effect: 'read' as const, run: () => ({ id: 'p1', traits, identities: [] }) };
    const process = await world.boot({ 'people.get@1': people });
    await process.pipelines.service(TENANT).deploy(`pipeline: w\ntrigger: { event: Signup Completed }\nsteps: [{ wait: ${wait} }]`);
    const [runId = ''] = await world.trigger(process);
    await world.engine.time.until(async () => (await world.run(process, runId)).state !== 'running');
    const [row] = await world.tenant.state.get(JOURNAL, [`${runId}/0`]);
    const { state, until, error } = row?.value as unknown as StepRecord;
    return state === 'sleeping' ? iso(until ?? 0) : (error?.code ?? state);
  }

  it('goes by the zone of the person', async () => {
    assert.equal(await sleepsUntil('{ at: "09:00" }', { timezone: 'Asia/Kathmandu' }), '2026-01-01T03:15:00.000Z');
    assert.equal(await sleepsUntil('{ at: "09:00" }'), '2026-01-01T09:00:00.000Z');
    assert.equal(await sleepsUntil('{ at: "09:00", on: [sat], timeZone: America/New_York }'), '2026-01-03T14:00:00.000Z');
    const stated = '{ until: 2026-01-02T09:00, timeZone: "${{ profile.traits.zone }}" }';
    assert.equal(await sleepsUntil(stated, { zone: 'Asia/Tokyo' }), '2026-01-02T00:00:00.000Z');
  });

  it('does not wait for the past, and fails for what is no time', async () => {
    assert.equal(await sleepsUntil('{ until: 2020-01-01T00:00:00Z }'), 'succeeded');
    assert.equal(await sleepsUntil('{ until: "${{ event.properties.plan }}" }'), 'EXPRESSION_FAILED');
    assert.equal(await sleepsUntil('{ at: "09:00", timeZone: "${{ event.properties.plan }}" }'), 'EXPRESSION_FAILED');
  });
});
