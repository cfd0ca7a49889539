import { readFile } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginSource } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';

/** The plugins that come with the command. */
export const FIRST_PARTY = ['profiles', 'leads', 'email', 'webhook', 'salesforce', 'hubspot', 'segment'] as const;

/** Finds the packages of plugins by their ids, as this package resolves them; reads their manifests, runs none of their code. */
export async function findPlugins(ids: readonly string[]): Promise<readonly PluginSource[]> {
  return Promise.all(ids.map(findPlugin));
}

async function findPlugin(id: string): Promise<PluginSource> {
  const name = `@tendril/plugin-${id}`;
  const file = fileURLToPath(import.meta.resolve(`${name}/plugin.json`));
  const folder = dirname(file);
  const packageJson = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as JsonObject;
  return {
    // A package manager names the folder after the package, and may add a version behind it.
    folder: basename(folder).replace(/^plugin-/, ''),
    file: `${name}/plugin.json`,
    packageJson,
    manifest: await readFile(file, 'utf8'),
    read: (path) => readFile(join(folder, normalize(path)), 'utf8'),
    load: () => import(name) as Promise<{ readonly default?: unknown }>,
  };
}
