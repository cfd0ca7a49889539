import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import type { CheckedPlugin } from '../../src/plugins/contract.ts';
import { compareLocks, lockPlugins } from '../../src/plugins/lock.ts';
import type { PluginLock } from '../../src/plugins/lock.ts';
import { createLockKeeper, LOCKS } from '../../src/plugins/lock-keeper.ts';
import type { LockKeeper } from '../../src/plugins/lock-keeper.ts';
import { createTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';

function plugin(id: string, more: { version?: string; manifest?: JsonObject; code?: string } = {}): CheckedPlugin {
  const { version = '1.0.0', manifest = { id }, code } = more;
  const source = { ...(code === undefined ? {} : { integrity: () => Promise.resolve(code) }) };
  return { id, version, manifest, source } as unknown as CheckedPlugin;
}

describe('the lock of plugins', () => {
  it('is the same for the same plugins, in whatever order', async () => {
    const one = await lockPlugins([plugin('a', { manifest: { id: 'a', title: 'A' } }), plugin('b')]);
    const other = await lockPlugins([plugin('b'), plugin('a', { manifest: { title: 'A', id: 'a' } })]);
    assert.deepEqual(one, other);
    assert.match(one.hash, /^[0-9a-f]{64}$/);
  });

  it('tells which plugins differ, and in what', async () => {
    const here = await lockPlugins([
      plugin('added'),
      plugin('same'),
      plugin('moved', { version: '2.0.0' }),
      plugin('edited', { code: 'x' }),
      plugin('declared', { manifest: { id: 'declared', title: 'New' } }),
    ]);
    const installation = await lockPlugins([
      plugin('gone'),
      plugin('same'),
      plugin('moved'),
      plugin('edited', { code: 'y' }),
      plugin('declared'),
    ]);
    assert.notEqual(here.hash, installation.hash);
    assert.deepEqual(compareLocks(here, installation), [
      { plugin: 'added', what: 'additional', here: '1.0.0' },
      { plugin: 'declared', what: 'manifest', here: '1.0.0', installation: '1.0.0' },
      { plugin: 'edited', what: 'code', here: '1.0.0', installation: '1.0.0' },
      { plugin: 'gone', what: 'missing', installation: '1.0.0' },
      { plugin: 'moved', what: 'version', here: '2.0.0', installation: '1.0.0' },
    ]);
    assert.deepEqual(compareLocks(here, here), []);
  });
});

describe('the keeper of the lock', () => {
  async function keeperOf(engine: TestEngine, lock: PluginLock): Promise<LockKeeper> {
    await engine.stores.state.defineTables([LOCKS]);
    const { time, keyring, log } = engine;
    return createLockKeeper({ hub: keyring.hub, lock: () => lock, clock: time, timers: time, log });
  }

  it('gives the installation the lock of its first process, and holds the others to it', async () => {
    const engine = await createTestEngine();
    const [one, other] = [await lockPlugins([plugin('a')]), await lockPlugins([plugin('a', { version: '2.0.0' })])];
    const first = await keeperOf(engine, one);
    await first.start(false);
    assert.equal(first.currentLock(), one.hash);
    const same = await keeperOf(engine, one);
    await same.start(false);
    const newer = await keeperOf(engine, other);
    await newer.start(false);
    assert.deepEqual([await first.isCurrent(), await same.isCurrent(), await newer.isCurrent()], [true, true, false]);
    assert.deepEqual(newer.differences(), [{ plugin: 'a', what: 'version', here: '2.0.0', installation: '1.0.0' }]);
    assert.ok(engine.log.lines.some(({ level, message }) => level === 'error' && message.includes('it takes no work until')));
  });

  it('replaces it when told, and then those with the old one stop within a second', async () => {
    const engine = await createTestEngine();
    const [one, other] = [await lockPlugins([plugin('a')]), await lockPlugins([plugin('a'), plugin('b')])];
    const old = await keeperOf(engine, one);
    await old.start(false);
    const newer = await keeperOf(engine, other);
    await newer.start(true);
    assert.equal(await newer.isCurrent(), true);
    await engine.time.advance(1_000);
    assert.equal(await old.isCurrent(), false);
    assert.deepEqual(old.differences(), [{ plugin: 'b', what: 'missing', installation: '1.0.0' }]);
    const back = await keeperOf(engine, one);
    await back.start(true);
    await engine.time.advance(1_000);
    assert.deepEqual([await old.isCurrent(), await newer.isCurrent()], [true, false]);
  });

  it('lets the last answer count while the store is away, and asks once for many', async () => {
    const engine = await createTestEngine();
    const keeper = await keeperOf(engine, await lockPlugins([plugin('a')]));
    await keeper.start(false);
    const { hub } = engine.keyring;
    const get = hub.get.bind(hub);
    let asked = 0;
    Object.assign(hub, {
      get: async (...options: Parameters<typeof get>) => {
        asked += 1;
        await get(...options);
        throw new Error('away');
      },
    });
    await engine.time.advance(1_000);
    assert.deepEqual(await Promise.all([keeper.isCurrent(), keeper.isCurrent()]), [true, true]);
    assert.equal(asked, 1);
  });

  it('is given by one of several that start at once', async () => {
    const engine = await createTestEngine();
    const locks = await Promise.all([1, 2, 3].map((n) => lockPlugins([plugin('a', { version: `${n}.0.0` })])));
    const keepers = await Promise.all(locks.map((lock) => keeperOf(engine, lock)));
    await Promise.all(keepers.map((keeper) => keeper.start(false)));
    const current = await Promise.all(keepers.map((keeper) => keeper.isCurrent()));
    assert.equal(current.filter((isCurrent) => isCurrent).length, 1);
  });
});
