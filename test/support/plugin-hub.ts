import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub } from '@tendril/engine';
import type { Hub, HubOptions, PluginSource, TenantHub } from '@tendril/engine';
import { createIsolation } from '@tendril/isolation';
import type { JsonObject } from '@tendril/plugin-api';
import { createServer } from '@tendril/server';
import type { ServerOptions } from '@tendril/server';
import { createMemoryStores } from '@tendril/testkit/stores';
import { findPluginFolders } from '../../cli/src/wiring/plugin-sources.ts';

/** Where the code of a plugin runs: in the hub's own process, or in one of its own. */
export type Way = 'process' | 'child';

/** Both ways: examples have to work in each of them alike. */
export const WAYS: readonly Way[] = ['process', 'child'];

/** An answer of the hub. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty for what is no JSON. */
  readonly json: JsonObject;
}

/** What is sent. */
export interface Asked {
  readonly key?: string;
  readonly body?: unknown;
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A tenant of the hub, with its keys. */
export interface Side {
  readonly id: string;
  readonly tenant: TenantHub;
  /** Of scope admin. */
  readonly admin: string;
  readonly write: string;
}

/** A hub over stores in memory, behind HTTP on a port of its own. */
export interface PluginHub {
  readonly hub: Hub;
  readonly url: string;
  /** Makes a tenant with the plugins enabled. */
  side(id: string, plugins?: readonly string[]): Promise<Side>;
  ask(method: string, path: string, asked?: Asked): Promise<Reply>;
  /** For `/open?token=`, which opens a session of the dashboard. */
  loginToken(tenantId: string): string;
  close(): Promise<void>;
}

const EXAMPLES = fileURLToPath(new URL('../../examples/plugins/', import.meta.url));
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Plugins of `examples/plugins` by their ids, to be run in one of the two ways; those of the repository by their paths, which are always the hub's own. */
export async function findExamples(ids: readonly string[], way: Way): Promise<readonly PluginSource[]> {
  const sources = await findPluginFolders(ids.map((id) => join(EXAMPLES, id)));
  return sources.map((source, index) => {
    const folder = join(EXAMPLES, ids[index] ?? '');
    return {
      ...source,
      isTrusted: way === 'process' || ids[index]?.startsWith('../../plugins/') === true,
      location: { folder, entry: join(folder, 'src/index.ts') },
    };
  });
}

/** Starts a hub with the examples, whose operator's tenant is `acme`. */
export async function startPluginHub(
  ids: readonly string[],
  way: Way,
  options: Partial<Pick<HubOptions, 'stores' | 'clock' | 'allowedEgress' | 'faultPoint' | 'timers' | 'plugins'>> = {},
  serverOptions: Partial<Pick<ServerOptions, 'publicUrl' | 'proxyHops'>> = {},
): Promise<PluginHub> {
  const hub = await createHub({
    stores: createMemoryStores(),
    masterKey: new Uint8Array(32).fill(7),
    log,
    plugins: await findExamples(ids, way),
    ...(way === 'child' && { isolation: createIsolation() }),
    ...options,
  });
  await hub.start();
  const server = createServer({
    hub,
    log,
    clock: { now: () => Date.now() },
    defaultTenantId: 'acme',
    sessionSecret: 's'.repeat(32),
    isProduction: true,
    ...serverOptions,
  });
  const listening = await server.listen(0, '127.0.0.1');
  return {
    hub,
    url: listening.url,
    async side(id, plugins = ids) {
      await hub.admin.create({ id, name: id, timeZone: 'Europe/Berlin' });
      const tenant = await hub.tenant(id);
      for (const plugin of plugins) await enable(tenant, plugin);
      const app = await tenant.apps.create({ name: 'Shop', isTest: false, origins: ['https://shop.example'] });
      const { secret: write } = await tenant.keys.create({ kind: 'write', appId: app.id });
      const { secret: admin } = await tenant.keys.create({ kind: 'secret', scopes: ['admin'] });
      return { id, tenant, admin, write };
    },
    async ask(method, path, { key, body, raw, headers = {} } = {}) {
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(listening.url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(payload === undefined ? {} : { body: payload }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
      return { status: response.status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as JsonObject) : {} };
    },
    loginToken: (tenantId) => server.createLoginToken({ tenantId }),
    async close() {
      await listening.close(1_000);
      await hub.stop({ graceMs: 2_000 });
    },
  };
}

/** Asks again until it is so. @throws Error with the last answer */
export async function until<Answer>(ask: () => Promise<Answer>, isSo: (answer: Answer) => boolean): Promise<Answer> {
  const giveUpAt = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (performance.now() > giveUpAt) throw new Error(`Not as wanted in time: ${JSON.stringify(answer)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whoever enables a plugin that is not the installation's own has seen what it may do. */
export async function enable(tenant: TenantHub, id: string): Promise<void> {
  const consent = (await tenant.plugins.list()).find((plugin) => plugin.id === id)?.permissionsHash;
  await tenant.plugins.enable(id, consent === undefined ? {} : { consent });
}
