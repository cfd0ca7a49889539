import assert from 'node:assert/strict';
import { createTenants } from '../../src/tenants/index.ts';
import { createKeyring } from '../../src/vault/index.ts';
import { createTestEngine } from '../support/engine.ts';

describe('tenants', () => {
  it('are made once, listed and opened, in another process too', async () => {
    const engine = await createTestEngine();
    const tenant = await engine.tenants.admin.create({ id: 'acme', name: 'Acme', timeZone: 'Europe/Berlin' });
    assert.deepEqual(tenant, { id: 'acme', name: 'Acme', timeZone: 'Europe/Berlin', createdAt: engine.time.now() });
    await assert.rejects(engine.tenants.admin.create({ id: 'acme', name: 'Again' }), { code: 'ALREADY_EXISTS' });
    const other = await createTestEngine(engine);
    assert.deepEqual(await other.tenants.admin.list(), [tenant]);
    assert.deepEqual(await other.tenants.ids(), ['acme']);
    assert.deepEqual((await other.tenants.open('acme')).keys, (await engine.tenants.open('acme')).keys);
    await assert.rejects(engine.tenants.open('nobody'), { code: 'NOT_FOUND' });
  });

  it('refuse names that would break something later', async () => {
    const { tenants } = await createTestEngine();
    for (const id of ['', '_hub', 'Acme', 'a b', '../x', 'x'.repeat(64)])
      await assert.rejects(tenants.admin.create({ id, name: 'x' }), { code: 'INPUT_INVALID' });
    await assert.rejects(tenants.admin.create({ id: 'x', name: ' ' }), { code: 'INPUT_INVALID' });
    await assert.rejects(tenants.admin.create({ id: 'x', name: 'x', timeZone: 'Mars/Base' }), { code: 'INPUT_INVALID' });
    assert.deepEqual(await tenants.ids(), []);
  });

  it('have keys of their own that only the master key opens', async () => {
    const engine = await createTestEngine();
    await engine.tenants.admin.create({ id: 'one', name: '1' });
    await engine.tenants.admin.create({ id: 'two', name: '2' });
    const [one, two] = [(await engine.tenants.open('one')).keys, (await engine.tenants.open('two')).keys];
    assert.equal(one.dataKeys[1]?.length, 32);
    assert.notDeepEqual(one.dataKeys, two.dataKeys);
    assert.notDeepEqual(one.indexKey, two.indexKey);
    assert.notDeepEqual(one.indexKey, one.dataKeys[1]);
    const wrong = createKeyring({ state: engine.stores.state, masterKey: new Uint8Array(32).fill(8), random: engine.random });
    const locked = createTenants({ stores: engine.stores, keyring: wrong, clock: engine.time });
    await assert.rejects(locked.open('one'), { code: 'VAULT_TAMPERED' });
    assert.throws(() => createKeyring({ state: engine.stores.state, masterKey: new Uint8Array(16), random: engine.random }), {
      code: 'VAULT_KEY_MISSING',
    });
  });

  it('keep opening what an older data key sealed after a new one has come', async () => {
    const engine = await createTestEngine();
    await engine.tenants.admin.create({ id: 'acme', name: 'Acme' });
    const before = await engine.tenants.open('acme');
    await before.log.append([
      { messageId: 'm1', kind: 'track', name: 'x', appId: 'a', occurredAt: 0, receivedAt: 0, payload: '{"old":true}' },
    ]);
    const rotated = await engine.keyring.rotate('acme');
    engine.tenants.forget('acme');
    const after = await engine.tenants.open('acme');
    assert.equal(rotated.currentKeyId, 2);
    assert.deepEqual(after.keys, rotated);
    await after.log.append([
      { messageId: 'm2', kind: 'track', name: 'x', appId: 'a', occurredAt: 0, receivedAt: 0, payload: '{"old":false}' },
    ]);
    assert.deepEqual(
      (await after.log.read(0, 10)).map(({ payload }) => payload),
      ['{"old":true}', '{"old":false}'],
    );
    assert.deepEqual(after.keys.indexKey, before.keys.indexKey);
  });
});
