import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import type { Hub, PluginSource, TenantHub } from '../src/index.ts';
import { source } from './plugins/fixture.ts';
import { hubOver, sendAs, until, witness } from './support/hub-scenario.ts';

const string = { type: 'string' };
const put = (input: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  title: 'Put',
  effect: 'write',
  idempotency: 'natural',
  input: { type: 'object', additionalProperties: false, properties: { name: string, ...input } },
  output: { type: 'object', properties: { id: string }, required: ['id'] },
  ...more,
});
const manifestOf = (actions: JsonObject, more: JsonObject = {}): JsonObject & { readonly id: string } => ({
  id: 'crm',
  title: 'CRM',
  engines: { tendril: '^0.1.0' },
  contributes: { actions },
  ...more,
});
const crm = (actions: JsonObject, more: JsonObject = {}): PluginSource =>
  source(manifestOf(actions, more), (host) => {
    for (const id of Object.keys(actions)) host.action(id, async () => ({ id: '1' }));
  });
const candidate = (actions: JsonObject, more: JsonObject = {}, version = '2.0.0') => ({
  packageJson: { name: '@tendril/plugin-crm', version },
  manifest: manifestOf(actions, more),
});
const PIPELINE = `pipeline: sync
trigger: { event: Ordered }
steps:
  - { id: put, action: crm.put, with: { name: "\${{ event.id }}" } }
  - wait: 10d
  - { action: crm.put, with: { name: "\${{ steps.put.output.id }}" } }
`;

describe('the plan of an upgrade', () => {
  let hub: Hub | undefined;
  let writeKey = '';
  afterEach(async () => {
    await hub?.stop();
    hub = undefined;
  });

  async function start(plugins: readonly PluginSource[]): Promise<TenantHub> {
    hub = await hubOver(createMemoryStores(), [witness(), ...plugins]);
    await hub.start();
    await hub.admin.create({ id: 'acme', name: 'acme' });
    const tenant = await hub.tenant('acme');
    for (const { folder } of plugins) await tenant.plugins.enable(folder);
    const app = await tenant.apps.create({ name: 'Shop', isTest: false });
    writeKey = (await tenant.keys.create({ kind: 'write', appId: app.id })).secret;
    return tenant;
  }

  it('is empty for the same', async () => {
    const tenant = await start([crm({ put: put() })]);
    await tenant.pipelines.deploy(PIPELINE);
    assert.deepEqual(await tenant.plugins.plan('crm', candidate({ put: put() }, {}, '1.3.0')), {
      from: '1.2.0',
      to: '1.3.0',
      permissions: { added: [], removed: [] },
      contributions: { added: [], removed: [], changed: [] },
      breakingChanges: [],
      pipelines: [],
      plugins: [],
      sleepingRuns: 0,
      isBlocked: false,
      consentNeeded: false,
    });
  });

  it('tells what it adds, takes and changes, and whether that is declared', async () => {
    const tenant = await start([crm({ put: put(), old: put() })]);
    const next = { put: put({ email: string }, { version: 2 }), fresh: put() };
    const permissions = { hosts: ['api.crm.example'] };
    const plan = await tenant.plugins.plan('crm', candidate(next, { permissions }));
    assert.deepEqual(plan.permissions, { added: ['May reach api.crm.example'], removed: [] });
    assert.deepEqual([plan.contributions.added, plan.contributions.removed], [['action fresh'], ['action old']]);
    assert.equal(plan.isBlocked, true);
    const told = (version: string) => [{ version, change: 'old is gone', guide: 'use put', by: '2027-01-01' }];
    assert.equal((await tenant.plugins.plan('crm', candidate(next, { breakingChanges: told('2.0.0') }))).isBlocked, false);
    // What an older or a later version broke says nothing of this one.
    assert.equal((await tenant.plugins.plan('crm', candidate(next, { breakingChanges: told('1.0.0') }))).isBlocked, true);
    assert.equal((await tenant.plugins.plan('crm', candidate(next, { breakingChanges: told('3.0.0') }))).isBlocked, true);
  });

  it('finds deployed pipelines that would break, and counts runs that sleep', async () => {
    const tenant = await start([crm({ put: put() })]);
    await tenant.pipelines.deploy(PIPELINE);
    await tenant.pipelines.deploy('pipeline: other\ntrigger: { event: Ordered }\nsteps: [{ stop: {} }]\n');
    await sendAs(hub as Hub, writeKey, [{ type: 'track', event: 'Ordered', userId: 'u', messageId: 'm1' }]);
    await until(async () => (await tenant.runs.list({ state: 'sleeping' })).items.length === 1);
    const renamed = put();
    const next = { put: { ...renamed, input: { type: 'object', additionalProperties: false, properties: { title: string } } } };
    const breakingChanges = [{ version: '2.0.0', change: 'name is title', guide: 'rename it', by: '2027-01-01' }];
    const plan = await tenant.plugins.plan('crm', candidate(next as JsonObject, { breakingChanges }));
    assert.deepEqual(
      plan.pipelines.map(({ name, problems }) => [name, problems.length > 0]),
      [['sync', true]],
    );
    assert.equal(plan.sleepingRuns, 1);
    assert.equal(plan.isBlocked, true);
    assert.deepEqual(
      plan.contributions.changed.map(({ name, isBreaking }) => [name, isBreaking]),
      [['action put', true]],
    );
    const gone = await tenant.plugins.plan('crm', candidate({ other: put() }, { breakingChanges }));
    assert.equal(gone.pipelines[0]?.name, 'sync');
  });

  it('names plugins that would not go with it', async () => {
    const top = source({ id: 'top', requires: { plugins: { crm: '^1.0.0' } } });
    const tenant = await start([crm({ put: put() }), top]);
    const plan = await tenant.plugins.plan('crm', candidate({ put: put() }));
    assert.deepEqual([plan.plugins[0]?.name, plan.isBlocked], ['top', true]);
  });

  it('of one that is new is all that it brings; a faulty one is refused with its faults', async () => {
    const tenant = await start([]);
    const plan = await tenant.plugins.plan('crm', candidate({ put: put() }));
    assert.deepEqual([plan.from, plan.contributions.added, plan.consentNeeded, plan.isBlocked], [undefined, ['action put'], true, false]);
    await assert.rejects(tenant.plugins.plan('crm', { packageJson: { name: 'x' }, manifest: { id: 'crm' } }), { code: 'MANIFEST_INVALID' });
    const lost = candidate({ put: put() }, { requires: { plugins: { nobody: '*' } } });
    await assert.rejects(tenant.plugins.plan('crm', lost), { code: 'MANIFEST_INVALID' });
  });
});
