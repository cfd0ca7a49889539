import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPlugin } from 'create-tendril-plugin';
import { readAuthorFolder } from '../../../src/authoring/author-folder.ts';
import { oneAtATime } from '../../../src/authoring/dev/one-at-a-time.ts';
import { sampleCalls, sampleEvents } from '../../../src/authoring/dev/samples.ts';
import { isIgnored, watchFolder } from '../../../src/authoring/dev/watch-folder.ts';

describe('watchFolder', function () {
  this.timeout(30_000);

  it('tells changes that come together once, and nothing of what tools write', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tendril-watch-'));
    mkdirSync(join(folder, 'src'));
    const stop = new AbortController();
    try {
      const changed = new Promise<readonly string[]>((resolve) => watchFolder(folder, stop.signal, resolve));
      for (const name of ['src/.index.ts.swp', 'a.tgz', 'src/one.ts', 'plugin.json', 'src/one.ts~']) writeFileSync(join(folder, name), 'x');
      const paths = await changed;
      assert.ok(paths.length > 0);
      assert.deepEqual(
        paths.filter((path) => !['plugin.json', 'src/one.ts'].includes(path)),
        [],
      );
    } finally {
      stop.abort();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const [path, expected] of [
    ['src/index.ts', false],
    ['plugin.json', false],
    ['schema/a.schema.json', false],
    ['src/gen/manifest.gen.ts', true],
    ['node_modules/x/index.js', true],
    ['dist/index.js', true],
    ['.git/index', true],
    ['src/.#index.ts', true],
    ['src/distance.ts', false],
  ] as const) {
    it(`${expected ? 'ignores' : 'sees'} ${path}`, () => {
      assert.equal(isIgnored(path), expected);
    });
  }
});

describe('oneAtATime', () => {
  it('runs once more for all that asked while it ran', async () => {
    const open: (() => void)[] = [];
    let runs = 0;
    const run = oneAtATime(() => {
      runs += 1;
      return new Promise<void>((resolve) => open.push(resolve));
    });
    const all = [run(), run(), run()];
    assert.equal(runs, 1);
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(runs, 2);
    open.shift()?.();
    await Promise.all(all);
    assert.equal(runs, 2);
  });

  it('can be asked again after a failure', async () => {
    let runs = 0;
    const run = oneAtATime(async () => {
      runs += 1;
      if (runs === 1) throw new Error('first');
    });
    await assert.rejects(run(), /first/);
    await run();
    assert.equal(runs, 2);
  });
});

describe('samples', () => {
  const root = mkdtempSync(join(tmpdir(), 'tendril-samples-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('are the examples of actions, and events with those of their schemas', async () => {
    const { dir } = await createPlugin({ kind: 'action', id: 'acme_names', dir: join(root, 'one') });
    assert.deepEqual(
      sampleCalls(readAuthorFolder(dir)).map(({ action, isRead }) => [action, isRead]),
      [
        ['acme_names.split_name', true],
        ['acme_names.split_name', true],
      ],
    );
    const manifest = {
      id: 'acme_names',
      contributes: {
        events: { 'Order Completed': { properties: { $ref: './order.json' } }, Bare: { properties: {} } },
        consumers: { totals: { events: ['Order Completed', 'Signup', 'X*', '*'] } },
      },
    };
    writeFileSync(join(dir, 'plugin.json'), JSON.stringify(manifest));
    writeFileSync(join(dir, 'order.json'), '{"examples":[{"total":7}]}');
    assert.deepEqual(sampleEvents(readAuthorFolder(dir)), [
      { name: 'Order Completed', properties: { total: 7 } },
      { name: 'Bare', properties: {} },
      { name: 'Signup', properties: {} },
    ]);
  });
});
