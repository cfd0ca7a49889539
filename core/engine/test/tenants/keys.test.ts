import assert from 'node:assert/strict';
import { createAppService, createAuthenticator, createTenantKeyService } from '../../src/tenants/index.ts';
import type { Authenticator } from '../../src/tenants/index.ts';
import type { AppService, TenantKeyService } from '../../src/hub.ts';
import { createTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';

interface Room {
  readonly keys: TenantKeyService;
  readonly apps: AppService;
}

async function createRoom(engine: TestEngine, authenticator: Authenticator, tenantId: string): Promise<Room> {
  if ((await engine.tenants.admin.get(tenantId)) === undefined) await engine.tenants.admin.create({ id: tenantId, name: tenantId });
  const { state } = await engine.tenants.open(tenantId);
  const { time: clock, random, keyring } = engine;
  const keys = createTenantKeyService({
    tenantId,
    state,
    hub: keyring.hub,
    clock,
    random,
    onChanged: (hash) => {
      authenticator.forget(hash);
    },
  });
  return { keys, apps: createAppService(state, { clock, random }) };
}

function authenticatorOf(engine: TestEngine): Authenticator {
  return createAuthenticator({ tenants: engine.tenants, hub: engine.keyring.hub, clock: engine.time });
}

describe('keys', () => {
  it('tell whose they are and what they may do', async () => {
    const engine = await createTestEngine();
    const authenticator = authenticatorOf(engine);
    const { keys, apps } = await createRoom(engine, authenticator, 'acme');
    const live = await apps.create({ name: 'Shop', isTest: false, origins: ['https://shop.example'] });
    const test = await apps.create({ name: 'Shop, test', isTest: true });
    const write = await keys.create({ kind: 'write', appId: live.id });
    const testWrite = await keys.create({ kind: 'write', appId: test.id });
    const secret = await keys.create({ kind: 'secret', scopes: ['read', 'actions', 'read'] });
    assert.match(write.secret, /^tw_live_[0-9A-Za-z]{33}$/);
    assert.match(testWrite.secret, /^tw_test_[0-9A-Za-z]{33}$/);
    assert.match(secret.secret, /^ts_[0-9A-Za-z]{33}$/);
    assert.deepEqual(await authenticator.authenticate(write.secret), {
      tenantId: 'acme',
      kind: 'write',
      keyId: write.id,
      scopes: [],
      app: live,
    });
    assert.equal((await authenticator.authenticate(testWrite.secret)).app?.isTest, true);
    assert.deepEqual(await authenticator.authenticate(secret.secret), {
      tenantId: 'acme',
      kind: 'secret',
      keyId: secret.id,
      scopes: ['read', 'actions'],
    });
  });

  it('are revoked in another process too when its clock has been set back since it saw them', async () => {
    const engine = await createTestEngine();
    const [here, elsewhere] = [authenticatorOf(engine), authenticatorOf(engine)];
    const { keys } = await createRoom(engine, here, 'acme');
    const { id, secret } = await keys.create({ kind: 'secret', scopes: ['read'] });
    await elsewhere.authenticate(secret);
    await keys.revoke(id);
    engine.time.freeze(-3_600_000);
    await assert.rejects(elsewhere.authenticate(secret), { code: 'KEY_INVALID' });
  });

  it('are shown once: neither list nor store holds the secret', async () => {
    const engine = await createTestEngine();
    const authenticator = authenticatorOf(engine);
    const { keys } = await createRoom(engine, authenticator, 'acme');
    const { secret, ...shown } = await keys.create({ kind: 'secret', scopes: ['admin'] });
    const listed = await keys.list();
    assert.deepEqual(listed, [shown]);
    assert.equal(secret.startsWith(shown.prefix), true);
    assert.ok(secret.length - shown.prefix.length > 25);
    assert.equal('hash' in shown, false);
    assert.equal(JSON.stringify(listed).includes(secret), false);
  });

  it('refuse what is no key at all', async () => {
    const engine = await createTestEngine();
    const authenticator = authenticatorOf(engine);
    await createRoom(engine, authenticator, 'acme');
    for (const secret of [
      '',
      'x',
      'tw_live_',
      `tw_live_${'a'.repeat(33)}`,
      `ts_${'a'.repeat(32)}\n`,
      'ts_'.repeat(10_000),
      '__proto__',
      7,
      undefined,
    ]) {
      await assert.rejects(authenticator.authenticate(secret as string), { code: 'KEY_INVALID' });
    }
  });

  it('do not open another tenant, and are not found there', async () => {
    const engine = await createTestEngine();
    const authenticator = authenticatorOf(engine);
    const one = await createRoom(engine, authenticator, 'one');
    const two = await createRoom(engine, authenticator, 'two');
    const key = await one.keys.create({ kind: 'secret', scopes: ['admin'] });
    const app = await one.apps.create({ name: 'Shop', isTest: false });
    assert.equal((await authenticator.authenticate(key.secret)).tenantId, 'one');
    assert.deepEqual(await two.keys.list(), []);
    assert.equal(await two.apps.get(app.id), undefined);
    await assert.rejects(two.keys.revoke(key.id), { code: 'NOT_FOUND' });
    await assert.rejects(two.keys.create({ kind: 'write', appId: app.id }), { code: 'NOT_FOUND' });
    await authenticator.authenticate(key.secret);
  });

  it('stop at once when revoked here, and within two seconds elsewhere', async () => {
    const engine = await createTestEngine();
    const here = authenticatorOf(engine);
    const elsewhere = authenticatorOf(await createTestEngine(engine));
    const { keys } = await createRoom(engine, here, 'acme');
    const key = await keys.create({ kind: 'secret', scopes: ['read'] });
    await here.authenticate(key.secret);
    await elsewhere.authenticate(key.secret);
    await keys.revoke(key.id);
    await assert.rejects(here.authenticate(key.secret), { code: 'KEY_INVALID' });
    engine.time.freeze(1_999);
    await assert.rejects(elsewhere.authenticate(key.secret), { code: 'KEY_INVALID' });
    await keys.revoke(key.id);
    assert.equal((await keys.list())[0]?.revokedAt, Date.UTC(2026, 0, 1));
    await assert.rejects(keys.rotate(key.id), { code: 'KEY_INVALID' });
  });

  it('do not come back from a reading that was under way when they were revoked', async () => {
    const engine = await createTestEngine();
    const authenticator = authenticatorOf(engine);
    const { keys } = await createRoom(engine, authenticator, 'acme');
    const key = await keys.create({ kind: 'secret', scopes: ['read'] });
    const underWay = authenticator.authenticate(key.secret);
    await keys.revoke(key.id);
    await underWay.catch(() => undefined);
    await assert.rejects(authenticator.authenticate(key.secret), { code: 'KEY_INVALID' });
  });

  it('work beside their replacement for the overlap and no longer', async () => {
    const engine = await createTestEngine();
    const authenticator = authenticatorOf(engine);
    const { keys, apps } = await createRoom(engine, authenticator, 'acme');
    const app = await apps.create({ name: 'Shop', isTest: true });
    const old = await keys.create({ kind: 'write', appId: app.id });
    await authenticator.authenticate(old.secret);
    const fresh = await keys.rotate(old.id, 60);
    assert.match(fresh.secret, /^tw_test_/);
    assert.equal((await authenticator.authenticate(fresh.secret)).app?.id, app.id);
    engine.time.freeze(59_999);
    await authenticator.authenticate(old.secret);
    engine.time.freeze(1);
    await assert.rejects(authenticator.authenticate(old.secret), { code: 'KEY_INVALID' });
    await authenticator.authenticate(fresh.secret);
    // A second rotation never makes an expiry later.
    const newest = await keys.rotate(fresh.id, 0);
    await assert.rejects(authenticator.authenticate(fresh.secret), { code: 'KEY_INVALID' });
    await authenticator.authenticate(newest.secret);
    await assert.rejects(keys.rotate(newest.id, -1), { code: 'INPUT_INVALID' });
  });

  it('are asked of the store once in a while, not with every request', async () => {
    const engine = await createTestEngine();
    const authenticator = authenticatorOf(engine);
    const { keys } = await createRoom(engine, authenticator, 'acme');
    const key = await keys.create({ kind: 'secret', scopes: ['read'] });
    let reads = 0;
    const { hub } = engine.keyring;
    const get = hub.get.bind(hub);
    Object.assign(hub, {
      get: async (...question: Parameters<typeof get>) => {
        reads += 1;
        return get(...question);
      },
    });
    await Promise.all(Array.from({ length: 50 }, () => authenticator.authenticate(key.secret)));
    for (let i = 0; i < 100; i += 1) await authenticator.authenticate(key.secret);
    assert.equal(reads, 1);
  });

  it('refuse scopes that do not exist and apps that are not there', async () => {
    const engine = await createTestEngine();
    const { keys, apps } = await createRoom(engine, authenticatorOf(engine), 'acme');
    await assert.rejects(keys.create({ kind: 'secret', scopes: ['root' as 'admin'] }), { code: 'INPUT_INVALID' });
    await assert.rejects(keys.create({ kind: 'secret', scopes: [] }), { code: 'INPUT_INVALID' });
    await assert.rejects(apps.create({ name: '', isTest: false }), { code: 'INPUT_INVALID' });
    await assert.rejects(apps.create({ name: 'x', isTest: false, origins: ['https://shop.example/path'] }), { code: 'INPUT_INVALID' });
    assert.deepEqual(await apps.list(), []);
  });
});
