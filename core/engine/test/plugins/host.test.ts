import assert from 'node:assert/strict';
import type { Host, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { JobHandler, JobWorker } from '../../src/jobs/index.ts';
import type { Claim } from '../../src/ports.ts';
import { systemTimers } from '../../src/environment.ts';
import { createPluginHost } from '../../src/plugins/index.ts';
import type { PluginSource } from '../../src/plugins/index.ts';
import { anyAction, memoryTenants, oneAction, recordingLog, RUN, source, startHost, TestClock } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const handler = async (): Promise<JsonObject> => ({});
const asynchronous: () => unknown = async () => undefined;
const one = { contributes: { actions: { one: anyAction() } } };
const two = { contributes: { actions: { one: anyAction(), two: anyAction() } } };

const event = (id: string, position: number, members: Partial<LoggedEvent> = {}): LoggedEvent => ({
  id,
  position,
  kind: 'track',
  name: 'Order Completed',
  appId: 'a',
  isTest: false,
  occurredAt: 0,
  receivedAt: 0,
  identities: { userId: `u${position}` },
  properties: {},
  traits: {},
  context: {},
  isImported: false,
  hops: 0,
  ...members,
});

describe('the plugin host', () => {
  let fixture: HostFixture | undefined;
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
  });
  const start = async (...sources: readonly PluginSource[]): Promise<HostFixture> => (fixture = await startHost(sources));
  const faultsOf = async (setup: (host: Host) => unknown, manifest: JsonObject = two): Promise<readonly string[]> => {
    const { host } = await start(source({ id: 'acme', ...manifest }, (to) => setup(to) as undefined));
    return host.catalogue.faults().map(({ code, message }) => `${code} ${message}`);
  };

  it('knows only kinds of connections that the manifest names, whatever every object has', async () => {
    const { host } = await start(
      oneAction(handler, { connections: { account: { type: 'custom', title: 'Account', schema: { type: 'object' } } } }),
    );
    assert.ok(host.describeKind('probe', 'account') !== undefined);
    for (const kind of ['constructor', '__proto__', 'toString']) assert.equal(host.describeKind('probe', kind), undefined, kind);
  });

  it('refuses a plugin that implements less or more than it declares', async () => {
    const faults = await faultsOf((host) => {
      host.action('one', handler);
      host.action('three', handler);
      host.consumer('follow', async () => undefined);
    });
    assert.deepEqual(faults, [
      'PLUGIN_IMPLEMENTATION_MISMATCH does not implement action two; implements without declaring action three, consumer follow',
    ]);
  });

  it('wants a check for an action that is checked', async () => {
    const actions = { put: anyAction({ effect: 'write', idempotency: 'check' }) };
    assert.deepEqual(await faultsOf((host) => host.action('put', handler), { contributes: { actions } }), [
      'PLUGIN_IMPLEMENTATION_MISMATCH does not implement check put',
    ]);
  });

  it('refuses an asynchronous setup, one that throws, and an entry that is none', async () => {
    assert.deepEqual(await faultsOf(asynchronous), ['PLUGIN_FAULTY setup must not be asynchronous']);
    await fixture?.host.stop();
    assert.deepEqual(
      await faultsOf(() => {
        throw new Error('boom');
      }),
      ['PLUGIN_FAULTY failed while it was loaded: boom'],
    );
    await fixture?.host.stop();
    const { host } = await start(source({ id: 'acme', ...two }, undefined, { load: async () => ({}) }));
    assert.match(host.catalogue.faults()[0]?.message ?? '', /no default export/);
  });

  it('runs no code before all manifests were checked, and none of a faulty plugin', async () => {
    const loaded: string[] = [];
    const noting = (id: string, manifest: JsonObject): PluginSource =>
      source({ id, ...manifest }, undefined, {
        load: async () => {
          loaded.push(id);
          return { default: { setup: (host: Host) => host.action('one', handler) } };
        },
      });
    const { host } = await start(
      noting('top', { ...one, requires: { plugins: { base: '*' } } }),
      noting('base', one),
      noting('broken', { ...one, titel: 'x' }),
    );
    assert.deepEqual(loaded, ['base', 'top']);
    assert.deepEqual(
      host.catalogue.list().map(({ id, state }) => `${id} ${state}`),
      ['top loaded', 'base loaded', 'broken faulty'],
    );
  });

  it('disables those above a plugin that does not load', async () => {
    const { host } = await start(source({ id: 'base', ...two }), source({ id: 'top', requires: { plugins: { base: '*' } } }));
    assert.deepEqual(
      host.catalogue.faults().map(({ plugin, code }) => `${plugin} ${code}`),
      ['base PLUGIN_IMPLEMENTATION_MISMATCH', 'top PLUGIN_REQUIREMENT_MISSING'],
    );
  });

  it('does not start without a plugin that the operator requires, and names all faults', async () => {
    const clock = new TestClock();
    const sources = [source({ id: 'acme', titel: 'x' }, undefined, { isRequired: true }), source({ id: 'other', titel: 'x' })];
    const host = createPluginHost({
      sources,
      tenants: memoryTenants(clock),
      clock,
      timers: systemTimers,
      log: recordingLog(),
      callAction: async () => ({ output: null, changes: [] }),
    });
    await assert.rejects(
      host.start(),
      (error: { code: string; details: { faults: readonly unknown[] } }) =>
        error.code === 'MANIFEST_INVALID' && error.details.faults.length === 2,
    );
  });

  describe('for a tenant', () => {
    const sources = [source({ id: 'base' }), source({ id: 'top', requires: { plugins: { base: '*' } } })];

    it('enables with what is required, and refuses to take that away', async () => {
      const { host } = (fixture = await startHost(sources, { enable: false }));
      const plugins = host.tenantPlugins('acme');
      await plugins.enable('top');
      assert.deepEqual(
        (await plugins.list()).map(({ id, isEnabled }) => `${id} ${isEnabled}`),
        ['base true', 'top true'],
      );
      await assert.rejects(plugins.disable('base'), (error: { code: string; details: object }) => {
        assert.deepEqual(error.details, { plugin: 'base', dependants: ['top'] });
        return error.code === 'PLUGIN_REQUIRED_BY';
      });
      await plugins.disable('top');
      await plugins.disable('base');
      assert.equal((await host.enabled('acme')).size, 0);
      assert.equal((await host.enabled('globex')).size, 0);
      await assert.rejects(plugins.enable('nobody'), { code: 'PLUGIN_UNKNOWN' });
    });

    it('validates settings, fills defaults in, and hands each call the same frozen ones', async () => {
      const config = {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: { type: 'string' }, size: { type: 'integer', default: 2 }, list: { type: 'array', default: [1] } },
      };
      const seen: JsonObject[] = [];
      const { host, action } = await start(
        oneAction(
          async (_, call) => {
            seen.push(call.settings);
            return null;
          },
          { config },
        ),
      );
      const go = async (): Promise<unknown> => host.runAction('acme', action('probe.go'), {}, RUN);
      await assert.rejects(go(), { code: 'PLUGIN_SETTINGS_INVALID' });
      const plugins = host.tenantPlugins('acme');
      await assert.rejects(
        plugins.configure('probe', { name: 1, siz: 3 }),
        (error: { details: { problems: readonly { pointer: string }[] } }) => error.details.problems.length === 2,
      );
      await plugins.configure('probe', { name: 'a' });
      await go();
      assert.deepEqual(seen, [{ name: 'a', size: 2, list: [1] }]);
      assert.throws(() => (seen[0] as { list: number[] }).list.push(2), TypeError);
    });

    it('sees within seconds what another process changed', async () => {
      const { host, tenants, clock } = (fixture = await startHost([source({ id: 'base' })]));
      const { state } = await tenants.open('acme');
      const [enabled] = host.tables();
      assert.ok(enabled);
      await state.commit([{ op: 'delete', table: enabled, key: 'base' }]);
      assert.equal((await host.enabled('acme')).has('base'), true);
      clock.advance(2_000);
      assert.equal((await host.enabled('acme')).has('base'), false);
    });
  });

  it('runs stop hooks', async () => {
    let stopped = 0;
    const { host } = await startHost([
      source({ id: 'acme', ...one }, (host) => {
        host.action('one', handler);
        host.onStop(() => void (stopped += 1));
      }),
    ]);
    await host.stop();
    assert.equal(stopped, 1);
  });

  it('keeps events of test apps apart for a consumer that reaches out', async () => {
    const seen: string[] = [];
    const manifest = {
      permissions: { hosts: ['api.example'], events: { read: ['*'] } },
      contributes: { consumers: { follow: { title: 'Follow', events: ['*'] } } },
    };
    const { host } = await start(
      source({ id: 'acme', ...manifest }, (to) =>
        to.consumer('follow', async (events, call) => {
          seen.push(`${call.isTest ? 'test' : 'live'} ${events.map(({ position }) => position).join(' ')}`);
        }),
      ),
    );
    const batch = [1, 2, 3, 4, 5].map((position) => event(`e${position}`, position, { isTest: position === 3 || position === 4 }));
    await host.consumers()[0]?.handle('acme', batch, new AbortController().signal);
    assert.deepEqual(seen, ['live 1 2', 'test 3 4', 'live 5']);
  });

  it('adapts consumers: names, changes, and events that are traced to their cause', async () => {
    const { host } = await start(
      source(
        {
          id: 'acme',
          permissions: { events: { read: ['Order *'], write: ['Order Seen'] } },
          contributes: { consumers: { follow: { title: 'Follow', events: ['Order *'], batch: 10, onFailure: 'skip' } } },
        },
        (to) =>
          to.consumer('follow', async (events, call) => {
            for (const { id, identities } of events) call.changes.emit({ name: 'Order Seen', identities, discriminator: id });
          }),
      ),
    );
    const [consumer] = host.consumers();
    assert.deepEqual([consumer?.id, consumer?.batchSize, consumer?.names, consumer?.onFailure], ['acme.follow', 10, undefined, 'skip']);
    assert.ok(consumer);
    const batch = [event('e1', 1, { hops: 3 }), event('e2', 2, { name: 'Other' }), event('e3', 3, { isTest: true })];
    const changes = await consumer.handle('acme', batch, new AbortController().signal);
    const emitted = changes.flatMap((change) => (change.op === 'emit' ? [JSON.parse(change.event.payload) as Partial<LoggedEvent>] : []));
    assert.deepEqual(
      emitted.map(({ name, hops, isTest, causedBy }) => ({ name, hops, isTest: isTest ?? false, causedBy })),
      [
        { name: 'Order Seen', hops: 4, isTest: false, causedBy: { eventId: 'e1' } },
        { name: 'Order Seen', hops: 1, isTest: true, causedBy: { eventId: 'e3' } },
      ],
    );
  });

  it('holds what is sent to schemas of a plugin only where it may add such events itself', async () => {
    const properties = { type: 'object', required: ['never'] };
    const events = { 'Order Completed': { properties }, 'Order Seen': { properties }, 'tendril.run.ended': { properties } };
    const { host } = await start(
      source({ id: 'acme', permissions: { events: { write: ['Order Seen', 'tendril.*'] } }, contributes: { events } }),
    );
    assert.deepEqual(
      (await host.eventSchemas('acme')).map(({ name }) => name),
      ['Order Seen'],
    );
  });

  it('runs schedules by jobs, whose next due time commits with the changes', async () => {
    const keys: string[] = [];
    const { host, tenants, clock } = await start(
      source({ id: 'acme', contributes: { schedules: { tidy: { title: 'Tidy', every: '1h' } } } }, (to) =>
        to.schedule('tidy', async (call) => void keys.push(call.idempotencyKey)),
      ),
    );
    const handlers = new Map<string, JobHandler>();
    const register = (kind: string, given: JobHandler): void => void handlers.set(kind, given);
    await host.startSchedules({ register } as unknown as JobWorker);
    const { signal } = new AbortController();
    const onNudge = () => () => undefined;
    const runDue = async (): Promise<readonly Claim[]> => {
      const claims = await tenants.jobs.claimDue('w', { limit: 10, leaseMs: 1_000, kinds: ['plugins.schedule'] });
      for (const claim of claims.filter(({ tenantId }) => tenantId === 'acme'))
        await handlers.get(claim.kind)?.({ claim, signal, onNudge });
      return claims;
    };
    assert.equal((await runDue()).length, 0);
    clock.advance(3_600_000);
    const [claim] = await runDue();
    assert.ok(claim);
    await assert.rejects(async () => handlers.get(claim.kind)?.({ claim, signal, onNudge }), { code: 'LEASE_LOST' });
    clock.advance(3_600_000);
    await runDue();
    assert.deepEqual([keys.length, new Set(keys).size], [3, 2]);
    await host.tenantPlugins('acme').disable('acme');
    clock.advance(3_600_000);
    await runDue();
    assert.equal(keys.length, 3);
  });

  it('runs cron schedules on the clocks of the tenant, and makes up for no time that passed', async () => {
    const times: number[] = [];
    const withCron = (cron: string): PluginSource =>
      source({ id: 'acme', contributes: { schedules: { digest: { title: 'Digest', cron } } } }, (to) =>
        to.schedule('digest', async (call) => void times.push(call.clock.now())),
      );
    const { host, tenants, clock } = await start(withCron('0 7 * * *'));
    const handlers = new Map<string, JobHandler>();
    const register = (kind: string, given: JobHandler): void => void handlers.set(kind, given);
    await host.startSchedules({ register } as unknown as JobWorker);
    const runDue = async (): Promise<void> => {
      for (const claim of await tenants.jobs.claimDue('w', { limit: 10, leaseMs: 1_000, kinds: ['plugins.schedule'] })) {
        if (claim.tenantId === 'acme')
          await handlers.get(claim.kind)?.({ claim, signal: new AbortController().signal, onNudge: () => () => undefined });
      }
    };
    // It is 13:00 in Berlin; 7:00 there is 6:00 UTC in winter.
    clock.advance(18 * 3_600_000 - 1);
    await runDue();
    assert.deepEqual(times, []);
    clock.advance(1);
    await runDue();
    assert.deepEqual(times, [Date.UTC(2026, 0, 16, 6)]);
    // Three days without a process: one run, not three.
    clock.advance(3 * 86_400_000 + 1);
    await runDue();
    await runDue();
    assert.equal(times.length, 2);
  });

  it('gives each due time a key of its own, also after the plugin was disabled for a while', async () => {
    const keys: string[] = [];
    const { host, tenants, clock } = await start(
      source({ id: 'acme', contributes: { schedules: { tidy: { title: 'Tidy', every: '1h' } } } }, (to) =>
        to.schedule('tidy', async (call) => void keys.push(call.idempotencyKey)),
      ),
    );
    const handlers = new Map<string, JobHandler>();
    const register = (kind: string, given: JobHandler): void => void handlers.set(kind, given);
    await host.startSchedules({ register } as unknown as JobWorker);
    const runDue = async (): Promise<void> => {
      clock.advance(3_600_000);
      for (const claim of await tenants.jobs.claimDue('w', { limit: 10, leaseMs: 1_000, kinds: ['plugins.schedule'] })) {
        if (claim.tenantId === 'acme')
          await handlers.get(claim.kind)?.({ claim, signal: new AbortController().signal, onNudge: () => () => undefined });
      }
    };
    await runDue();
    await host.tenantPlugins('acme').disable('acme');
    await runDue();
    assert.equal(keys.length, 1);
    await host.tenantPlugins('acme').enable('acme');
    await runDue();
    assert.equal(new Set(keys).size, 2);
  });

  it('never gives a schedule up: nobody would take it up again', async () => {
    const { host } = await start(
      source({ id: 'acme', contributes: { schedules: { tidy: { title: 'Tidy', every: '1h' } } } }, (to) =>
        to.schedule('tidy', async () => undefined),
      ),
    );
    const attempts: number[] = [];
    const register: JobWorker['register'] = (_kind, _handler, options) => void attempts.push(options.attempts);
    await host.startSchedules({ register } as unknown as JobWorker);
    assert.deepEqual(new Set(attempts), new Set([Infinity]));
  });

  it('sweeps values of kv whose time is over', async () => {
    const { host, tenants, clock, action } = await start(
      oneAction(
        async (_, call) => {
          await call.kv.set('short', 1, 60);
          await call.kv.set('long', 2, 360_000);
          await call.kv.set('ever', 3);
          return null;
        },
        { permissions: { storage: ['kv'] } },
      ),
    );
    await host.runAction('acme', action('probe.go'), {}, RUN);
    const handlers = new Map<string, JobHandler>();
    const register = (kind: string, given: JobHandler): void => void handlers.set(kind, given);
    await host.startSchedules({ register } as unknown as JobWorker);
    clock.advance(3_600_000);
    const { signal } = new AbortController();
    const onNudge = () => () => undefined;
    for (const claim of await tenants.jobs.claimDue('w', { limit: 10, leaseMs: 1_000 }))
      await handlers.get(claim.kind)?.({ claim, signal, onNudge });
    const table = host.tables().find(({ name }) => name === '_plugins.kv');
    assert.ok(table);
    const { items } = await (await tenants.open('acme')).state.query(table, {});
    assert.deepEqual(new Set(items.map(({ value }) => value['value'])), new Set([2, 3]));
  });
});
