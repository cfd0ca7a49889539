import assert from 'node:assert/strict';
import { runKills } from './kill-run.ts';

// The points at which a mistake would show as something lost or done twice; all of them are visited by the long form:
// node --conditions=tendril-source test/faults/kill.ts --times 200
const POINTS = [
  'ingest.after-append',
  'log.before-commit',
  'state.after-commit',
  'consumer.before-commit',
  'outbox.before-remove',
  'step.after-call',
  'step.after-intent',
  'step.before-journal',
  'trigger.before-changes',
  'run.before-suspend',
];
const LEASE_MS = 10_000;

describe('a hub that is killed with kill -9', function () {
  this.timeout(400_000);

  it('loses no acknowledged event, does nothing twice, and ends every run or asks a person', async () => {
    const report = await runKills({ times: 20, points: POINTS, seed: 7, tearsWal: true });
    const said = JSON.stringify(report, undefined, 2);
    assert.deepEqual(report.lost, [], said);
    assert.deepEqual(report.doubled, [], said);
    assert.equal(report.withoutRun, 0, said);
    assert.deepEqual(report.pathProblems, [], said);
    assert.deepEqual(report.customerProblems, [], said);
    assert.ok(report.acknowledged > 0, said);
    for (const state of Object.keys(report.runs)) assert.ok(['succeeded', 'needs_review', 'failed as planned'].includes(state), said);
    for (const action of Object.keys(report.inReview)) assert.equal(action, 'ledger.append', said);
    for (const [service, { doubled }] of Object.entries(report.effects)) assert.equal(doubled, 0, `${service} ${said}`);
    // Two leases, and what the work itself takes on a busy machine.
    assert.ok(report.settledMs <= 2 * LEASE_MS + 30_000, said);
  });
});
