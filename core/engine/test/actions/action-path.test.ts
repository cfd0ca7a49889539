import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, Host, JsonObject } from '@tendril/plugin-api';
import type { PluginSource } from '../../src/plugins/index.ts';
import { anyAction, source } from '../plugins/fixture.ts';
import { request, startPath } from './fixture.ts';
import type { PathFixture } from './fixture.ts';

type Handler = (input: JsonObject, call: Call) => Promise<unknown>;
type Handlers = Readonly<Record<string, Handler>>;

function plugin(id: string, actions: JsonObject, handlers: Handlers, manifest: JsonObject = {}): PluginSource {
  return source({ id, contributes: { actions }, ...manifest }, (host) => {
    for (const [name, handler] of Object.entries(handlers)) host.action(name, handler as Parameters<Host['action']>[1]);
    for (const [name, action] of Object.entries(actions))
      if ((action as JsonObject)['idempotency'] === 'check') host.check(name, async () => ({ effect: 'absent' }));
  });
}

const people = plugin(
  'people',
  { get: anyAction({ implements: 'people.get@1' }) },
  {
    get: async ({ id }) => ({ id, traits: { email: `${id as string}@example.invalid` }, identities: [`userId:${id as string}`] }),
  },
);
const write = (members: JsonObject = {}): JsonObject => anyAction({ effect: 'write', idempotency: 'natural', ...members });
const account = { type: 'oauth2', title: 'Account', oauth2: { authorizationUrl: 'https://a.example/', tokenUrl: 'https://a.example/t' } };

