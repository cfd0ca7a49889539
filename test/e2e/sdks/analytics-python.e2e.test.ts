import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ALL_KINDS, startHub, kindsOf } from './hub-under-test.ts';
import type { HubUnderTest } from './hub-under-test.ts';

const run = promisify(execFile);
const LIBRARY = 'segment-analytics-python==2.4.0';

const EVERY_CALL = `
import sys
from datetime import datetime, timezone
from segment.analytics.client import Client

failures = []
client = Client(sys.argv[1], host=sys.argv[2], gzip=sys.argv[3] == 'gzip', on_error=lambda error, items: failures.append(error))
client.identify('u-1', {'email': 'ada@example.invalid'})
client.track('u-1', 'Order Completed', {'total': 12.5}, timestamp=datetime.now(timezone.utc))
client.page('u-1', 'Shop', 'Home')
client.screen('u-1', 'Shop', 'Start')
client.group('u-1', 'g-1')
client.alias('a-1', 'u-1')
client.shutdown()
sys.exit(1 if failures else 0)
`;

describe("Segment's library for Python, with the host changed", function () {
  this.timeout(180_000);
  let folder: string | undefined;
  let python: string;
  let hub: HubUnderTest;

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'segment-python-'));
    python = join(folder, 'bin', 'python');
    try {
      await run('python3', ['-m', 'venv', folder]);
      await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', LIBRARY]);
    } catch (failure) {
      process.emitWarning(
        `skipped: python3 with venv and pip could not install ${LIBRARY}: ${failure instanceof Error ? (failure.message.split('\n')[0] ?? '') : ''}`,
      );
      this.skip();
    }
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => void (hub = await startHub()));
  afterEach(() => hub.close());

  for (const packing of ['plain', 'gzip']) {
    it(`delivers every kind of call, ${packing}`, async () => {
      await run(python, ['-c', EVERY_CALL, hub.writeKey, hub.url, packing]);
      assert.deepEqual(kindsOf(await hub.events()), ALL_KINDS);
      const track = (await hub.events()).find(({ kind }) => kind === 'track');
      assert.deepEqual([track?.name, track?.properties], ['Order Completed', { total: 12.5 }]);
    });
  }
});
