import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createConnections } from '../../src/vault/index.ts';
import type { ConnectionKind, Connections, ConnectionsOptions, RefreshToken } from '../../src/vault/index.ts';
import { createTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { settled } from '../support/world.ts';

const apiKey: ConnectionKind = {
  schema: {
    type: 'object',
    required: ['url', 'token'],
    properties: { url: { type: 'string' }, token: { type: 'string', 'x-secret': true } },
    additionalProperties: true,
  },
  secretFields: ['token'],
  testAction: 'ping',
};
const oauth: ConnectionKind = {
  schema: {
    type: 'object',
    properties: { refreshToken: { type: 'string' }, instanceUrl: { type: 'string' }, clientSecret: { type: 'string', writeOnly: true } },
  },
  secretFields: ['clientSecret'],
  oauth2: {},
};

interface World {
  readonly connections: Connections;
  readonly reconnected: string[];
  readonly tested: string[];
}

function createWorld(engine: TestEngine, options: Partial<ConnectionsOptions> = {}): World {
  const reconnected: string[] = [];
  const tested: string[] = [];
  const connections = createConnections({
    tenants: engine.tenants,
    clock: engine.time,
    timers: engine.time,
    random: engine.random,
    log: engine.log,
    describeKind: (plugin, kind) => (plugin !== 'crm' ? undefined : { apiKey, oauth }[kind]),
    test: async ({ connection }) => {
      tested.push(connection);
    },
    refresh: async () => {
      throw new Error('not asked for');
    },
    onReconnected: async (tenantId, { plugin, name }) => {
      assert.equal(plugin, 'crm');
      reconnected.push(`${tenantId}/${name}`);
    },
    ...options,
  });
  return { connections, reconnected, tested };
}

async function createEngine(): Promise<TestEngine> {
  const engine = await createTestEngine();
  await engine.tenants.admin.create({ id: 'acme', name: 'Acme' });
  await engine.tenants.admin.create({ id: 'other', name: 'Other' });
  return engine;
}

const add = { name: 'sales_eu', plugin: 'crm' } as const;

describe('connections', () => {
  it('show what is not secret and hand everything to whom it belongs', async () => {
    const engine = await createEngine();
    const { connections, tested, reconnected } = createWorld(engine);
    const service = connections.service('acme');
    const info = await service.add({
      ...add,
      kind: 'apiKey',
      values: { url: 'https://crm.invalid', token: 'hush', undeclared: 'hush too' },
      isSandbox: true,
    });
    assert.deepEqual(info, {
      name: 'sales_eu',
      plugin: 'crm',
      kind: 'apiKey',
      isSandbox: true,
      state: 'working',
      createdAt: engine.time.now(),
      testedAt: engine.time.now(),
      values: { url: 'https://crm.invalid' },
    });
    assert.deepEqual(await service.list(), [info]);
    assert.deepEqual(tested, ['sales_eu']);
    assert.deepEqual(reconnected, ['acme/sales_eu']);
    assert.equal((await connections.freshValues('acme', 'sales_eu'))['token'], 'hush');
    assert.equal(JSON.stringify(await service.list()).includes('hush'), false);
  });

  it('show no value at all of a kind that is no longer installed', async () => {
    const engine = await createEngine();
    await createWorld(engine)
      .connections.service('acme')
      .add({ ...add, kind: 'apiKey', values: { url: 'https://crm.invalid', token: 'hush' } });
    const { connections } = createWorld(engine, { describeKind: () => undefined });
    assert.deepEqual((await connections.service('acme').list())[0]?.values, {});
  });

  it('belong to one tenant', async () => {
    const { connections } = createWorld(await createEngine());
    await connections.service('acme').add({ ...add, kind: 'apiKey', values: { url: 'https://crm.invalid', token: 'hush' } });
    assert.deepEqual(await connections.service('other').list(), []);
    await assert.rejects(connections.freshValues('other', 'sales_eu'), { code: 'CONNECTION_UNKNOWN' });
    await assert.rejects(connections.service('other').remove('sales_eu'), { code: 'CONNECTION_UNKNOWN' });
    await connections.service('acme').remove('sales_eu');
    await assert.rejects(connections.freshValues('acme', 'sales_eu'), { code: 'CONNECTION_UNKNOWN' });
  });

  it('refuse values that do not fit, without repeating them', async () => {
    const { connections } = createWorld(await createEngine());
    const service = connections.service('acme');
    await assert.rejects(service.add({ ...add, kind: 'apiKey', values: { token: 4_242_4242 } }), (error: unknown) => {
      assert.ok(TendrilError.is(error) && error.code === 'CONNECTION_INVALID');
      assert.deepEqual(error.details['problems'], [
        { pointer: '', message: "must have required property 'url'" },
        { pointer: '/token', message: 'must be string' },
      ]);
      return true;
    });
    await assert.rejects(service.add({ ...add, kind: 'nothing', values: {} }), { code: 'CONNECTION_INVALID' });
    await assert.rejects(service.add({ ...add, name: 'Sales EU', kind: 'apiKey', values: {} }), { code: 'INPUT_INVALID' });
    assert.deepEqual(await service.list(), []);
  });

  it('say when the service does not accept them, and wake nobody then', async () => {
    let isRefusing = true;
    const { connections, reconnected } = createWorld(await createEngine(), {
      test: async () => {
        if (isRefusing) throw new TendrilError('UPSTREAM_UNAUTHORIZED');
      },
    });
    const service = connections.service('acme');
    const values = { url: 'https://crm.invalid', token: 'wrong' };
    assert.equal((await service.add({ ...add, kind: 'apiKey', values })).state, 'needs_login');
    assert.deepEqual(reconnected, []);
    await assert.rejects(connections.freshValues('acme', 'sales_eu'), { code: 'UPSTREAM_UNAUTHORIZED' });
    isRefusing = false;
    assert.equal((await service.add({ ...add, kind: 'apiKey', values })).state, 'working');
    assert.deepEqual(reconnected, ['acme/sales_eu']);
    // A call that began before with other values does not take away what was connected since.
    await connections.needsLogin('acme', 'sales_eu', { ...values, token: 'older' });
    assert.equal((await service.list())[0]?.state, 'working');
    await connections.needsLogin('acme', 'sales_eu', values);
    assert.equal((await service.list())[0]?.state, 'needs_login');
    assert.deepEqual(await service.test('sales_eu'), { isWorking: true });
    assert.equal((await service.list())[0]?.state, 'working');
    assert.deepEqual(reconnected, ['acme/sales_eu', 'acme/sales_eu']);
  });
});

describe('access tokens', () => {
  const values = { refreshToken: 'r0', instanceUrl: 'https://eu.crm.invalid', clientSecret: 'hush' };

  it('are refreshed once for twenty callers in two processes', async () => {
    const engine = await createEngine();
    let refreshes = 0;
    const seen: unknown[] = [];
    const refresh: RefreshToken = async (request) => {
      refreshes += 1;
      seen.push(request.values['refreshToken']);
      await settled();
      return { accessToken: `a${refreshes}`, refreshToken: `r${refreshes}`, expiresAt: engine.time.now() + 3_600_000 };
    };
    const one = createWorld(engine, { refresh }).connections;
    const two = createWorld(await createTestEngine(engine), { refresh }).connections;
    await one.service('acme').add({ ...add, kind: 'oauth', values });
    const callers = Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).freshValues('acme', 'sales_eu')));
    await engine.time.advance(1_000);
    const answers = await callers;
    assert.equal(refreshes, 1);
    assert.deepEqual(new Set(answers.map(({ accessToken }) => accessToken)), new Set(['a1']));
    assert.equal(answers[0]?.['clientSecret'], 'hush');

    // A refused token is renewed once, whoever tells of it how often.
    await Promise.all([one.invalidate('acme', 'sales_eu', 'a1'), two.invalidate('acme', 'sales_eu', 'a1')]);
    const again = Promise.all([one, two, one, two].map((connections) => connections.freshValues('acme', 'sales_eu')));
    await engine.time.advance(1_000);
    assert.deepEqual(new Set((await again).map(({ accessToken }) => accessToken)), new Set(['a2']));
    await one.invalidate('acme', 'sales_eu', 'a1');
    assert.equal((await two.freshValues('acme', 'sales_eu'))['accessToken'], 'a2');
    assert.equal(refreshes, 2);
    assert.deepEqual(seen, ['r0', 'r1']);

    // And once more when it is about to expire.
    engine.time.freeze(3_550_000);
    const third = one.freshValues('acme', 'sales_eu');
    await engine.time.advance(1_000);
    assert.equal((await third)['accessToken'], 'a3');
    assert.deepEqual((await one.service('acme').list())[0]?.values, { instanceUrl: 'https://eu.crm.invalid' });
  });

  it('ask for a new login when the refresh is refused, until it is connected again', async () => {
    const engine = await createEngine();
    let refreshes = 0;
    const { connections, reconnected } = createWorld(engine, {
      refresh: async () => {
        refreshes += 1;
        throw new TendrilError('UPSTREAM_UNAUTHORIZED', { error: 'invalid_grant' });
      },
    });
    const service = connections.service('acme');
    await service.add({ ...add, kind: 'oauth', values });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => connections.freshValues('acme', 'sales_eu')));
    assert.ok(
      results.every(
        (result) => result.status === 'rejected' && TendrilError.is(result.reason) && result.reason.code === 'UPSTREAM_UNAUTHORIZED',
      ),
    );
    await assert.rejects(connections.freshValues('acme', 'sales_eu'), { code: 'UPSTREAM_UNAUTHORIZED' });
    assert.equal(refreshes, 1);
    assert.equal((await service.list())[0]?.state, 'needs_login');
    await service.add({ ...add, kind: 'oauth', values: { ...values, accessToken: 'new', expiresAt: engine.time.now() + 3_600_000 } });
    assert.equal((await connections.freshValues('acme', 'sales_eu'))['accessToken'], 'new');
    assert.deepEqual(reconnected, ['acme/sales_eu', 'acme/sales_eu']);
  });

  it('are tried again after a failure that may pass, and by another process when one dies at it', async () => {
    const engine = await createEngine();
    let mode: 'away' | 'hanging' | 'well' = 'away';
    const refresh: RefreshToken = async () => {
      if (mode === 'away') throw new TendrilError('UPSTREAM_UNAVAILABLE');
      if (mode === 'hanging') return new Promise<never>(() => undefined);
      return { accessToken: 'a1' };
    };
    const dying = createWorld(engine, { refresh }).connections;
    const other = createWorld(await createTestEngine(engine), { refresh }).connections;
    await dying.service('acme').add({ ...add, kind: 'oauth', values });
    await assert.rejects(dying.freshValues('acme', 'sales_eu'), { code: 'UPSTREAM_UNAVAILABLE' });
    mode = 'hanging';
    void dying.freshValues('acme', 'sales_eu');
    await settled();
    mode = 'well';
    const waiting = other.freshValues('acme', 'sales_eu');
    await engine.time.advance(31_000);
    assert.equal((await waiting)['accessToken'], 'a1');
    // Without an expiry it is believed until it is refused.
    engine.time.freeze(365 * 86_400_000);
    assert.equal((await other.freshValues('acme', 'sales_eu'))['accessToken'], 'a1');
  });

  it('yield to a login that came while they were refreshed', async () => {
    const engine = await createEngine();
    let finish: () => void = () => undefined;
    const { connections } = createWorld(engine, {
      refresh: async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { accessToken: 'late' };
      },
    });
    await connections.service('acme').add({ ...add, kind: 'oauth', values });
    const refreshing = connections.freshValues('acme', 'sales_eu');
    await settled();
    await connections.service('acme').add({ ...add, kind: 'oauth', values: { ...values, accessToken: 'newest' } });
    finish();
    assert.equal((await refreshing)['accessToken'], 'newest');
  });
});
