import { testCounters } from './test-counters.ts';
import { testGateHistories } from './test-gate-histories.ts';
import { testGates } from './test-gates.ts';
import { testJobDeaths } from './test-job-deaths.ts';
import { testJobs } from './test-jobs.ts';
import { testLog } from './test-log.ts';
import { testOutbox } from './test-outbox.ts';
import { testChangesets } from './test-changesets.ts';
import { testQueries } from './test-queries.ts';
import { testSecrecy } from './test-secrecy.ts';
import type { OpenStores } from './stores-fixture.ts';

/**
 * The contract of log, state and queue as a mocha suite, run by every implementation. `open` gives fresh, empty stores
 * on the given clock each time.
 */
export function testStores(name: string, open: OpenStores): void {
  describe(`stores: ${name}`, () => {
    testLog(open);
    testChangesets(open);
    testQueries(open);
    testCounters(open);
    testJobs(open);
    testJobDeaths(open);
    testGates(open);
    testGateHistories(open);
    testOutbox(open);
    testSecrecy(open);
  });
}
