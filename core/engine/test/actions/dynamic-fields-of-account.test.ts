import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import type { Hub, TenantHub } from '../../src/index.ts';
import { anyAction, source } from '../plugins/fixture.ts';
import { hubOver, until } from '../support/hub-scenario.ts';

/** A service with custom fields that differ by account, and that may be away. */
function crm(state: { isAway: boolean; asked: number }) {
  return source(
    {
      id: 'crm',
      connections: {
        account: { type: 'apiKey', title: 'Account', schema: { type: 'object', properties: { region: { type: 'string' } } } },
      },
      permissions: { connections: ['account'] },
      contributes: {
        actions: {
          put: {
            title: 'Put',
            effect: 'write',
            idempotency: 'natural',
            connection: 'account',
            input: {
              type: 'object',
              additionalProperties: false,
              required: ['fields'],
              properties: { fields: { type: 'object', additionalProperties: true }, owner: { type: 'string' } },
            },
            output: true,
            dynamic: { '/fields': { action: 'columns', as: 'fields' }, '/owner': { action: 'owners', as: 'choices' } },
          },
          columns: anyAction({ connection: 'account' }),
          owners: anyAction({ connection: 'account' }),
        },
      },
    },
    (host) => {
      host.action('put', async () => ({}));
      host.action('columns', async (_, call) => {
        state.asked += 1;
        if (state.isAway) throw new TendrilError('UPSTREAM_UNAVAILABLE');
        const name = `of_${String((call.connection.values as { region?: string }).region)}`;
        return { schema: { type: 'object', additionalProperties: false, properties: { [name]: { type: 'string' } } } };
      });
      host.action('owners', async () => ({ items: [{ value: 'ada', title: 'Ada' }] }));
    },
  );
}

describe('dynamic fields of an account', () => {
  const state = { isAway: false, asked: 0 };
  let hub: Hub;
  let tenant: TenantHub;
  before(async () => {
    hub = await hubOver(createMemoryStores(), [crm(state)]);
    await hub.start();
    await hub.admin.create({ id: 'acme', name: 'Acme' });
    tenant = await hub.tenant('acme');
    await tenant.plugins.enable('crm');
    for (const name of ['eu', 'us']) await tenant.connections.add({ name, plugin: 'crm', kind: 'account', values: { region: name } });
  });
  after(() => hub.stop());

  const pipeline = (connection: string, input: string): string =>
    `pipeline: p\ntrigger: { event: E }\nsteps:\n  - action: crm.put\n    connection: ${connection}\n    with: ${input}\n`;

  it('are asked for when it is connected, and pipelines are checked with those of their account', async () => {
    await until(async () => (await tenant.pipelines.validate(pipeline('eu', '{ fields: { nothing: x } }'))).length > 0);
    await until(async () => (await tenant.pipelines.validate(pipeline('us', '{ fields: { nothing: x } }'))).length > 0);
    const [fault] = await tenant.pipelines.validate(pipeline('eu', '{ fields: { of_e: x } }'));
    assert.equal(fault?.suggestion, 'of_eu');
    assert.deepEqual(await tenant.pipelines.validate(pipeline('us', '{ fields: { of_us: x } }')), []);
    assert.equal((await tenant.pipelines.validate(pipeline('us', '{ fields: {}, owner: bob }'))).length, 1);
    assert.deepEqual(await tenant.pipelines.validate(pipeline('us', '{ fields: {}, owner: ada }')), []);
  });

  it('are kept, asked for again when told, and used while the service is away', async () => {
    const asked = state.asked;
    const [columns, owners] = await tenant.actions.fields('crm.put', { connection: 'eu' });
    assert.deepEqual([columns?.pointer, columns?.isStale, owners?.items?.[0]?.value], ['/fields', false, 'ada']);
    assert.equal(state.asked, asked);
    const [fresh] = await tenant.actions.fields('crm.put', { connection: 'eu', refresh: true });
    assert.deepEqual([state.asked, fresh?.hash], [asked + 1, columns?.hash]);
    state.isAway = true;
    const [stale] = await tenant.actions.fields('crm.put', { connection: 'eu', refresh: true });
    assert.deepEqual([stale?.isStale, stale?.hash], [true, columns?.hash]);
    assert.equal((await tenant.pipelines.validate(pipeline('eu', '{ fields: { nothing: x } }'))).length, 1);
  });

  it('say what is wrong when they are asked for wrongly', async () => {
    await assert.rejects(tenant.actions.fields('crm.nothing'), { code: 'ACTION_UNKNOWN' });
    await assert.rejects(tenant.actions.fields('crm.put'), { code: 'CONNECTION_MISSING' });
    await assert.rejects(tenant.actions.fields('crm.put', { connection: 'mars' }), { code: 'CONNECTION_UNKNOWN' });
    assert.deepEqual(await tenant.actions.fields('crm.columns'), []);
  });
});
