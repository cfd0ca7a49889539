import assert from 'node:assert/strict';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import knex from 'knex';
import { ManualClock, missingMariadb, startMariadb, testStores } from '@tendril/testkit/stores';
import type { Mariadb } from '@tendril/testkit/stores';
import { BACKUP_FILES, backupStores, restoreStores } from '../../src/backup.ts';
import { initial } from '../../src/migrations/0001-initial.ts';
import { MYSQL } from '../../src/migrations/dialect.ts';
import { createMysqlStores } from '../../src/mysql/create-mysql-stores.ts';
import { closeStores, inFolder } from '../folder.ts';
import { eventOf, hasCode, keys, LEADS } from '../support.ts';

describe('MySQL stores on a real MariaDB', function () {
  this.timeout(120_000);
  let server: Mariadb | undefined;
  let databases = 0;

  before(async function () {
    const missing = await missingMariadb();
    if (missing !== undefined) {
      process.stderr.write(`skipped: ${missing}\n`);
      this.skip();
    }
    server = await startMariadb();
  });

  after(async () => {
    await server?.stop();
  });

  async function freshUrl(): Promise<string> {
    assert.ok(server);
    databases += 1;
    const name = `tendril_${String(databases)}`;
    const admin = knex({ client: 'mysql2', connection: server.url });
    await admin.raw(`CREATE DATABASE ${name}`);
    await admin.destroy();
    return server.url.replace(/tendril$/, name);
  }

  async function allBytes(url: string): Promise<Buffer> {
    const database = knex({ client: 'mysql2', connection: url });
    const [tables = []] = await database.raw<[Record<string, string>[]?]>('SHOW TABLES');
    const parts: string[] = [];
    for (const table of tables.flatMap((row) => Object.values(row))) {
      const rows = await database.select<Record<string, unknown>[]>('*').from(table);
      parts.push(
        ...rows.flatMap((row) => Object.values(row).map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))),
      );
    }
    await database.destroy();
    return Buffer.from(parts.join('\n'), 'latin1');
  }

  testStores('MariaDB', async (clock) => {
    const url = await freshUrl();
    let stores = await createMysqlStores({ url, clock });
    return {
      stores,
      reopen: async () => {
        await closeStores(stores);
        stores = await createMysqlStores({ url, clock });
        return stores;
      },
      close: () => closeStores(stores),
      rawBytes: () => allBytes(url),
    };
  });

  it('says that it is away when the server is, and goes on when it is back', async () => {
    assert.ok(server);
    const stores = await createMysqlStores({ url: await freshUrl() });
    const log = stores.log.tenant(keys);
    const state = stores.state.tenant(keys);
    await stores.state.defineTables([LEADS]);
    await log.append([eventOf('before')]);
    await state.commit([{ op: 'put', table: LEADS, value: { id: 'before' } }]);
    await server.kill();
    await assert.rejects(log.append([eventOf('during')]), hasCode('STORE_UNAVAILABLE'));
    await assert.rejects(log.read(0, 1), hasCode('STORE_UNAVAILABLE'));
    await assert.rejects(state.commit([{ op: 'put', table: LEADS, value: { id: 'during' } }]), hasCode('STORE_UNAVAILABLE'));
    await assert.rejects(stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1 }), hasCode('STORE_UNAVAILABLE'));
    await assert.rejects(createMysqlStores({ url: server.url }), hasCode('STORE_UNAVAILABLE'));
    await server.start();
    assert.deepEqual(await log.append([eventOf('before'), eventOf('during')]), [
      { position: 1, isDuplicate: true },
      { position: 2, isDuplicate: false },
    ]);
    assert.deepEqual(await state.commit([{ op: 'put', table: LEADS, value: { id: 'during' }, expect: 0 }]), { ok: true });
    assert.deepEqual(
      (await state.get(LEADS, ['before', 'during'])).map((row) => row?.version),
      [1, 1],
    );
    assert.deepEqual(stores.log.status(), { waitingEvents: 0, waitingBytes: 0 });
    await closeStores(stores);
  });

  it('lets two processes write at once: no position twice, no message twice, no version lost', async () => {
    const url = await freshUrl();
    const processes = await Promise.all([createMysqlStores({ url }), createMysqlStores({ url })]);
    for (const stores of processes) await stores.state.defineTables([LEADS]);
    const appended = await Promise.all(
      processes.flatMap((stores, p) =>
        Array.from({ length: 20 }, (_, i) =>
          stores.log.tenant(keys).append([eventOf(`${String(p)}-${String(i)}`), eventOf(`shared-${String(i)}`)]),
        ),
      ),
    );
    const fresh = appended.flat().filter(({ isDuplicate }) => !isDuplicate);
    assert.deepEqual(
      fresh.map(({ position }) => position).toSorted((a, b) => a - b),
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    const commits = await Promise.all(
      processes.flatMap((stores) =>
        Array.from({ length: 20 }, (_, i) =>
          stores.state.tenant(keys).commit([
            { op: 'put', table: LEADS, value: { id: `l${String(i)}`, email: `e${String(i)}@example.invalid` }, expect: 0 },
            { op: 'count', counter: 'n', by: 1 },
            { op: 'job', job: { id: `j${String(i)}`, kind: 'run', priority: 5, dueAt: 0 } },
          ]),
        ),
      ),
    );
    assert.equal(commits.filter((result) => result.ok).length, 20);
    const [one] = processes;
    assert.ok(one);
    assert.deepEqual(await one.state.tenant(keys).counters(['n']), [20]);
    const claims = (
      await Promise.all(processes.flatMap((stores) => [1, 2, 3].map(() => stores.state.jobs.claimDue('w', { limit: 5, leaseMs: 60_000 }))))
    ).flat();
    assert.equal(new Set(claims.map(({ id }) => id)).size, claims.length);
    assert.equal(new Set(claims.map(({ fence }) => fence)).size, claims.length);
    await Promise.all(processes.map(closeStores));
  });

  it('fails alone what the server cannot take, and not what shares its transaction', async () => {
    const stores = await createMysqlStores({ url: await freshUrl() });
    const state = stores.state.tenant(keys);
    await stores.state.defineTables([LEADS]);
    await state.commit([{ op: 'job', job: { id: 'j', kind: 'run', priority: 5, dueAt: 0 } }]);
    const [claim] = await stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 60_000 });
    const commits = await Promise.allSettled([
      state.commit([{ op: 'put', table: LEADS, value: { id: 'before' } }]),
      state.commit([{ op: 'reschedule', jobId: 'j', fence: claim?.fence ?? 0, dueAt: 1e300, attempts: 0 }]),
      state.commit([{ op: 'put', table: LEADS, value: { id: 'behind' } }]),
    ]);
    assert.deepEqual(
      commits.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const log = stores.log.tenant(keys);
    const appends = await Promise.allSettled([
      log.append([eventOf('before')]),
      log.append([eventOf('x'.repeat(1_000))]),
      log.append([{ ...eventOf('named'), name: 'x'.repeat(1_000) }]),
      log.append([eventOf('behind')]),
    ]);
    assert.deepEqual(
      appends.map((result) => (result.status === 'fulfilled' ? result.value[0]?.position : hasCode('INPUT_INVALID')(result.reason))),
      [1, true, true, 2],
    );
    await closeStores(stores);
  });

  it('finds events by a name that was first given in a transaction that had to be repeated', async () => {
    const url = await freshUrl();
    const stores = await createMysqlStores({ url });
    const log = stores.log.tenant(keys);
    await log.append([eventOf('first')]);
    const admin = knex({ client: 'mysql2', connection: url });
    // The first attempt gives the name its number, then falls victim to what the server says of deadlocks.
    await admin.raw('CREATE TABLE once (n INT) ENGINE = MyISAM');
    await admin.raw(`CREATE TRIGGER victim BEFORE INSERT ON events FOR EACH ROW BEGIN
      IF (SELECT COUNT(*) FROM once) = 0 THEN
        INSERT INTO once VALUES (1);
        SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found';
      END IF; END`);
    await log.append([{ ...eventOf('second'), name: 'Never Seen' }]);
    assert.deepEqual(
      (await log.readLatest(5, undefined, 'Never Seen')).map(({ position }) => position),
      [2],
    );
    await admin.destroy();
    await closeStores(stores);
  });

  it(
    'backs up into sealed rows that a fresh database takes back',
    inFolder(async (folder) => {
      const url = await freshUrl();
      const stores = await createMysqlStores({ url });
      await stores.state.defineTables([LEADS]);
      const events = Array.from({ length: 450 }, (_, i) => eventOf(`e${String(i)}`, 200));
      await stores.log.tenant(keys).append([...events, { ...eventOf('hidden'), payload: '{"name":"hidden-marker"}' }]);
      await stores.state.tenant(keys).commit([
        { op: 'put', table: LEADS, value: { id: 'l1', email: 'a@example.invalid', score: -1.5 } },
        { op: 'job', job: { id: 'j', kind: 'run', priority: 5, dueAt: 0, payload: { n: 1 } } },
        { op: 'emit', event: eventOf('out') },
      ]);
      await backupStores(stores, join(folder, 'backup'));
      await closeStores(stores);
      for (const file of Object.values(BACKUP_FILES)) {
        const bytes = await readFile(join(folder, 'backup', file));
        assert.ok(!bytes.includes('hidden-marker') && !bytes.includes('example.invalid'));
      }
      const fresh = await freshUrl();
      await restoreStores(join(folder, 'backup'), { folder, databaseUrl: fresh });
      const restored = await createMysqlStores({ url: fresh });
      await restored.state.defineTables([LEADS]);
      assert.deepEqual(
        (await restored.log.tenant(keys).read(449, 10)).map(({ payload }) => payload),
        [events[449]?.payload, '{"name":"hidden-marker"}'],
      );
      assert.deepEqual(await restored.log.tenant(keys).append([eventOf('e7')]), [{ position: 8, isDuplicate: true }]);
      assert.deepEqual(
        (await restored.state.tenant(keys).query(LEADS, { index: 'byScore', to: 0 })).items.map((row) => row.key),
        ['l1'],
      );
      assert.deepEqual(
        (await restored.state.outbox.take(5)).map(({ event }) => event),
        [eventOf('out')],
      );
      assert.deepEqual(
        (await restored.state.jobs.claimDue('w', { limit: 1, leaseMs: 1 })).map(({ payload }) => payload),
        [{ n: 1 }],
      );
      await closeStores(restored);
      await assert.rejects(restoreStores(join(folder, 'backup'), { folder, databaseUrl: fresh }), hasCode('ALREADY_EXISTS'));
      await truncate(join(folder, 'backup', BACKUP_FILES.log), 5_000);
      const other = await freshUrl();
      await assert.rejects(restoreStores(join(folder, 'backup'), { folder, databaseUrl: other }), hasCode('INPUT_INVALID'));
      await assert.rejects(restoreStores(join(folder, 'backup'), { folder }), hasCode('INPUT_INVALID'));
    }),
  );

  it('takes up a migration that a process left half done', async () => {
    const url = await freshUrl();
    const database = knex({ client: 'mysql2', connection: url });
    for (const statement of initial.state(MYSQL).slice(0, 4)) await database.raw(statement);
    await database.destroy();
    const stores = await createMysqlStores({ url });
    assert.deepEqual(await stores.state.tenant(keys).commit([{ op: 'count', counter: 'c', by: 1 }]), { ok: true });
    await closeStores(stores);
  });

  it("gives leases by the server's clock, which all processes share", async () => {
    const realNow = Date.now;
    const stores = await createMysqlStores({ url: await freshUrl() });
    try {
      // A machine whose clock is an hour ahead.
      Date.now = () => realNow() + 3_600_000;
      await stores.state.tenant(keys).commit([
        { op: 'job', job: { id: 'j', kind: 'run', priority: 5, dueAt: realNow() - 1_000 } },
        { op: 'job', job: { id: 'later', kind: 'run', priority: 5, dueAt: realNow() + 1_800_000 } },
      ]);
      const claims = await stores.state.jobs.claimDue('w', { limit: 5, leaseMs: 60_000 });
      assert.deepEqual(
        claims.map(({ id }) => id),
        ['j'],
      );
      assert.ok((claims[0]?.leaseUntil ?? Infinity) < realNow() + 600_000);
    } finally {
      Date.now = realNow;
      await closeStores(stores);
    }
  });

  it("keeps a clock that it was given apart from the server's", async () => {
    const clock = new ManualClock();
    const stores = await createMysqlStores({ url: await freshUrl(), clock });
    await stores.state.tenant(keys).commit([{ op: 'job', job: { id: 'j', kind: 'run', priority: 5, dueAt: clock.now() + 1 } }]);
    assert.deepEqual(await stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1_000 }), []);
    clock.advance(1);
    assert.equal((await stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1_000 })).length, 1);
    await closeStores(stores);
  });
});
