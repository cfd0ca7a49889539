import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeCall } from '@tendril/testkit';
import { testAnalyticsDriver } from '@tendril/testkit/analytics';
import { DuckDbDriver } from '../src/driver.ts';

describe('the driver of analytics in DuckDB', function () {
  this.timeout(60_000);
  testAnalyticsDriver({
    open: async (timeZone) => {
      const folder = await mkdtemp(join(tmpdir(), 'tendril-duckdb-'));
      const driver = new DuckDbDriver();
      return {
        driver,
        call: fakeCall({ folder, tenant: { timeZone } }),
        close: async () => {
          await driver.stop();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  });
});
