import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { createHub, HUB_FAULT_POINTS } from '@tendril/engine';
import type { Hub, HubFaultPoint, TenantHub } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import { findPluginFolders } from '../../../cli/src/wiring/plugin-sources.ts';
import { randomEvents } from './random-history.ts';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const POINTS = HUB_FAULT_POINTS.filter((name) => name.startsWith('consumer.') || name.startsWith('outbox.'));
const TABLES = new Set(['people', 'identities', 'trait_history', 'links', 'groups', 'group_members']);
/** Passed once or twice in a rebuild, and never else. */
const OF_A_REBUILD: ReadonlySet<string> = new Set(['consumer.before-empty', 'consumer.before-rewind']);
/** Passed with each batch of events; the others perhaps but once. */
const SEVERAL_TIMES: ReadonlySet<string> = new Set(['consumer.before-handle', 'consumer.before-commit', 'consumer.after-commit']);
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
type Stores = ReturnType<typeof createMemoryStores>;

/** A hub that dies at a line: from then on nothing of it reaches the stores. */
async function openHub(stores: Stores, clock: { now(): number }, diesAt?: { readonly point: HubFaultPoint; readonly times: number }) {
  let passed = 0;
  const life = { isDead: false };
  const faultPoint = (name: HubFaultPoint): void => {
    if (diesAt === undefined) return;
    if (name === diesAt.point) passed += 1;
    life.isDead ||= passed >= diesAt.times;
    if (life.isDead) throw new TendrilError('STORE_UNAVAILABLE');
  };
  const plugins = (await findPluginFolders([FOLDER])).map((source) => ({ ...source, isTrusted: true }));
  const hub = await createHub({ stores, clock, masterKey: new Uint8Array(32).fill(9), log: quiet, plugins, leaseMs: 1_000, faultPoint });
  return { hub, life };
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function isUpToDate(tenant: TenantHub): Promise<boolean> {
  const consumer = (await tenant.consumers.list()).find(({ id }) => id === 'profiles.project');
  return consumer?.lag === 0 && consumer.isRebuilding !== true;
}

async function rowsOf(tenant: TenantHub): Promise<Readonly<Record<string, readonly JsonObject[]>>> {
  const rows: Record<string, JsonObject[]> = {};
  for await (const datum of tenant.plugins.exportData('profiles')) {
    if ('table' in datum && TABLES.has(datum.table)) (rows[datum.table] ??= []).push(datum.row as JsonObject);
  }
  for (const list of Object.values(rows)) list.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
  return rows;
}

async function reportsOf(tenant: TenantHub): Promise<readonly string[]> {
  const { items } = await tenant.events.list({ limit: 1_000 });
  return items
    .filter(({ name }) => /^tendril\.profiles\.(un)?merged$/.test(name))
    .map(({ properties }) => JSON.stringify(properties))
    .toSorted();
}

describe('people survive a death at', () => {
  let expected: { readonly rows: Awaited<ReturnType<typeof rowsOf>>; readonly reports: readonly string[] };
  const START = Date.UTC(2026, 0, 1);

  async function fill(hub: Hub): Promise<void> {
    await hub.admin.create({ id: 'acme', name: 'Acme' });
    const tenant = await hub.tenant('acme');
    await tenant.plugins.enable('profiles');
    const app = await tenant.apps.create({ name: 'Shop', isTest: false });
    const calls = randomEvents(3, 120).map(({ id, kind, identities, traits, context, occurredAt }) => ({
      type: kind,
      messageId: id,
      ...(kind === 'track' && { event: 'Something Done' }),
      ...identities,
      ...(kind === 'identify' || kind === 'group' ? { traits } : {}),
      context,
      timestamp: new Date(occurredAt).toISOString(),
    }));
    for (let from = 0; from < calls.length; from += 20)
      await tenant.ingest.accept(app, calls.slice(from, from + 20) as unknown as readonly JsonObject[], {
        receivedAt: START + from,
        requestId: 'r',
      });
  }

  async function lifeOf(point?: { readonly point: HubFaultPoint; readonly times: number }) {
    const stores = createMemoryStores({ clock: { now: () => Date.now() } });
    const clock = { now: () => Date.now() };
    const first = await openHub(stores, clock);
    await fill(first.hub);
    await first.hub.stop({ graceMs: 0 });
    if (point !== undefined) {
      const dying = await openHub(stores, clock, point);
      await dying.hub.start();
      const tenant = await dying.hub.tenant('acme');
      if (OF_A_REBUILD.has(point.point)) {
        await until(() => isUpToDate(tenant));
        await tenant.consumers.rebuild('profiles.project');
      }
      await until(() => dying.life.isDead);
      await dying.hub.stop({ graceMs: 0 });
    }
    const { hub } = await openHub(stores, clock);
    await hub.start();
    const tenant = await hub.tenant('acme');
    await until(
      async () => (await isUpToDate(tenant)) && (expected === undefined || (await reportsOf(tenant)).length >= expected.reports.length),
    );
    return { hub, tenant };
  }

  before(async () => {
    const { hub, tenant } = await lifeOf();
    await until(async () => (await reportsOf(tenant)).length > 0 && (await isUpToDate(tenant)));
    expected = { rows: await rowsOf(tenant), reports: await reportsOf(tenant) };
    assert.ok((expected.rows['links']?.length ?? 0) > 2);
    assert.equal(expected.reports.length, expected.rows['links']?.length);
    await hub.stop({ graceMs: 0 });
  });

  for (const point of POINTS) {
    it(point, async () => {
      const { hub, tenant } = await lifeOf({ point, times: SEVERAL_TIMES.has(point) ? 2 : 1 });
      assert.deepEqual(await rowsOf(tenant), expected.rows);
      assert.deepEqual(await reportsOf(tenant), expected.reports);
      await hub.stop({ graceMs: 0 });
    });
  }

  it('nothing, and are the same when they are made anew, merged by hand and separated among it, and nobody is told twice', async () => {
    const { hub, tenant } = await lifeOf();
    const [first, second] = (expected.rows['people'] ?? []).filter(({ state }) => state === 'active');
    const { output } = await tenant.actions.call('profiles.merge', { into: String(first?.['id']), from: String(second?.['id']) });
    await until(async () => (await rowsOf(tenant))['links']?.some(({ id }) => id === (output as JsonObject)['link']) === true);
    await tenant.actions.call('profiles.unmerge', { link: String((output as JsonObject)['link']) });
    await until(async () => (await reportsOf(tenant)).length === expected.reports.length + 2 && (await isUpToDate(tenant)));
    const before = { rows: await rowsOf(tenant), reports: await reportsOf(tenant) };
    await tenant.consumers.rebuild('profiles.project');
    await until(async () => isUpToDate(tenant));
    assert.deepEqual(await rowsOf(tenant), before.rows);
    assert.deepEqual(await reportsOf(tenant), before.reports);
    await hub.stop({ graceMs: 0 });
  });
});
