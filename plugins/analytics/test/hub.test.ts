import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub } from '@tendril/engine';
import type { App, Hub, HubRole, TenantHub } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import { createMemoryStores, readSource } from '@tendril/testkit';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const AT = Date.parse('2026-03-10T10:00:00Z');

/** A plugin that may read one name only, and asks what it is told to ask. */
const ASKER = {
  folder: 'asker',
  file: 'asker/plugin.json',
  packageJson: { name: '@tendril/plugin-asker', version: '1.0.0', description: 'Asks', license: 'MIT', type: 'module' },
  manifest: {
    id: 'asker',
    title: 'Asker',
    engines: { tendril: '^0.1.0' },
    permissions: { events: { read: ['Order *'] } },
    contributes: { actions: { ask: { title: 'Ask', effect: 'read', input: { type: 'object' }, output: { type: 'object' } } } },
  },
  read: () => Promise.reject(new Error('there is no other file')),
  load: async () => ({
    default: {
      setup: (host: {
        action(
          id: string,
          handler: (input: never, call: { analytics: { ask(question: never): Promise<unknown> } }) => Promise<unknown>,
        ): void;
      }) => {
        host.action('ask', (input, call) => call.analytics.ask(input));
      },
    },
  }),
};

describe('analytics in a hub, with the copy in DuckDB', function () {
  this.timeout(60_000);
  let folder: string;
  let hub: Hub;
  let tenant: TenantHub;
  let app: App;
  let sent = 0;
  const stores = createMemoryStores();

  async function start(roles?: readonly HubRole[]): Promise<void> {
    const plugins = ['analytics', 'duckdb'].map((id) => readSource(fileURLToPath(new URL(`../../${id}`, import.meta.url))));
    hub = await createHub({
      stores,
      masterKey: new Uint8Array(32).fill(7),
      log: quiet,
      plugins: [...plugins, ASKER],
      openFolder: async (tenantId, plugin) => {
        const path = join(folder, tenantId, plugin);
        await mkdir(path, { recursive: true });
        return path;
      },
    });
    assert.deepEqual(hub.plugins.faults(), []);
    await hub.start(roles === undefined ? {} : { roles });
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tendril-analytics-'));
    await start();
    await hub.admin.create({ id: 'acme', name: 'Acme', timeZone: 'Europe/Berlin' });
    tenant = await hub.tenant('acme');
    for (const plugin of ['analytics', 'duckdb', 'asker']) await tenant.plugins.enable(plugin);
    app = await tenant.apps.create({ name: 'Shop', isTest: false });
  });
  after(async () => {
    await hub.stop({ graceMs: 1_000 });
    await rm(folder, { recursive: true, force: true });
  });

  async function track(userId: string, event: string, properties: JsonObject, minutes: number): Promise<void> {
    const timestamp = new Date(AT + minutes * 60_000).toISOString();
    const call = { type: 'track', messageId: `m${(sent += 1)}`, userId, event, properties, timestamp };
    const [outcome] = await tenant.ingest.accept(app, [call], { receivedAt: Date.now(), requestId: `r${sent}` });
    assert.equal(outcome?.status, 'accepted');
  }

  async function ask(action: string, input: JsonObject): Promise<JsonObject> {
    return (await tenant.actions.call(action, input, { idempotencyKey: `t-${(sent += 1)}` })).output as JsonObject;
  }

  async function caughtUp(): Promise<void> {
    for (const giveUpAt = performance.now() + 30_000; ;) {
      const { behindEvents } = await ask('analytics.status', {});
      if (behindEvents === 0) return;
      assert.ok(performance.now() < giveUpAt, 'the copy did not catch up');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('answers typed questions, and says that it knows the whole log', async () => {
    await track('ann', 'Product Viewed', { sku: 'a', price: 10 }, 0);
    await track('ann', 'Order Completed', { total: 30, email: 'ann@example.invalid' }, 5);
    await track('bob', 'Product Viewed', { sku: 'b', price: 20 }, 1);
    await caughtUp();
    const steps = [{ names: ['Product Viewed'] }, { names: ['Order Completed'] }];
    const funnel = await ask('analytics.funnel', { steps, windowHours: 1 });
    assert.deepEqual(funnel['groups'], [
      {
        steps: [
          { people: 2, ofFirstRatio: 1, ofPreviousRatio: 1 },
          { people: 1, ofFirstRatio: 0.5, ofPreviousRatio: 0.5, medianMs: 300_000 },
        ],
      },
    ]);
    const { position, head, behindEvents, behindMs } = funnel;
    assert.deepEqual([position === head, behindEvents, behindMs], [true, 0, 0]);
    const count = await ask('analytics.count', { per: 'day', from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' });
    assert.deepEqual(count['groups'], [{ value: 3, series: [{ at: '2026-03-10', value: 3 }] }]);
    assert.deepEqual((await ask('analytics.sum', { property: 'total' }))['groups'], [{ value: 30 }]);
    assert.deepEqual((await ask('analytics.uniques', { of: 'property', property: 'sku' }))['groups'], [{ value: 2 }]);
    assert.equal((await ask('analytics.sessions', {}))['sessions'], 2);
    const paths = await ask('analytics.paths', { around: { names: ['Product Viewed'] } });
    assert.deepEqual(paths['paths'], [
      { names: [], occurrences: 1 },
      { names: ['Order Completed'], occurrences: 1 },
    ]);
    assert.deepEqual((await ask('analytics.retention', { per: 'day', periods: 1 }))['cohorts'], [
      { at: '2026-03-10', people: 2, back: [2] },
    ]);
    assert.deepEqual((await ask('analytics.pages', {}))['pages'], []);
  });

  it('shows names for pickers without what is personal, and which ready-made questions can be asked', async () => {
    const names = (await ask('analytics.names', { startsWith: 'Order' }))['names'] as readonly JsonObject[];
    assert.deepEqual(names[0]?.['properties'], [{ name: 'total', type: 'number' }]);
    const items = (await ask('analytics.ready_made', {}))['items'] as readonly JsonObject[];
    const revenue = items.find(({ id }) => id === 'revenue');
    assert.deepEqual([revenue?.['isReady'], (revenue?.['input'] as JsonObject)['property']], [true, 'total']);
    for (const { action, input, isReady } of items) if (isReady === true) await ask(String(action), input as JsonObject);
    assert.deepEqual(items.find(({ id }) => id === 'buying')?.['missing'], ['Product Added', 'Checkout Started']);
  });

  it('refuses what is beyond a bound, with the place', async () => {
    const filter = { property: 'price', is: 'greater', value: 'ten' };
    await assert.rejects(ask('analytics.count', { events: { where: [filter] } }), (error: { code: string; details: JsonObject }) => {
      assert.deepEqual([error.code, error.details['pointer']], ['INPUT_INVALID', '/events/where/0/value']);
      return true;
    });
    await assert.rejects(ask('analytics.count', { timeZone: 'Mars/Olympus' }), { code: 'INPUT_INVALID' });
    await assert.rejects(ask('analytics.count', { from: '2026-03-10T00:00:00Z', to: '2026-03-10T00:00:00Z' }), { code: 'INPUT_INVALID' });
    await assert.rejects(ask('analytics.retention', { timeZone: 'person' }), { code: 'INPUT_INVALID' });
  });

  it('holds a plugin to the events that it may read', async () => {
    const orders = { ask: 'count', events: { names: ['Order Completed'] } };
    assert.deepEqual((await ask('asker.ask', orders))['groups'], [{ value: 1 }]);
    for (const question of [
      { ask: 'count', events: { names: ['Order Completed', 'Product Viewed'] } },
      { ask: 'count', events: {} },
      { ask: 'names' },
      { ask: 'sessions' },
      { ask: 'uniques', events: { names: ['Order Completed'] }, of: 'sessions' },
    ])
      await assert.rejects(ask('asker.ask', question), { code: 'PERMISSION_DENIED' });
    for (const question of [
      {},
      { ask: 'sql' },
      { ask: 'funnel', steps: [{}], windowMs: 1 },
      { ask: 'count', events: { names: [] } },
      { ask: 'count' },
    ])
      await assert.rejects(ask('asker.ask', question), { code: 'INPUT_INVALID' });
  });

  it('fills the copy again with the same answers', async () => {
    const before = await ask('analytics.breakdown', { property: 'sku' });
    assert.deepEqual(await ask('analytics.rebuild', {}), { isEmptied: true });
    await caughtUp();
    assert.deepEqual((await ask('analytics.breakdown', { property: 'sku' }))['values'], before['values']);
  });

  it('fills a copy that was lost when it starts again, and says in a process without the role whom to ask', async () => {
    await hub.stop({ graceMs: 1_000 });
    await rm(join(folder, 'acme'), { recursive: true, force: true });
    await start(['api', 'worker', 'scheduler']);
    tenant = await hub.tenant('acme');
    await assert.rejects(ask('analytics.count', {}), (error: { code: string; details: JsonObject }) => {
      assert.deepEqual([error.code, error.details['role']], ['ANALYTICS_NOT_HERE', 'analytics']);
      return true;
    });
    await assert.rejects(ask('analytics.rebuild', {}), { code: 'ANALYTICS_NOT_HERE' });
    await hub.stop({ graceMs: 1_000 });
    await start();
    tenant = await hub.tenant('acme');
    await caughtUp();
    assert.deepEqual((await ask('analytics.sum', { property: 'total' }))['groups'], [{ value: 30 }]);
  });

  it('says which driver is missing where none is enabled', async () => {
    await tenant.plugins.disable('duckdb');
    await assert.rejects(ask('analytics.count', {}), { code: 'DRIVER_MISSING' });
  });
});
