import assert from 'node:assert/strict';
import { createReceiveDelivery } from '../../src/plugins/webhooks/receive-delivery.ts';
import type { DeliveryRequest, ReceiveDeliveryOptions } from '../../src/plugins/webhooks/receive-delivery.ts';
import { source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';

const REQUEST: DeliveryRequest = {
  path: '/hooks/acme/plugins/x',
  query: {},
  headers: { 'content-type': 'application/json' },
  rawBody: Buffer.from('{"score":1}'),
  requestId: 'r',
};

describe('a webhook that becomes an event by itself', () => {
  let fixture: HostFixture | undefined;
  afterEach(() => fixture?.host.stop());

  async function deliver(write: readonly string[], granted?: readonly string[]): Promise<readonly string[]> {
    const manifest = {
      id: 'acme',
      permissions: { events: { write: [...write] } },
      contributes: { webhooks: { hook: { title: 'Hook', verify: 'none', event: write[0] ?? '' } } },
    };
    const grants = granted === undefined ? {} : { grants: { events: { write: [...granted] } } };
    fixture = await startHost([source(manifest, undefined, grants)]);
    const { host, tenants, clock } = fixture;
    const tenant = await tenants.open('acme');
    const emitted: string[] = [];
    const state = {
      ...tenant.state,
      commit: async (changes: Parameters<typeof tenant.state.commit>[0]) => {
        for (const change of changes) if (change.op === 'emit') emitted.push((JSON.parse(change.event.payload) as { name: string }).name);
        return { ok: true, versions: [] };
      },
    };
    const receive = createReceiveDelivery({
      webhooks: host.webhooks,
      addresses: { locate: async () => ({ tenant: { ...tenant, state }, row: { key: 'acme.hook', plugin: 'acme', webhook: 'hook' } }) },
      connections: { list: async () => [] },
      enabled: () => new Set(['acme']),
      clock,
    } as unknown as ReceiveDeliveryOptions);
    await receive(REQUEST);
    return emitted;
  }

  it('adds what the operator grants', async () => {
    assert.deepEqual(await deliver(['Scored'], ['Scored']), ['Scored']);
  });

  it('adds nothing that the operator does not grant, nor events of the hub', async () => {
    await assert.rejects(deliver(['Order Completed'], []), { code: 'PERMISSION_DENIED' });
    await fixture?.host.stop();
    await assert.rejects(deliver(['tendril.plugin.stopped']), { code: 'PERMISSION_DENIED' });
  });
});
