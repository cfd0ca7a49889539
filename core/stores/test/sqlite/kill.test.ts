import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULT_POINTS } from '../../src/fault-points.ts';
import type { FaultPoint } from '../../src/fault-points.ts';
import { createSqliteStores } from '../../src/sqlite/create-sqlite-stores.ts';
import { closeStores, inFolder } from '../folder.ts';
import { keys, LEADS } from '../support.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/write-until-killed.ts', import.meta.url));

/** Runs the program until it is killed. @returns the lines that it had printed: what was acknowledged */
async function writeUntilKilled(folder: string, point: FaultPoint, after: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--conditions=tendril-source', '--no-warnings', PROGRAM, folder, point, String(after)]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  assert.equal(signal, 'SIGKILL', `${point} was passed`);
  return output.split('\n').slice(0, -1);
}

/** What was acknowledged is there, once, and nothing is there by half. */
async function check(folder: string, acknowledged: readonly string[]): Promise<void> {
  const stores = await createSqliteStores({ folder });
  await stores.state.defineTables([LEADS]);
  const log = stores.log.tenant(keys);
  const events = await log.read(0, 1_000_000);
  const ids = events.map(({ payload }) => (JSON.parse(payload) as { messageId: string }).messageId);
  assert.equal(new Set(ids).size, ids.length, 'no event twice');
  assert.deepEqual(
    events.map(({ position }) => position),
    events.map((_, i) => i + 1),
    'no gap',
  );
  assert.equal(await log.head(), events.length);
  assert.equal(ids.filter((id) => id.endsWith('-second')).length * 2, ids.length, 'no call by half');
  const state = stores.state.tenant(keys);
  const [rows = 0] = await state.counters(['rows']);
  assert.deepEqual(await state.aggregate(LEADS, { index: 'byEmail' }), [{ group: null, count: rows }]);
  const jobs = await stores.state.jobs.counts();
  assert.equal(jobs[0]?.count ?? 0, rows, 'rows, counter and jobs agree');
  for (const line of acknowledged) {
    const [kind, id = '', position = ''] = line.split(' ');
    if (kind === 'event') assert.equal(ids[Number(position) - 1], id);
    else assert.notEqual((await state.get(LEADS, [id]))[0], undefined, `${id} is there`);
  }
  await closeStores(stores);
}

describe('SQLite stores killed with SIGKILL', function () {
  this.timeout(120_000);

  for (const point of FAULT_POINTS) {
    it(
      `at ${point} lose nothing that was acknowledged and keep nothing by half`,
      inFolder(async (folder) => {
        const acknowledged: string[] = [];
        for (const after of [2, 9]) {
          acknowledged.push(...(await writeUntilKilled(folder, point, after)));
          await check(folder, acknowledged);
        }
        assert.ok(acknowledged.length > 0);
      }),
    );
  }

  it(
    'read past a last frame of the write-ahead log that was torn',
    inFolder(async (folder) => {
      const acknowledged = await writeUntilKilled(folder, 'log.before-commit', 12);
      const wal = join(folder, 'log.db-wal');
      // Half a frame, as when the power fails while a transaction that nobody was told of is being written.
      await appendFile(wal, Buffer.alloc(2_500, 0xa5));
      await check(folder, acknowledged);
      assert.ok(acknowledged.length > 0);
    }),
  );
});
