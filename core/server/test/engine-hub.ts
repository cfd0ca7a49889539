import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import { serveHub } from './served.ts';
import type { Served } from './served.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A server over the engine, with the tenant `acme` and a test app. */
export interface ServedEngine extends Served {
  /** Of scope admin. */
  readonly key: string;
  readonly writeKey: string;
  /** Makes a key of these scopes. */
  newKey(...scopes: readonly ('read' | 'actions' | 'pipelines' | 'admin')[]): Promise<string>;
}

/** Serves the engine over memory stores with some of the plugins, all of them enabled. */
export async function serveEngine(plugins: readonly string[]): Promise<ServedEngine> {
  const hub = await createHub({
    stores: createMemoryStores(),
    createScratchStores: ({ clock }) => createMemoryStores({ clock }),
    masterKey: new Uint8Array(32).fill(7),
    log,
    plugins: await Promise.all(plugins.map(findPlugin)),
  });
  await hub.admin.create({ id: 'acme', name: 'Acme' });
  const tenant = await hub.tenant('acme');
  for (const id of plugins) await tenant.plugins.enable(id);
  const app = await tenant.apps.create({ name: 'Shop', isTest: true, origins: ['*'] });
  const newKey: ServedEngine['newKey'] = async (...scopes) => (await tenant.keys.create({ kind: 'secret', scopes })).secret;
  const [key, writeKey] = [await newKey('admin'), (await tenant.keys.create({ kind: 'write', appId: app.id })).secret];
  await hub.start();
  const served = await serveHub(hub);
  return {
    ...served,
    key,
    writeKey,
    newKey,
    close: async () => {
      await served.close();
      await hub.stop();
    },
  };
}

async function findPlugin(id: string): Promise<Parameters<typeof createHub>[0]['plugins'][number]> {
  const file = fileURLToPath(import.meta.resolve(`@tendril/plugin-${id}/plugin.json`));
  const folder = dirname(file);
  const packageJson = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as JsonObject;
  const load = (): Promise<{ readonly default?: unknown }> => import(`@tendril/plugin-${id}`) as Promise<{ readonly default?: unknown }>;
  return {
    folder: id,
    file,
    packageJson,
    manifest: await readFile(file, 'utf8'),
    read: (path) => readFile(join(folder, path), 'utf8'),
    load,
  };
}
