import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnalyticsBatch } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { analyticsEvent } from '@tendril/testkit/analytics';
import { ColumnarFile } from '../src/columnar-file.ts';
import { DuckDbDriver } from '../src/driver.ts';

function batchOf(
  after: number,
  count: number,
  properties: (position: number) => Record<string, number | string> = () => ({}),
): AnalyticsBatch {
  const events = Array.from({ length: count }, (_, i) =>
    analyticsEvent({ position: after + i + 1, properties: properties(after + i + 1) }),
  );
  return { after, through: after + count, events, links: [] };
}

/** One bit of each block behind the three headers; the checksum of the block tells. */
async function rot(path: string): Promise<void> {
  const bytes = await readFile(path);
  for (let at = 12_288 + 100; at < bytes.length; at += 262_144) bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe('the file of a columnar copy', function () {
  this.timeout(60_000);
  let folder: string;
  let driver: DuckDbDriver;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tendril-duckdb-'));
    driver = new DuckDbDriver();
  });
  afterEach(async () => {
    await driver.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const file = (): string => join(folder, 'events.duckdb');

  it('is there after the process ended in good order, readable by its owner only', async () => {
    await driver.append(batchOf(0, 10), fakeCall({ folder }));
    await driver.stop();
    assert.equal((await stat(file())).mode & 0o077, 0);
    assert.equal(await new DuckDbDriver().position(fakeCall({ folder })), 10);
  });

  it('reads no other file, whatever a question says', async () => {
    const other = join(folder, 'other.csv');
    await writeFile(other, 'secret\n1\n');
    const opened = await ColumnarFile.open(file(), { memoryMegabytes: 64, threads: 1 }, fakeCall({ folder }).log, 0);
    for (const sql of [`SELECT * FROM '${other}'`, `ATTACH '${join(folder, 'other.duckdb')}'`, 'SET enable_external_access = true'])
      await assert.rejects(
        opened.read((snapshot) => snapshot.rows(sql)),
        /Permission Error|Cannot change|read-only/i,
        sql,
      );
    await opened.close();
  });

  it('answers on after questions that were cancelled before they began', async () => {
    await driver.append(batchOf(0, 3), fakeCall({ folder }));
    const opened = driver.ask.bind(driver, { ask: 'count', events: {} } as const);
    for (let i = 0; i < 3; i += 1) await assert.rejects(opened(fakeCall({ folder, signal: AbortSignal.abort() })));
    assert.deepEqual((await driver.ask({ ask: 'count', events: {} }, fakeCall({ folder }))).groups[0]?.value, 3);
  });

  it('counts properties that it leaves out by name as far as a thousand, and the rest together', async () => {
    const many = (prefix: string) => (position: number) =>
      Object.fromEntries(Array.from({ length: 700 }, (_, n) => [`${prefix}${String(n)}`, position]));
    const call = fakeCall({ folder });
    await driver.append(batchOf(0, 1, many('a')), call);
    await driver.append(batchOf(1, 2, many('b')), call);
    await driver.append(batchOf(3, 1, many('c')), call);
    await driver.stop();
    const opened = await ColumnarFile.open(file(), { memoryMegabytes: 64, threads: 1 }, call.log, 0);
    const [row] = await opened.read((snapshot) =>
      snapshot.rows("SELECT count(*), sum(events), sum(events) FILTER (property = '') FROM left_out"),
    );
    await opened.close();
    // 300 of a, twice 700 of b and 700 of c have no column.
    assert.deepEqual(row?.map(Number), [1_001, 300 + 1_400 + 700, 700]);
  });

  for (const [what, spoil] of [
    ['holds something else', (path: string) => writeFile(path, 'this is no database '.repeat(1_000))],
    ['was cut', (path: string) => truncate(path, 20_000)],
    ['is empty of what it should hold', async (path: string) => writeFile(path, Buffer.alloc(40_960, 7))],
    ['has blocks that rotted', rot],
  ] as const) {
    it(`is set aside with a word to the operator when it ${what}, and begins empty`, async () => {
      await driver.append(
        batchOf(0, 5_000, (position) => ({ text: `text ${position}` })),
        fakeCall({ folder }),
      );
      await driver.stop();
      await spoil(file());
      const call = fakeCall({ folder });
      assert.equal(await driver.position(call), 0);
      assert.match(call.lines.at(-1)?.message ?? '', /set aside/);
      assert.ok((await readdir(folder)).some((name) => name.startsWith('events.duckdb.unreadable-')));
      await driver.append(batchOf(0, 3), call);
      assert.equal((await driver.ask({ ask: 'count', events: {} }, call)).groups[0]?.value, 3);
    });
  }

  it('has 400 columns of properties at most, counts the values of further ones, and answers about those that it has', async () => {
    const call = fakeCall({ folder });
    await driver.append(
      batchOf(0, 450, (position) => ({ [`property ${position}`]: position, common: 1 })),
      call,
    );
    const of = async (property: string): Promise<number | undefined> =>
      (await driver.ask({ ask: 'count', events: { where: [{ property, is: 'exists' }] } }, call)).groups[0]?.value;
    assert.deepEqual([await of('common'), await of('property 7'), await of('property 420')], [450, 1, 0]);
  });

  it('gives questions one moment while events are added, also when properties appear', async () => {
    const call = fakeCall({ folder });
    await driver.append(batchOf(0, 500), call);
    const appending = (async () => {
      for (let after = 500; after < 8_000; after += 500)
        await driver.append(
          batchOf(after, 500, () => ({ [`new ${after}`]: 1, last: after })),
          call,
        );
    })();
    for (let round = 0; round < 30; round += 1) {
      const { groups, position } = await driver.ask(
        { ask: 'count', events: { where: [{ property: 'last', is: 'not_equals', value: 1 }] } },
        call,
      );
      assert.equal(groups[0]?.value, position);
    }
    await appending;
  });

  it('of two tenants holds nothing of the other', async () => {
    const other = await mkdtemp(join(tmpdir(), 'tendril-duckdb-'));
    try {
      await driver.append(batchOf(0, 10), fakeCall({ folder }));
      const call = fakeCall({ folder: other });
      assert.equal(await driver.position(call), 0);
      assert.deepEqual((await driver.ask({ ask: 'names' }, call)).names, []);
    } finally {
      await driver.stop();
      await rm(other, { recursive: true, force: true });
    }
  });
});
