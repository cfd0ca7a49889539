import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTimers } from '@tendril/engine';
import { createPluginHost } from '@tendril/engine/plugins';
import type { PluginHost } from '@tendril/engine/plugins';
import type { Connection, JsonObject } from '@tendril/plugin-api';
import { createMemoryStores, readSource } from '../../src/index.ts';
import { createSandboxControl, startSandboxes } from '../../src/sandboxes/index.ts';
import type { Sandboxes } from '../../src/sandboxes/index.ts';

const TENANTS = ['acme', 'globex'] as const;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { now: () => Date.UTC(2026, 0, 1) };

/** A host with the three connectors, in which nothing but the given places of this machine may be reached. */
async function startHost(allow: readonly string[]): Promise<PluginHost> {
  const stores = createMemoryStores({ clock });
  const opened = new Map(
    TENANTS.map((id: string) => {
      const keys = { tenantId: id, currentKeyId: 1, dataKeys: { 1: randomBytes(32) }, indexKey: randomBytes(32) };
      const tenant = { id, name: id, timeZone: 'UTC', createdAt: 0 };
      return [id, { tenant, keys, log: stores.log.tenant(keys), state: stores.state.tenant(keys) }];
    }),
  );
  const tenants = {
    open: async (id: string) => {
      const found = opened.get(id);
      if (found === undefined) throw new Error(`no tenant ${id}`);
      return found;
    },
    ids: async () => TENANTS,
    jobs: stores.state.jobs,
  };
  const folder = join(import.meta.dirname, '../../../../connectors');
  const sources = ['salesforce', 'hubspot', 'segment'].map((name) => readSource(join(folder, name)));
  const callAction = async () => ({ output: null, changes: [] });
  const host = createPluginHost({ sources, tenants, clock, timers: systemTimers, log: silent, callAction, network: { allow } });
  await host.start();
  await stores.state.defineTables(host.tables());
  return host;
}

function connectionsOf({ services: { salesforce, hubspot, segment } }: Sandboxes): Readonly<Record<string, Connection>> {
  const { instanceUrl, loginUrl, accessToken } = salesforce;
  const { writeKey, endpoint, settingsEndpoint } = segment;
  return {
    salesforce: { name: 'a', kind: 'oauth2', isSandbox: true, values: { instanceUrl, loginUrl, accessToken } },
    hubspot: { name: 'b', kind: 'private_app', isSandbox: true, values: { basePath: hubspot.basePath, accessToken: hubspot.accessToken } },
    segment: { name: 'c', kind: 'write_key', isSandbox: true, values: { writeKey, endpoint, settingsEndpoint } },
  };
}

const INPUTS: Readonly<Record<string, (person: string) => JsonObject>> = {
  'salesforce.upsert_lead': (person) => ({ email: `${person}@example.invalid`, lastName: person, company: 'Company' }),
  'hubspot.upsert_contact': (person) => ({ email: `${person}@example.invalid` }),
  'segment.track': (person) => ({ userId: person, event: 'Lead Qualified' }),
};
const TESTS = ['salesforce.test', 'salesforce.describe_lead', 'hubspot.test', 'hubspot.list_properties', 'segment.test'];

describe('the connectors through the host', function () {
  this.timeout(60_000);
  const folders = TENANTS.map((tenant) => mkdtempSync(join(tmpdir(), `tendril-${tenant}-`)));
  let sandboxes: readonly Sandboxes[];
  let host: PluginHost | undefined;
  before(async () => {
    sandboxes = await Promise.all(folders.map((folder) => startSandboxes({ folder })));
  });
  afterEach(() => host?.stop());
  after(async () => {
    for (const each of sandboxes) await each.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function urls(each: Sandboxes): readonly string[] {
    const { salesforce, hubspot, segment } = each.services;
    return [salesforce.url, hubspot.url, segment.url];
  }

  async function run(tenant: number, name: string, input: JsonObject): Promise<unknown> {
    const action = host?.action(name);
    assert.ok(host !== undefined && action !== undefined, `${name}: ${JSON.stringify(host?.catalogue.faults())}`);
    const connection = connectionsOf(sandboxes[tenant]!)[name.split('.')[0] ?? ''];
    assert.ok(connection);
    const idempotencyKey = `run-${String(tenant)}-${name.replace(/[^a-z]/g, '-')}`;
    return (await host.runAction(TENANTS[tenant]!, action, input, { isTest: false, idempotencyKey, attempt: 1, connection })).output;
  }

  it('reach their services with the credentials that the host puts in, two tenants at once and apart', async () => {
    host = await startHost(sandboxes.flatMap(urls).map((url) => new URL(url).host));
    const work = Object.entries(INPUTS).flatMap(([name, input]) => [0, 1].map((tenant) => run(tenant, name, input(TENANTS[tenant]!))));
    await Promise.all(work);
    for (const name of TESTS) await run(0, name, {});
    for (const [tenant, id] of TENANTS.entries()) {
      for (const url of urls(sandboxes[tenant]!)) {
        const effects = await createSandboxControl(url).effects();
        assert.equal(effects.length, 1, url);
        assert.ok(JSON.stringify(effects).includes(id));
      }
    }
  });

  it('reach nothing on this machine unless the operator allows it', async () => {
    host = await startHost([]);
    const before = await Promise.all(sandboxes.flatMap(urls).map((url) => createSandboxControl(url).status()));
    for (const [name, input] of Object.entries(INPUTS)) await assert.rejects(run(0, name, input('nobody')), { code: 'EGRESS_DENIED' });
    for (const name of TESTS) await assert.rejects(run(0, name, {}), { code: 'EGRESS_DENIED' });
    assert.deepEqual(await Promise.all(sandboxes.flatMap(urls).map((url) => createSandboxControl(url).status())), before);
  });

  it('pass on what the service says through the host', async () => {
    host = await startHost(urls(sandboxes[0]!).map((url) => new URL(url).host));
    const control = createSandboxControl(sandboxes[0]!.services.salesforce.url);
    const lead = INPUTS['salesforce.upsert_lead']!('again');
    await control.reset();
    await control.fault('throttle', { retryAfterSeconds: 7 });
    await assert.rejects(run(0, 'salesforce.upsert_lead', lead), (error: { code: string; details: JsonObject }) => {
      assert.deepEqual(
        [error.code, error.details['retryAfterMs'], error.details['vendorCodes']],
        ['UPSTREAM_THROTTLED', 7000, ['REQUEST_LIMIT_EXCEEDED']],
      );
      return true;
    });
    await control.fault('drop_after');
    await assert.rejects(run(0, 'salesforce.upsert_lead', lead), { code: 'UPSTREAM_UNAVAILABLE' });
    assert.equal((await control.status()).effects, 1);
  });
});
