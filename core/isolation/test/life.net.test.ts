import assert from 'node:assert/strict';
import type { Json } from '@tendril/plugin-api';
import { createIsolation, isolationTier } from '../src/index.ts';
import type { IsolationOptions } from '../src/index.ts';
import { residentBytes } from '../src/host/resident-memory.ts';
import { fixtureSource, startHarness } from './harness.ts';
import type { Harness } from './harness.ts';

describe("the life of a plugin's process", function () {
  this.timeout(30_000);
  let harness: Harness | undefined;
  let printed = '';
  afterEach(async () => {
    await harness?.stop();
    harness = undefined;
  });

  async function start(id: string, isolation: IsolationOptions = {}): Promise<(input?: object, about?: object) => Promise<Json>> {
    printed = '';
    const made = await startHarness({
      place: 'child',
      sources: [fixtureSource(id)],
      isolation: { onPrint: (_plugin, _tenant, text) => void (printed += text), ...isolation },
    });
    harness = made;
    return async (input = {}, about = {}) =>
      (await made.run(id, (runner, call) => runner.action('go')?.(input as never, call) as Promise<Json>, about)).output;
  }
  const kinds = () => harness?.incidents.map(({ kind }) => kind);
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('begins with the first call, and refuses a plugin that implements something else', async () => {
    const go = await start('mismatch');
    assert.deepEqual(harness?.host.catalogue.faults(), []);
    await assert.rejects(go(), (error: { code: string; details: object }) => {
      assert.equal(error.code, 'PLUGIN_IMPLEMENTATION_MISMATCH');
      assert.deepEqual(error.details, {
        plugin: 'mismatch',
        handler: 'action go',
        missing: ['action go'],
        surplus: ['action other'],
        isWithoutEffect: true,
      });
      return true;
    });
    assert.deepEqual(kinds(), []);
  });

  it('is not started again and again while it cannot be', async () => {
    const go = await start('broken', { onPrint: () => undefined });
    const startedAt = performance.now();
    const results = await Promise.allSettled(Array.from({ length: 500 }, () => go()));
    for (let i = 0; i < 500; i += 1) results.push(...(await Promise.allSettled([go()])));
    const codes = results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : ''));
    assert.deepEqual([...new Set(codes)], ['PLUGIN_FAULTY']);
    assert.ok(performance.now() - startedAt < 10_000);
  });

  it('tells when the entry module fails, without what it says', async () => {
    const go = await start('broken');
    await assert.rejects(go(), (error: { code: string; details: object }) => {
      assert.equal(error.code, 'PLUGIN_FAULTY');
      assert.doesNotMatch(JSON.stringify(error), /secret/);
      return true;
    });
  });

  it('is given up when it does not get ready', async () => {
    const go = await start('endless', { startLimitMs: 400 });
    await assert.rejects(go(), { code: 'PLUGIN_CRASHED' });
    assert.deepEqual(kinds(), ['hung']);
  });

  it('ends when nobody needs it, with its stop hooks, and begins anew', async () => {
    const go = await start('stopping', { idleMs: 50 });
    assert.equal(await go(), 1);
    await until(() => printed.includes('stopped by its hook'));
    assert.equal(await go(), 1);
    assert.deepEqual(kinds(), []);
  });

  it('runs its stop hooks when the hub stops', async () => {
    const go = await start('stopping');
    await go();
    await harness?.stop();
    harness = undefined;
    assert.match(printed, /stopped by its hook/);
  });

  it('works on so many calls at once, and lets so many wait', async () => {
    const go = await start('stopping', { mostCalls: 4, mostWaiting: 30 });
    const most = await Promise.all(Array.from({ length: 20 }, () => go({ waitMs: 5 })));
    assert.equal(Math.max(...most.map(Number)), 4);
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => go({ waitMs: 5 })));
    const refused = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as { code: string; details: { isWithoutEffect?: boolean } }] : [],
    );
    assert.deepEqual([...new Set(refused.map(({ code }) => code))], ['OVERLOADED']);
    assert.equal(refused.length, 6);
    // Nothing was begun: what may not be repeated may be tried again all the same.
    assert.deepEqual([...new Set(refused.map(({ details }) => details.isWithoutEffect))], [true]);
  });

  it('hands nothing to a process that is being ended', async () => {
    let next: Promise<Json> | undefined;
    const go = await start('stopping', {
      printLimitBytes: 100,
      // It is ended right after this; that it has ended is not known before some time.
      onPrint: () => queueMicrotask(() => void (next ??= go())),
    });
    await assert.rejects(go({ print: 'x'.repeat(200), waitMs: 5_000 }), { code: 'PLUGIN_CRASHED' });
    assert.equal(await next, 1);
    assert.deepEqual(kinds(), ['flooded']);
  });

  it('is not begun any more once the hub has stopped', async () => {
    const go = await start('stopping');
    await go();
    await harness?.stop();
    await assert.rejects(go(), (error: { code: string; details: { isWithoutEffect?: boolean } }) => {
      assert.equal(error.details.isWithoutEffect, true);
      return error.code === 'HUB_STOPPING';
    });
    harness = undefined;
  });

  it('no longer waits for a call that was given up', async () => {
    const go = await start('stopping', { mostCalls: 1 });
    const first = go({ waitMs: 300 });
    await assert.rejects(go({}, { timeoutMs: 50 }), { code: 'ACTION_TIMEOUT' });
    assert.equal(await first, 1);
    assert.equal(await go(), 1);
  });

  it('fails every call that is open when it ends, and says what may be tried again', async () => {
    const go = await start('stopping');
    await go();
    const open = Promise.allSettled([go({ waitMs: 5_000 }), go({ waitMs: 5_000 })]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await harness?.stop();
    harness = undefined;
    for (const result of await open)
      assert.equal(result.status === 'rejected' && (result.reason as { code: string }).code, 'PLUGIN_CRASHED');
  });

  it('needs to know where the code is', async () => {
    const { location: _, ...source } = fixtureSource('stopping');
    harness = await startHarness({ place: 'child', sources: [source] });
    await assert.rejects(
      harness.run('stopping', (runner, call) => runner.action('go')?.({}, call)),
      { code: 'CONFIG_INVALID' },
    );
  });

  it('takes no entry from outside of its folder', async () => {
    const source = fixtureSource('stopping');
    const entry = fixtureSource('broken').location?.entry ?? '';
    harness = await startHarness({ place: 'child', sources: [{ ...source, location: { folder: source.location?.folder ?? '', entry } }] });
    await assert.rejects(
      harness.run('stopping', (runner, call) => runner.action('go')?.({}, call)),
      { code: 'CONFIG_INVALID' },
    );
  });

  it('tells when what is run in place of Node is not there', async () => {
    const go = await start('stopping', { command: ['/nowhere/at-all', '{folder}'] });
    await assert.rejects(go(), { code: 'PLUGIN_CRASHED' });
    assert.deepEqual(kinds(), ['crashed']);
  });
});

