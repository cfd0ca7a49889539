import assert from 'node:assert/strict';
import { FAULT_POINTS } from '@tendril/stores';
import { RUN_FAULT_POINTS } from '@tendril/engine';
import { runKills } from './kill-run.ts';

// The long form: node --conditions=tendril-source test/faults/kill.ts --times 200
describe('a hub that is killed with kill -9', function () {
  this.timeout(400_000);

  it('loses no acknowledged event, does nothing twice, and ends every run', async () => {
    const report = await runKills({ times: 16, points: [...FAULT_POINTS, ...RUN_FAULT_POINTS], seed: 7, tearsWal: true });
    assert.deepEqual(report.lost, []);
    assert.deepEqual(report.doubled, []);
    assert.equal(report.withoutRun, 0);
    assert.ok(report.acknowledged > 0);
    assert.deepEqual(Object.keys(report.runs), ['succeeded']);
    for (const [service, { doubled }] of Object.entries(report.effects)) assert.equal(doubled, 0, service);
  });
});
