import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { JsonObject } from '@tendril/plugin-api';
import type { PluginSource } from '@tendril/engine';

const FOLDER = fileURLToPath(new URL('./echo-plugin/', import.meta.url));

/** The plugin of the benchmark, for this process or for one of its own. */
export async function echoPlugin(isTrusted: boolean): Promise<PluginSource> {
  const entry = join(FOLDER, 'index.mjs');
  const json = async (file: string): Promise<JsonObject> => JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as JsonObject;
  return {
    folder: 'echo',
    file: join(FOLDER, 'plugin.json'),
    packageJson: await json('package.json'),
    manifest: await json('plugin.json'),
    read: (path) => readFile(join(FOLDER, path), 'utf8'),
    load: async () => (await import(pathToFileURL(entry).href)) as { readonly default?: unknown },
    location: { folder: FOLDER, entry },
    isTrusted,
  };
}
