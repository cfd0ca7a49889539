// Prints as mocha's `dot`, lists what was skipped, and leaves the counts for tools/test.mjs.
import { createRequire } from 'node:module';
import { appendFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const { reporters } = require('mocha');

export default class SummaryReporter extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on('pending', (test) => skipped.push(test.fullTitle()));
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      for (const title of skipped) process.stdout.write(`  skipped: ${title}\n`);
      appendFileSync(process.env.TENDRIL_TEST_COUNTS, `${JSON.stringify({ passes, failures, pending })}\n`);
    });
  }
}
