import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import { createHub } from '../../src/index.ts';
import type { Hub, HubOptions, PluginSource, TenantHub } from '../../src/index.ts';
import type { Stores } from '../../src/ports.ts';
import { source } from '../plugins/fixture.ts';
import { recordingLog } from './world.ts';

/** A plugin that follows the log and keeps, per person, which events it saw; and answers who a person is. */
export function witness(): PluginSource {
  return source(
    {
      id: 'witness',
      permissions: { events: { read: ['*'], write: ['Witness Saw'] }, storage: ['tables'] },
      contributes: {
        consumers: { watch: { title: 'Watch', events: ['Signed Up', 'Ordered'], batch: 10, derives: ['seen'] } },
        tables: { seen: { key: 'id', schema: { type: 'object', additionalProperties: true }, indexes: {} } },
        actions: { list: { title: 'List', effect: 'read', input: { type: 'object' }, output: { type: 'object' } } },
      },
    },
    (host) => {
      host.consumer('watch', async (events, call) => {
        for (const event of events) {
          if (event.properties['poison'] === true) throw new TypeError('cannot digest this');
          call.changes.put('seen', { id: event.id, position: event.position }, 'absent');
          if (event.name === 'Ordered')
            call.changes.emit({
              name: 'Witness Saw',
              identities: event.identities,
              properties: { what: event.id },
              discriminator: event.id,
            });
        }
      });
      host.action('list', async (_, call) => {
        const keys: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await call.table('seen').query({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
          keys.push(...page.items.map((row) => row.key));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        return { ids: keys.toSorted() };
      });
    },
  );
}

/** A hub over the stores, not started. */
export function hubOver(stores: Stores, plugins: readonly PluginSource[] = [witness()], rest: Partial<HubOptions> = {}): Promise<Hub> {
  return createHub({
    stores,
    masterKey: new Uint8Array(32).fill(9),
    log: recordingLog(),
    plugins,
    publicUrl: () => 'https://hub.invalid',
    ...rest,
  });
}

/** Sends through a write key, as an application would. */
export async function sendAs(hub: Hub, writeKey: string, calls: readonly object[]): Promise<readonly string[]> {
  const principal = await hub.keys.authenticate(writeKey);
  assert.ok(principal.app !== undefined);
  const tenant = await hub.tenant(principal.tenantId);
  const outcomes = await tenant.ingest.accept(
    principal.app,
    calls.map((call) => ({ ...call })),
    { receivedAt: Date.now(), requestId: 'req_1' },
  );
  return outcomes.map(({ status }) => status);
}

/** A tenant with the witness enabled, and a write key for it. */
export async function provision(hub: Hub, id: string): Promise<{ readonly tenant: TenantHub; readonly writeKey: string }> {
  await hub.admin.create({ id, name: id });
  const tenant = await hub.tenant(id);
  await tenant.plugins.enable('witness');
  const app = await tenant.apps.create({ name: 'Shop', isTest: false });
  const { secret } = await tenant.keys.create({ kind: 'write', appId: app.id });
  return { tenant, writeKey: secret };
}

/** Looks until it is so. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the witness saw. */
export async function seen(tenant: TenantHub): Promise<readonly string[]> {
  const { output } = await tenant.actions.call('witness.list', {});
  return (output as { readonly ids: readonly string[] }).ids;
}

/** Follows a hub through its life, and a second one over the same stores. */
export async function livesTwice(stores: Stores): Promise<void> {
  const first = await hubOver(stores);
  assert.deepEqual((await first.health()).isReady, false);
  const one = await provision(first, 'one');
  const two = await provision(first, 'two');
  await first.start();
  const { lock, ...health } = await first.health();
  assert.deepEqual(health, { isReady: true, faults: [], reasons: [], alerts: [] });
  assert.deepEqual([lock.isCurrent, lock.differences], [true, []]);
  const heard: LoggedEvent[] = [];
  const stopListening = one.tenant.events.subscribe((event) => heard.push(event));
  const batch = [
    { type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1' },
    { type: 'identify', userId: 'u1', messageId: 'm2', traits: { email: 'a@example.invalid' } },
    { type: 'track', event: 'Ordered', userId: 'u1', messageId: 'm3', properties: { total: 3 } },
  ];
  assert.deepEqual(await sendAs(first, one.writeKey, batch), ['accepted', 'accepted', 'accepted']);
  assert.deepEqual(await sendAs(first, one.writeKey, batch), ['duplicate', 'duplicate', 'duplicate']);
  await until(async () => (await one.tenant.events.head()) === 4);
  assert.deepEqual(await seen(one.tenant), ['m1', 'm3']);
  await until(async () => heard.length === 4);
  stopListening();
  // What the consumer emitted came back through the outbox, with its cause.
  const [saw] = (await one.tenant.events.list({ limit: 1 })).items;
  assert.equal(saw?.name, 'Witness Saw');
  assert.equal(saw.hops, 1);
  assert.deepEqual(saw.properties, { what: 'm3' });
  assert.deepEqual(await seen(two.tenant), []);
  assert.equal(await two.tenant.events.head(), 0);
  await first.stop();
  assert.equal((await first.health()).isReady, false);

  const second = await hubOver(stores);
  const again = await second.tenant('one');
  assert.deepEqual(await sendAs(second, one.writeKey, [{ type: 'track', event: 'Ordered', userId: 'u1', messageId: 'm4' }, ...batch]), [
    'accepted',
    'duplicate',
    'duplicate',
    'duplicate',
  ]);
  await second.start();
  await until(async () => (await again.events.head()) === 6 && (await again.consumers.list()).every(({ lag }) => lag === 0));
  assert.deepEqual(await seen(again), ['m1', 'm3', 'm4']);
  assert.equal((await again.events.list({ name: 'Witness Saw' })).items.length, 2);
  const names = (await second.metrics()).map(({ name }) => name);
  assert.ok(names.includes('tendril_ingest_calls_total') && names.includes('tendril_log_head'));
  assert.equal(new Set(names).size, names.length);
  await second.stop();
}