describe('the tier of isolation', () => {
  it('is full on a Node that keeps plugins from the network', () => {
    assert.equal(isolationTier('24.9.0'), 'open_network');
    assert.equal(isolationTier('25.0.0'), 'full');
    assert.equal(isolationTier(process.versions.node), 'full');
  });

  it('is refused in a folder with a star in its path, which Node takes for all beside it, too', async () => {
    const { commandOf } = await import('../src/host/command.ts');
    const { toLimits } = await import('../src/host/options.ts');
    const code = { bootstrap: '/b.js', pluginApi: '/a.js', folders: [], dispose: () => undefined };
    for (const folder of ['/srv/*', '/srv/*x/plugin'])
      assert.throws(() => commandOf({ plugin: 'p', tenantId: 't', folder }, code, toLimits({})), { code: 'CONFIG_INVALID' });
  });

  it('is refused where it is weaker, unless that is accepted', async () => {
    const { commandOf } = await import('../src/host/command.ts');
    const { toLimits } = await import('../src/host/options.ts');
    const owner = { plugin: 'p', tenantId: 't', folder: '/plugin' };
    const code = { bootstrap: '/b.js', pluginApi: '/a.js', folders: [], dispose: () => undefined };
    assert.throws(() => commandOf(owner, code, toLimits({}), '24.9.0'), { code: 'CONFIG_INVALID' });
    assert.equal(commandOf(owner, code, toLimits({ isOpenNetworkAccepted: true }), '24.9.0').isNode, true);
    assert.deepEqual(commandOf(owner, code, toLimits({ command: ['run', '{folder}', '{plugin}/{tenant}'] }), '24.9.0'), {
      file: 'run',
      words: ['/plugin', 'p/t'],
      isNode: false,
    });
  });
});

describe('resident memory', () => {
  it('is that of a process, as long as there is one', async () => {
    const bytes = await residentBytes(process.pid);
    assert.ok(bytes !== undefined && bytes > 20 * 1024 * 1024);
    assert.equal(await residentBytes(0x7fff_fffe), undefined);
  });
});

describe('isolation that nobody used', () => {
  it('closes', async () => {
    await createIsolation().close();
  });
});
