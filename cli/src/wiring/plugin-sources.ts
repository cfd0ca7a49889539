import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { PluginSource } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';

/** The plugins that come with the command. */
export const FIRST_PARTY = ['profiles', 'leads', 'email', 'webhook', 'salesforce', 'hubspot', 'segment'] as const;

const CODE = /\.(?:[cm]?[jt]s|json)$/;
const NOT_ITS_CODE: ReadonlySet<string> = new Set(['node_modules', 'test', '.git']);

/** Finds the packages of plugins by their ids, as this package resolves them; reads their manifests, runs none of their code. */
export async function findPlugins(ids: readonly string[]): Promise<readonly PluginSource[]> {
  return Promise.all(ids.map(findPlugin));
}

/**
 * Finds plugins by their folders, for those who are writing one. Their code is loaded into this process.
 *
 * @throws TendrilError CONFIG_INVALID when a folder holds no plugin
 */
export async function findPluginFolders(folders: readonly string[]): Promise<readonly PluginSource[]> {
  return Promise.all(folders.map(findPluginFolder));
}

async function findPlugin(id: string): Promise<PluginSource> {
  const name = `@tendril/plugin-${id}`;
  const file = fileURLToPath(import.meta.resolve(`${name}/plugin.json`));
  const entry = fileURLToPath(import.meta.resolve(name));
  return readSource(
    dirname(file),
    `${name}/plugin.json`,
    () => entry,
    () => import(name) as Promise<{ readonly default?: unknown }>,
  );
}

async function findPluginFolder(folder: string): Promise<PluginSource> {
  const file = join(folder, 'plugin.json');
  try {
    const findEntry = (packageJson: JsonObject): string => join(folder, normalize(entryOf(packageJson)));
    return await readSource(folder, file, findEntry, async (entry) => {
      return (await import(pathToFileURL(entry).href)) as { readonly default?: unknown };
    });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
    throw new TendrilError(
      'CONFIG_INVALID',
      { setting: 'TENDRIL_PLUGINS', expected: 'folders with plugin.json and package.json', missing: path },
      { cause: error },
    );
  }
}

type FindEntry = (packageJson: JsonObject) => string;
type Load = (entry: string) => Promise<{ readonly default?: unknown }>;

async function readSource(folder: string, file: string, findEntry: FindEntry, load: Load): Promise<PluginSource> {
  const packageJson = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as JsonObject;
  const entry = findEntry(packageJson);
  return {
    // A package manager names the folder after the package, and may add a version behind it.
    folder: basename(folder).replace(/^plugin-/, ''),
    file,
    packageJson,
    manifest: await readFile(join(folder, 'plugin.json'), 'utf8'),
    read: (path) => readFile(join(folder, normalize(path)), 'utf8'),
    integrity: () => hashCode(dirname(entry)),
    load: () => load(entry),
  };
}

/** Over everything beside and below the entry module, by path and content; not over what it depends on. */
async function hashCode(folder: string): Promise<string> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep))
    .filter((parts) => !parts.some((part) => NOT_ITS_CODE.has(part)))
    .map((parts) => parts.join('/'))
    .toSorted();
  const hash = createHash('sha256');
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(await readFile(join(folder, path)))
      .update('\0');
  return hash.digest('hex');
}

/** The entry module that a package names: sources when this process runs sources. */
function entryOf({ exports, main }: JsonObject): string {
  const root = isObject(exports) && '.' in exports ? exports['.'] : exports;
  if (typeof root === 'string') return root;
  const conditions = [...(process.execArgv.includes('--conditions=tendril-source') ? ['tendril-source'] : []), 'import', 'default'];
  const named = isObject(root) ? conditions.map((condition) => root[condition]).find((path) => typeof path === 'string') : undefined;
  return typeof named === 'string' ? named : typeof main === 'string' ? main : 'index.js';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
