import assert from 'node:assert/strict';
import { originText, remedyText, runText, stepRows } from '../src/run-rows.ts';
import type { ShownRun, ShownStep } from '../src/run-rows.ts';

const AT = '2026-11-22T08:00:00.000Z';

function step(path: string, more: Partial<ShownStep> = {}): ShownStep {
  return { path, kind: 'set', state: 'succeeded', attempts: 1, startedAt: AT, endedAt: AT, ...more };
}

function run(more: Partial<ShownRun>): ShownRun {
  return { id: 'r1', pipeline: 'welcome', version: 3, state: 'succeeded', startedAt: AT, steps: [], ...more };
}

describe('a run in a terminal', () => {
  it('shows its steps as a tree, by what stands within what', () => {
    const steps = [step('0', { id: 'score' }), step('3', { kind: 'forEach' }), step('3.17'), step('3.17.0'), step('5.then.0')];
    assert.deepEqual(
      stepRows(steps).map((row) => row['step']),
      // A branch has no step of its own around it when the `if` was not journalled.
      ['0 score', '3', '  3.17', '    3.17.0', '5.then.0'],
    );
  });

  it('says until when a step sleeps, and cuts long results', () => {
    const [sleeping, long, none] = stepRows([
      step('0', { state: 'sleeping', until: AT }),
      step('1', { output: 'x'.repeat(200) }),
      step('2', { state: 'needs_review' }),
    ]);
    assert.equal(sleeping?.['result'], 'until 2026-11-22 08:00:00 UTC');
    assert.equal(String(long?.['result']).length, 80);
    assert.deepEqual([none?.['result'], none?.['state']], ['', 'needs review']);
  });

  it('says what became of it, where it comes from, and what to do', () => {
    assert.equal(
      runText(run({ environment: 'staging', state: 'stopped', reason: 'has ordered' })),
      'welcome version 3 in staging: stopped: has ordered',
    );
    assert.equal(runText(run({ error: { code: 'X' } })), 'welcome version 3: succeeded {"code":"X"}');
    assert.deepEqual(originText(run({ parentId: 'a', broadcastId: 'b', replayOf: 'c' })), [
      'Called by run a.',
      'Part of broadcast b.',
      'Does run c again.',
    ]);
    assert.match(remedyText(run({ state: 'needs_review' })) ?? '', /runs resolve r1/);
    assert.match(remedyText(run({ state: 'blocked' })) ?? '', /connections list/);
    assert.match(remedyText(run({ state: 'needs_approval', steps: [step('2', { state: 'needs_approval' })] })) ?? '', /approve r1\/2`/);
    assert.equal(remedyText(run({})), undefined);
  });
});
