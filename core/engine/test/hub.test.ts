import assert from 'node:assert/strict';
import { createMemoryStores } from '@tendril/testkit/stores';
import type { Hub } from '../src/index.ts';
import { source } from './plugins/fixture.ts';
import { hubOver, livesTwice, provision, seen, sendAs, until, witness } from './support/hub-scenario.ts';

describe('the hub', () => {
  let hub: Hub | undefined;
  afterEach(async () => {
    await hub?.stop();
    hub = undefined;
  });

  it('takes events in, follows them, emits, stops, and goes on where it was', () => livesTwice(createMemoryStores()));

  it('follows a new tenant without being started again, and only while the plugin is enabled there', async () => {
    hub = await hubOver(createMemoryStores());
    await hub.start();
    const { tenant, writeKey } = await provision(hub, 'late');
    await sendAs(hub, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm1' }]);
    await until(async () => (await tenant.events.head()) === 2);
    await tenant.plugins.disable('witness');
    await sendAs(hub, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm2' }]);
    await assert.rejects(tenant.actions.call('witness.list', {}), { code: 'ACTION_UNKNOWN' });
    await tenant.plugins.enable('witness');
    await until(async () => (await tenant.events.head()) === 4);
    assert.deepEqual(await seen(tenant), ['m1', 'm2']);
  });

  it('shows what a consumer could not digest, and takes it up again when asked', async () => {
    hub = await hubOver(createMemoryStores(), [witness()]);
    await hub.start();
    const { tenant, writeKey } = await provision(hub, 'acme');
    await sendAs(hub, writeKey, [
      { type: 'track', event: 'Ordered', userId: 'ill', messageId: 'm1', properties: { poison: true } },
      { type: 'track', event: 'Signed Up', userId: 'ill', messageId: 'm2' },
      { type: 'track', event: 'Signed Up', userId: 'well', messageId: 'm3' },
    ]);
    await until(async () => (await seen(tenant)).includes('m3'));
    const aside = await tenant.consumers.setAside('witness.watch');
    assert.deepEqual(
      aside.map(({ position, code }) => [position, code]),
      [
        [1, 'PLUGIN_FAULTY'],
        [2, 'CONFLICT'],
      ],
    );
    assert.deepEqual(await tenant.consumers.retrySetAside('witness.watch'), { done: 0, left: 2 });
    assert.deepEqual(await seen(tenant), ['m3']);
  });

  it('judges a pipeline by the schema of the event that starts it', async () => {
    hub = await hubOver(createMemoryStores());
    const { tenant } = await provision(hub, 'acme');
    await tenant.schemas.put('Ordered', { type: 'object', additionalProperties: false, properties: { total: { type: 'number' } } });
    const pipeline = (field: string): string =>
      `pipeline: p\ntrigger: { event: Ordered, where: "event.properties.${field} > 1" }\nsteps: [{ stop: {} }]\n`;
    assert.deepEqual(await tenant.pipelines.validate(pipeline('total')), []);
    const [fault] = await tenant.pipelines.validate(pipeline('totl'));
    assert.equal(fault?.line, 2);
    assert.equal(fault?.suggestion, 'total');
  });

  it('starts without a plugin that is broken, and names its faults', async () => {
    const broken = source({ id: 'broken', contributes: { actions: { x: { title: 'X' } } } });
    hub = await hubOver(createMemoryStores(), [witness(), broken]);
    await hub.start();
    const { isReady, faults } = await hub.health();
    assert.equal(isReady, true);
    assert.ok(faults.length > 0 && faults.every(({ plugin }) => plugin === 'broken'));
    await assert.rejects(hubOver(createMemoryStores(), [{ ...broken, isRequired: true }]), { code: 'MANIFEST_INVALID' });
  });

  it('does not know tenants that nobody made', async () => {
    hub = await hubOver(createMemoryStores());
    await assert.rejects(hub.tenant('nobody'), { code: 'NOT_FOUND' });
    await assert.rejects(hub.keys.session('nobody'), { code: 'NOT_FOUND' });
    await hub.admin.create({ id: 'acme', name: 'Acme' });
    assert.equal((await hub.tenant('acme')).tenant.id, 'acme');
    assert.deepEqual((await hub.keys.session('acme')).scopes, ['admin']);
  });

  it('refuses a master key that is not the one of the data', async () => {
    const stores = createMemoryStores();
    const first = await hubOver(stores);
    await first.admin.create({ id: 'acme', name: 'Acme' });
    await first.stop();
    hub = await hubOver(stores, [], { masterKey: new Uint8Array(32).fill(1) });
    await assert.rejects(hub.tenant('acme'), { code: 'VAULT_TAMPERED' });
  });
});
