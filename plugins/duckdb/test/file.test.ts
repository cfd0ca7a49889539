import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnalyticsBatch } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { analyticsEvent } from '@tendril/testkit/analytics';
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

  for (const [what, spoil] of [
    ['holds something else', (path: string) => writeFile(path, 'this is no database '.repeat(1_000))],
    ['was cut', (path: string) => truncate(path, 20_000)],
    ['is empty of what it should hold', async (path: string) => writeFile(path, Buffer.alloc(40_960, 7))],
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
