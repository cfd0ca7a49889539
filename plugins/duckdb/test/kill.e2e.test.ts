import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fakeCall } from '@tendril/testkit';
import { DuckDbDriver } from '../src/driver.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/append-forever.ts', import.meta.url));
const BATCH = 400;

/** Kills the appending process so long after it has begun its n-th batch. @returns how far it said that it was */
async function appendAndKill(folder: string, batches: number, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--conditions=tendril-source', '--no-warnings', PROGRAM, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let begun = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const now = text.split('begin').length - 1;
    if (begun < batches && now >= batches) setTimeout(() => child.kill('SIGKILL'), afterMs);
    begun = now;
  });
  await new Promise((resolve) => child.on('exit', resolve));
  return Math.max(0, ...[...text.matchAll(/done (\d+)/g)].map(([, through]) => Number(through)));
}

describe('a copy whose process is killed', function () {
  this.timeout(120_000);
  it('holds each batch wholly or not at all, and goes on from there, after kills in the middle of appends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tendril-duckdb-'));
    const call = fakeCall({ folder });
    try {
      for (const [round, afterMs] of [0, 2, 5, 9, 14, 20].entries()) {
        const told = await appendAndKill(folder, 2 + (round % 3), afterMs);
        const driver = new DuckDbDriver();
        const position = await driver.position(call);
        assert.ok(position >= told, `the copy stands at ${position}, and said that it had ${told}`);
        assert.equal(position % BATCH, 0);
        const [events, sum, distinct] = await Promise.all([
          driver.ask({ ask: 'count', events: {} }, call),
          driver.ask({ ask: 'number', events: {}, property: 'number', take: 'sum' }, call),
          driver.ask({ ask: 'uniques', events: {}, of: { property: 'number' } }, call),
        ]);
        assert.deepEqual(
          [events, sum, distinct].map(({ groups }) => groups[0]?.value ?? 0),
          [position, (position * (position + 1)) / 2, position],
        );
        await driver.stop();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