describe('the call path of actions', () => {
  let fixture: PathFixture | undefined;
  afterEach(() => fixture?.host.stop());
  const start = async (...sources: readonly PluginSource[]): Promise<PathFixture> => (fixture = await startPath(sources));

  it('fills defaults in and names every problem of an input', async () => {
    const input = {
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: { name: { type: 'string' }, size: { type: 'integer', default: 3 } },
    };
    const { path } = await start(plugin('crm', { get: anyAction({ input }) }, { get: async (given) => given }));
    assert.deepEqual((await path.execute(request('crm.get', { name: 'a' }))).output, { name: 'a', size: 3 });
    await assert.rejects(
      path.execute(request('crm.get', { nam: 'a', size: 'x' })),
      (error: { code: string; details: { problems: readonly object[] } }) => {
        assert.deepEqual(error.details.problems, [
          { pointer: '/name', message: 'is missing' },
          { pointer: '/nam', message: 'is not allowed here', suggestion: 'name' },
          { pointer: '/size', message: 'must be integer' },
        ]);
        return error.code === 'ACTION_INPUT_INVALID';
      },
    );
  });

  it('finds actions by capability, and says which name was meant', async () => {
    const { path, host } = await start(people);
    assert.equal((await path.find('acme', 'people.get@1'))?.name, 'people.get');
    await assert.rejects(
      path.execute(request('people.gett')),
      (error: { code: string; details: JsonObject }) => error.code === 'ACTION_UNKNOWN' && error.details['suggestion'] === 'people.get',
    );
    await host.tenantPlugins('acme').disable('people');
    await assert.rejects(path.execute(request('people.get')), { code: 'PLUGIN_DISABLED' });
    assert.ok(await path.find('globex', 'people.get'));
  });

  it('lets a plugin call what it declares, no more effect than it has, and commits with it', async () => {
    const table = { key: 'id', schema: { type: 'object', properties: { id: { type: 'string' } } } };
    const notes = plugin(
      'notes',
      { add: write(), list: anyAction() },
      {
        add: async ({ id }, call) => {
          call.changes.put('notes', { id });
          return { key: call.idempotencyKey };
        },
        list: async () => [],
      },
      { permissions: { storage: ['tables'] }, contributes: { actions: { add: write(), list: anyAction() }, tables: { notes: table } } },
    );
    const caller = plugin(
      'caller',
      { read: anyAction(), write: write() },
      {
        read: async (_, call) => call.actions.call('notes.add', { id: 'x' }),
        write: async (_, call) => [
          await call.actions.call('notes.add', { id: 'a' }),
          await call.actions.call('notes.add', { id: 'b' }),
          await call.actions.call('notes.add', { id: 'a' }),
        ],
      },
      { permissions: { actions: ['notes.add'] } },
    );
    const { path } = await start(notes, caller);
    const { output, changes } = await path.execute(request('caller.write'));
    assert.equal(changes.length, 3);
    assert.equal(new Set((output as { key: string }[]).map(({ key }) => key)).size, 3);
    assert.deepEqual((await path.execute(request('caller.write', {}, { attempt: 2 }))).output, output);
    await assert.rejects(path.execute(request('caller.read')), { code: 'PERMISSION_DENIED' });
    await assert.rejects(path.execute(request('notes.list', {}, { caller: { kind: 'plugin', id: 'caller' } })), {
      code: 'PERMISSION_DENIED',
    });
  });

  it('lets a plugin call by their own names those that implement what it declares, and no others', async () => {
    const lookup = { ...anyAction(), implements: 'leads.enrichment@1' };
    const first = plugin('first', { find: lookup, other: anyAction() }, { find: async () => 'first', other: async () => 'other' });
    const second = plugin('second', { find: lookup }, { find: async () => 'second' });
    const caller = plugin(
      'caller',
      { both: anyAction(), other: anyAction() },
      {
        both: async (_, call) => [await call.actions.call('first.find', {}), await call.actions.call('second.find', {})],
        other: async (_, call) => call.actions.call('first.other', {}),
      },
      { permissions: { actions: ['leads.enrichment@1'] } },
    );
    const { path } = await start(first, second, caller);
    assert.deepEqual((await path.execute(request('caller.both'))).output, ['first', 'second']);
    await assert.rejects(path.execute(request('caller.other')), { code: 'PERMISSION_DENIED' });
  });

  it('cuts actions that call each other in a circle', async () => {
    const ping = plugin(
      'ping',
      { go: anyAction() },
      { go: async (_, call) => call.actions.call('pong.go', {}) },
      { permissions: { actions: ['pong.go'] } },
    );
    const pong = plugin(
      'pong',
      { go: anyAction() },
      { go: async (_, call) => call.actions.call('ping.go', {}) },
      { permissions: { actions: ['ping.go'] } },
    );
    const { path } = await start(ping, pong);
    await assert.rejects(path.execute(request('ping.go')), { code: 'PLUGIN_FAULTY' });
  });

  it('does nothing in a dry run but read', async () => {
    let calls = 0;
    const { path } = await start(plugin('crm', { put: write() }, { put: async () => (calls += 1) }));
    const { output } = await path.execute(request('crm.put', { a: 1 }, { isDryRun: true }));
    assert.deepEqual(output, { isDryRun: true, action: 'crm.put', effect: 'write', input: { a: 1 } });
    assert.equal(calls, 0);
  });

  describe('connections', () => {
    const crm = (handler: Handler, members: JsonObject = {}): PluginSource =>
      plugin(
        'crm',
        { put: write({ connection: 'account', ...members }) },
        { put: handler },
        { connections: { account }, permissions: { connections: ['account'] } },
      );

    it('takes the named one, else the one named as the plugin, else the only one', async () => {
      const { path, connections } = await start(crm(async (_, call) => call.connection.name));
      await assert.rejects(path.execute(request('crm.put')), { code: 'CONNECTION_MISSING' });
      connections.add('sales_eu');
      assert.equal((await path.execute(request('crm.put'))).output, 'sales_eu');
      connections.add('sales_us');
      await assert.rejects(path.execute(request('crm.put')), { code: 'CONNECTION_MISSING' });
      assert.equal((await path.execute(request('crm.put', {}, { connection: 'sales_us' }))).output, 'sales_us');
      connections.add('crm');
      assert.equal((await path.execute(request('crm.put'))).output, 'crm');
      connections.add('other', { plugin: 'other' });
      await assert.rejects(path.execute(request('crm.put', {}, { connection: 'other' })), { code: 'CONNECTION_UNKNOWN' });
    });

    it('keeps what comes from a test app in sandboxes', async () => {
      const { path, connections } = await start(crm(async () => 'done'));
      connections.add('live', { isSandbox: false });
      await assert.rejects(path.execute(request('crm.put', {}, { isTest: true })), { code: 'CONNECTION_NOT_SANDBOX' });
      connections.add('crm', { isSandbox: true });
      assert.equal((await path.execute(request('crm.put', {}, { isTest: true }))).output, 'done');
    });

    it('renews a token that the service refuses, once', async () => {
      const seen: unknown[] = [];
      const { path, connections } = await start(
        crm(async (_, call) => {
          seen.push(call.connection.values['accessToken']);
          if (seen.length === 1) throw new TendrilError('UPSTREAM_UNAUTHORIZED');
          return 'done';
        }),
      );
      connections.add('crm');
      assert.equal((await path.execute(request('crm.put'))).output, 'done');
      assert.deepEqual([seen, connections.invalidated], [['first', 'second'], ['first']]);
    });

    it('asks for a new login when the renewed token is refused too', async () => {
      const { path, connections } = await start(
        crm(async () => {
          throw new TendrilError('UPSTREAM_UNAUTHORIZED');
        }),
      );
      connections.add('crm');
      await assert.rejects(path.execute(request('crm.put')), { code: 'UPSTREAM_UNAUTHORIZED' });
      assert.equal(connections.records.get('crm')?.state, 'needs_login');
    });

    it('leaves a service alone for as long as it asked, and keeps its rate', async () => {
      let calls = 0;
      const { path, connections, clock } = await start(
        crm(
          async () => {
            calls += 1;
            if (calls === 1) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 60_000 });
            return calls;
          },
          { throttle: { limit: 2, per: '10s' } },
        ),
      );
      connections.add('crm');
      await assert.rejects(path.execute(request('crm.put')), { code: 'UPSTREAM_THROTTLED' });
      await assert.rejects(
        path.execute(request('crm.put')),
        (error: TendrilError) => error.details['retryAfterMs'] === 60_000 && error.details['by'] === 'hub',
      );
      assert.equal(calls, 1);
      clock.advance(60_000);
      await path.execute(request('crm.put'));
      await path.execute(request('crm.put'));
      await assert.rejects(path.execute(request('crm.put')), { code: 'UPSTREAM_THROTTLED' });
    });
  });

  describe('effects', () => {
    const send = {
      title: 'Send',
      effect: 'send',
      idempotency: 'check',
      input: { type: 'object' },
      output: true,
      send: { person: '/person', purpose: '/purpose', channel: 'mail', address: '/traits/email' },
    };
    const mail = (handler: Handler): PluginSource => plugin('mail', { send }, { send: handler }, { permissions: { channels: ['mail'] } });

    it('are paid by other plugins in the currencies that the caller may spend, and no others', async () => {
      const pay = {
        ...anyAction({ effect: 'spend', idempotency: 'key', spend: { amount: '/amount', currency: '/currency' } }),
        input: { type: 'object', properties: { amount: { type: 'integer' }, currency: { type: 'string' } } },
      };
      const { path } = await start(
        plugin('bank', { pay }, { pay: async () => ({}) }, { permissions: { money: { currencies: ['EUR', 'USD'] } } }),
        plugin(
          'buyer',
          { buy: write({ idempotency: 'key' }) },
          { buy: async (input, call) => call.actions.call('bank.pay', input) },
          { permissions: { actions: ['bank.pay'], money: { currencies: ['EUR'] } } },
        ),
      );
      await assert.rejects(path.execute(request('buyer.buy', { amount: 5, currency: 'USD' })), { code: 'PERMISSION_DENIED' });
      // Permitted: what holds it back is that nobody has given a budget.
      await assert.rejects(path.execute(request('buyer.buy', { amount: 5, currency: 'EUR' })), { code: 'ACTION_HELD_BACK' });
    });

    it('puts the intent on disk after the permit and before the handler', async () => {
      const order: string[] = [];
      const { path, governor } = await start(
        people,
        mail(async (_, call) => {
          order.push(`handler ${call.permit.address}`);
          return {};
        }),
      );
      const beforeEffect = async (): Promise<void> => {
        order.push(`intent ${(await governor.service('acme').status()).sentToday}`);
      };
      const { changes } = await path.execute(request('mail.send', { person: 'p1' }, { beforeEffect }));
      assert.deepEqual(order, ['intent 1', 'handler p1@example.invalid']);
      assert.equal(changes.length, 1);
    });

    it('runs no handler that the governor holds back', async () => {
      let calls = 0;
      const { path, governor } = await start(
        people,
        mail(async () => (calls += 1)),
      );
      await governor.service('acme').suppress('mail', 'p1', 'asked');
      await assert.rejects(path.execute(request('mail.send', { person: 'p1' })), { code: 'ACTION_HELD_BACK' });
      assert.equal(calls, 0);
    });

    it('gives a permit back when the service refused, and keeps it when nobody knows', async () => {
      let failure = new TendrilError('UPSTREAM_REJECTED');
      const { path, governor } = await start(
        people,
        mail(async () => {
          throw failure;
        }),
      );
      await assert.rejects(path.execute(request('mail.send', { person: 'p1' })), { code: 'UPSTREAM_REJECTED' });
      assert.equal((await governor.service('acme').status()).sentToday, 0);
      failure = new TendrilError('UPSTREAM_UNAVAILABLE');
      await assert.rejects(path.execute(request('mail.send', { person: 'p1' })), { code: 'UPSTREAM_UNAVAILABLE' });
      assert.equal((await governor.service('acme').status()).sentToday, 1);
    });

    it('keeps a permit of which an earlier attempt may have made use, whatever the next one comes to', async () => {
      let failure = new TendrilError('UPSTREAM_UNAVAILABLE');
      const { path, governor } = await start(
        people,
        mail(async () => {
          throw failure;
        }),
      );
      await assert.rejects(path.execute(request('mail.send', { person: 'p1' })), { code: 'UPSTREAM_UNAVAILABLE' });
      failure = new TendrilError('UPSTREAM_THROTTLED');
      await assert.rejects(path.execute(request('mail.send', { person: 'p1' }, { attempt: 2 })), { code: 'UPSTREAM_THROTTLED' });
      assert.equal((await governor.service('acme').status()).sentToday, 1);
    });

    it('keeps a permit when the intent could not be written: another worker may go on with it', async () => {
      const { path, governor } = await start(
        people,
        mail(async () => ({})),
      );
      const beforeEffect = (): Promise<never> => Promise.reject(new TendrilError('LEASE_LOST'));
      await assert.rejects(path.execute(request('mail.send', { person: 'p1' }, { beforeEffect })), { code: 'LEASE_LOST' });
      assert.equal((await governor.service('acme').status()).sentToday, 1);
      await path.execute(request('mail.send', { person: 'p1' }));
      assert.equal((await governor.service('acme').status()).sentToday, 1);
    });

    it('says that the effect took place when only the answer is wrong', async () => {
      const { path } = await start(
        plugin(
          'crm',
          { put: write({ output: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } }) },
          { put: async () => ({}) },
        ),
      );
      await assert.rejects(
        path.execute(request('crm.put')),
        (error: TendrilError) => error.code === 'ACTION_OUTPUT_INVALID' && error.details['effect'] === 'happened',
      );
    });

    it('asks the check of an action', async () => {
      const { path } = await start(
        people,
        mail(async () => ({})),
      );
      assert.deepEqual(await path.check(request('mail.send', { person: 'p1' })), { effect: 'absent' });
    });
  });

  it('counts calls by action and outcome', async () => {
    const { path } = await start(people);
    await path.execute(request('people.get', { id: 'a' }));
    await assert.rejects(path.execute(request('no.such')));
    const counts = path.metrics().find(({ name }) => name === 'tendril_action_calls_total')?.values;
    assert.deepEqual(counts, [
      { labels: { action: 'people.get', outcome: 'ok' }, value: 1 },
      { labels: { action: 'unknown', outcome: 'ACTION_UNKNOWN' }, value: 1 },
    ]);
  });
});
