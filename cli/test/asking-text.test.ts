import assert from 'node:assert/strict';
import { broadcastRow, progressText } from '../src/broadcast-rows.ts';
import type { ShownBroadcast } from '../src/broadcast-rows.ts';
import { reasonLines } from '../src/reason-text.ts';
import { answeredRows, callRows, costText, countsText } from '../src/simulation-rows.ts';
import type { ShownCall } from '../src/simulation-rows.ts';

const AT = '2026-11-22T08:00:00.000Z';

describe('what would have been done, in a terminal', () => {
  const call: ShownCall = {
    path: '0',
    action: 'email.send',
    effect: 'send',
    input: { to: 'p' },
    at: AT,
    answeredBy: 'example',
    output: { id: 1 },
  };
  const fateOf = (more: Partial<ShownCall>): unknown => callRows([{ ...call, ...more }])[0]?.['what of it'];

  it('tells of each call what came of it', () => {
    assert.equal(fateOf({}), 'not done');
    assert.equal(fateOf({ heldBack: 'quiet hours' }), 'held back: quiet hours');
    assert.equal(fateOf({ effect: 'read', answeredBy: 'action' }), 'done');
    assert.equal(fateOf({ effect: 'spend', cost: { amount: 1.5, currency: 'EUR' } }), 'not done, 1.50 EUR');
    assert.equal(answeredRows([call])[0]?.['answer'], 'example {"id":1}');
    assert.equal(answeredRows([{ ...call, heldBack: 'cap' }])[0]?.['answer'], 'held back: cap');
    assert.equal(String(callRows([{ ...call, input: 'x'.repeat(500) }])[0]?.['input']).length, 80);
  });

  it('sums up', () => {
    assert.equal(countsText({ max_age: 2, where: 10 }), '10 where, 2 max age');
    assert.equal(costText({ EUR: 12.5, USD: 1 }), '12.50 EUR, 1.00 USD');
    assert.equal(costText(undefined), '');
  });

  it('explains with the part of the condition that was not met', () => {
    const reason = {
      pipeline: 'welcome',
      version: 2,
      environment: 'production',
      eventId: 'm1',
      at: AT,
      isStarted: false,
      reason: 'Its condition is not met.',
      conditions: [
        { expression: 'a', value: true, isMet: true },
        { expression: 'b > 1', value: false, isMet: false },
        { expression: 'c', value: null, problem: 'there is no c', isMet: false },
      ],
    };
    assert.deepEqual(reasonLines(reason, 'event'), [
      '✗ 2026-11-22 08:00:00 UTC  m1',
      '    Its condition is not met.',
      '    ✓ a',
      '    ✗ b > 1  (it is false)',
      '    ✗ c  (there is no c)',
    ]);
    const started = { ...reason, isStarted: true, reason: 'It started a run.', runId: 'r1', runState: 'needs_review', conditions: [] };
    assert.deepEqual(reasonLines(started, 'pipeline'), ['✓ welcome version 2, production', '    It started a run. Run r1 (needs review).']);
  });
});

describe('a broadcast in a terminal', () => {
  const broadcast: ShownBroadcast = {
    id: 'b1',
    pipeline: 'news',
    version: 1,
    state: 'running',
    createdAt: AT,
    total: 300,
    started: 100,
    succeeded: 90,
    failed: 1,
    skipped: 20,
  };

  it('tells how far it is, as far as that is known', () => {
    const { total: _total, ...unknown } = broadcast;
    assert.equal(progressText(broadcast), '120 of 300 (40 %)');
    assert.equal(progressText(unknown), '120');
    assert.equal(progressText({ ...broadcast, total: 0 }), '0 of 0');
    // People who came into the segment since it was counted.
    assert.equal(progressText({ ...broadcast, total: 100 }), '120 of 100 (100 %)');
    assert.equal(broadcastRow(broadcast, Date.parse(AT) + 5_000)['sent'], '5 s ago');
  });
});
