import assert from 'node:assert/strict';
import type { AnalyticsBatch, AnalyticsDriver, AnalyticsQuestion, Call } from '@tendril/plugin-api';
import { fakeCall } from '../fake-call.ts';
import { analyticsEvent } from './analytics-event.ts';
import { drawing, randomHistory, randomQuestions } from './histories.ts';
import { NaiveAnalytics } from './naive-analytics.ts';

/** A driver under test. */
export interface AnalyticsUnderTest {
  /** A driver whose copy is empty, and a call that it can work with. */
  readonly open: (
    timeZone: string,
  ) => Promise<{ readonly driver: AnalyticsDriver; readonly call: Call; readonly close: () => Promise<void> }>;
  /** How many random histories are compared; 30 unless told. */
  readonly histories?: number;
}

const ALL: AnalyticsQuestion = { ask: 'count', events: {} };

/** What every driver of `analytics` has to do. Call it inside of a `describe`. */
export function testAnalyticsDriver(subject: AnalyticsUnderTest): void {
  const using = async (work: (driver: AnalyticsDriver, call: Call) => Promise<void>, timeZone = 'Europe/Berlin'): Promise<void> => {
    const { driver, call, close } = await subject.open(timeZone);
    try {
      await work(driver, call);
    } finally {
      await close();
    }
  };
  const first: AnalyticsBatch = { after: 0, through: 3, events: [1, 2, 3].map((position) => analyticsEvent({ position })), links: [] };

  it('begins empty, and stands where the last batch ended, also where it held no event', () =>
    using(async (driver, call) => {
      assert.equal(await driver.position(call), 0);
      await driver.append(first, call);
      await driver.append({ after: 3, through: 9, events: [], links: [] }, call);
      assert.equal(await driver.position(call), 9);
      assert.deepEqual(await driver.ask(ALL, call), { groups: [{ value: 3 }], isCut: false, position: 9 });
    }));

  it('ignores what it has already: a second delivery, and the part of a batch that it has', () =>
    using(async (driver, call) => {
      await driver.append(first, call);
      await driver.append(first, call);
      await driver.append({ ...first, through: 4, events: [...first.events, analyticsEvent({ position: 4 })] }, call);
      assert.deepEqual(await driver.ask(ALL, call), { groups: [{ value: 4 }], isCut: false, position: 4 });
    }));

  it('refuses a batch that leaves a gap', () =>
    using(async (driver, call) => {
      await assert.rejects(driver.append({ ...first, after: 2 }, call), { code: 'CONFLICT' });
      assert.equal(await driver.position(call), 0);
    }));

  it('is empty after a reset, and gives the same answers when it is filled again', () =>
    using(async (driver, call) => {
      const draw = drawing(7);
      const history = randomHistory(draw, 300);
      const questions = randomQuestions(draw);
      const fill = async (): Promise<readonly unknown[]> => {
        for (const batch of history) await driver.append(batch, call);
        return answersOf(driver, questions, call);
      };
      const before = await fill();
      await driver.reset(call);
      assert.equal(await driver.position(call), 0);
      assert.deepEqual(await driver.ask({ ask: 'names' }, call), { names: [], isCut: false, position: 0 });
      assert.deepEqual(await fill(), before);
    }));

  it('counts merged people once, in chains too, and twice again when they are taken apart', () =>
    using(async (driver, call) => {
      const people = ['a', 'b', 'c'].map((person, i) => analyticsEvent({ position: i + 1, person }));
      const count = async (): Promise<unknown> => (await driver.ask({ ask: 'uniques', events: {}, of: 'people' }, call)).groups[0]?.value;
      const link = (position: number, from: string, into: string, isJoined: boolean): Promise<void> =>
        driver.append({ after: position - 1, through: position, events: [], links: [{ position, from, into, isJoined }] }, call);
      await driver.append({ after: 0, through: 3, events: people, links: [] }, call);
      assert.equal(await count(), 3);
      await link(4, 'a', 'b', true);
      assert.equal(await count(), 2);
      await link(5, 'b', 'c', true);
      assert.equal(await count(), 1);
      await link(6, 'b', 'c', false);
      assert.equal(await count(), 2);
      await link(7, 'a', 'b', false);
      assert.equal(await count(), 3);
      assert.deepEqual(await driver.positionsOf(['a', 'c'], 0, 10, call), [1, 3]);
      await driver.append({ after: 7, through: 8, events: [], links: [], people: [{ position: 1, person: 'c' }] }, call);
      assert.equal(await count(), 2);
      assert.deepEqual(await driver.positionsOf(['c'], 1, 10, call), [3]);
    }));

  it('holds any text as a name, a property or a value', () =>
    using(async (driver, call) => {
      const odd = `'); DROP TABLE events; -- "x" $1 \u{1f600}`;
      await driver.append(
        { after: 0, through: 1, events: [analyticsEvent({ position: 1, name: odd, properties: { [odd]: odd } })], links: [] },
        call,
      );
      const where = [{ property: odd, is: 'equals', value: odd }] as const;
      assert.equal((await driver.ask({ ask: 'count', events: { names: [odd], where } }, call)).groups[0]?.value, 1);
      assert.deepEqual((await driver.ask({ ask: 'breakdown', events: {}, property: odd }, call)).values, [
        { value: odd, events: 1, people: 1 },
      ]);
    }));

  const histories = subject.histories ?? 30;
  it(`answers ${histories} random histories as they are walked through event by event`, async function () {
    this.timeout(120_000);
    for (let seed = 1; seed <= histories; seed += 1) {
      const draw = drawing(seed * 7_919);
      const naive = new NaiveAnalytics();
      const timeZone = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe'][seed % 3] ?? 'UTC';
      await using(async (driver, call) => {
        const plainCall = fakeCall({ tenant: { timeZone } });
        for (const batch of randomHistory(draw, 20 + draw(400))) {
          await naive.append(batch);
          await driver.append(batch, call);
        }
        for (let round = 0; round < 3; round += 1)
          for (const question of randomQuestions(draw)) {
            const [given, expected] = [await driver.ask(question, call), await naive.ask(question, plainCall)];
            assert.deepEqual(given, expected, `history ${seed}: ${JSON.stringify(question)}`);
          }
      }, timeZone);
    }
  });
}

async function answersOf(driver: AnalyticsDriver, questions: readonly AnalyticsQuestion[], call: Call): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const question of questions) answers.push(await driver.ask(question, call));
  return answers;
}
