import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULT_POINTS } from '../../src/fault-points.ts';
import type { Claim, Stores } from '@tendril/engine/ports';
import type { FaultPoint } from '../../src/fault-points.ts';
import { createSqliteStores } from '../../src/sqlite/create-sqlite-stores.ts';
import { closeStores, inFolder } from '../folder.ts';
import { GATES, keys, LEADS } from '../support.ts';

const WRITER = fileURLToPath(new URL('../fixtures/write-until-killed.ts', import.meta.url));
const CLAIMER = fileURLToPath(new URL('../fixtures/claim-until-killed.ts', import.meta.url));

/** Runs the program until it is killed. @returns the lines that it had printed: what was acknowledged */
async function runUntilKilled(program: string, folder: string, point: FaultPoint, after: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--conditions=tendril-source', '--no-warnings', program, folder, point, String(after)]);
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

/** Whoever is inside of a gate comes to an end, everybody else gets in, and nothing is left. */
async function drainGates(folder: string): Promise<void> {
  const hourLater = Date.now() + 3_600_000;
  const stores = await createSqliteStores({ folder, clock: { now: () => hourLater } });
  const acme = stores.state.tenant(keys);
  await acme.counters([]);
  for (let claims = await claimAll(stores); claims.length > 0; claims = await claimAll(stores)) {
    assert.ok(claims.length <= 3, 'two at one gate and one at the other');
    for (const { id: jobId, fence } of claims) assert.deepEqual(await acme.commit([{ op: 'finish', jobId, fence }]), { ok: true });
  }
  assert.deepEqual(await stores.state.jobs.counts(), []);
  assert.deepEqual(
    await stores.state.jobs.gates(keys.tenantId, GATES),
    GATES.map(() => ({ held: 0, waiting: 0 })),
  );
  await closeStores(stores);
}

function claimAll(stores: Stores): Promise<readonly Claim[]> {
  return stores.state.jobs.claimDue('last', { limit: 10, leaseMs: 60_000 });
}

describe('SQLite stores killed with SIGKILL', function () {
  this.timeout(120_000);

  for (const point of FAULT_POINTS) {
    it(
      `at ${point} lose nothing that was acknowledged and keep nothing by half`,
      inFolder(async (folder) => {
        const acknowledged: string[] = [];
        for (const after of [2, 9]) {
          acknowledged.push(...(await runUntilKilled(WRITER, folder, point, after)));
          await check(folder, acknowledged);
        }
        assert.ok(acknowledged.length > 0);
      }),
    );
  }

  for (const point of FAULT_POINTS.filter((candidate) => candidate.startsWith('state.'))) {
    it(
      `at ${point} leave nobody in a gate who does not come out of it`,
      inFolder(async (folder) => {
        for (const after of [6, 13, 40]) await runUntilKilled(CLAIMER, folder, point, after);
        await drainGates(folder);
      }),
    );
  }

  it(
    'read past a last frame of the write-ahead log that was torn',
    inFolder(async (folder) => {
      const acknowledged = await runUntilKilled(WRITER, folder, 'log.before-commit', 12);
      const wal = join(folder, 'log.db-wal');
      // Half a frame, as when the power fails while a transaction that nobody was told of is being written.
      await appendFile(wal, Buffer.alloc(2_500, 0xa5));
      await check(folder, acknowledged);
      assert.ok(acknowledged.length > 0);
    }),
  );
});
