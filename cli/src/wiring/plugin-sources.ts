import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { PluginSource } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { entryModule } from '@tendril/registry/installed';
import { provideOwnPackages } from '../authoring/own-packages.ts';

/** The plugins that come with the command. */
export const FIRST_PARTY = ['profiles', 'leads', 'duckdb', 'analytics', 'email', 'webhook', 'salesforce', 'hubspot', 'segment'] as const;

const CODE = /\.(?:[cm]?[jt]s|json)$/;
const NOT_ITS_CODE: ReadonlySet<string> = new Set(['node_modules', 'test', '.git']);

/** Finds the packages of plugins by their ids, as this package resolves them; reads their manifests, runs none of their code. */
export async function findPlugins(ids: readonly string[]): Promise<readonly PluginSource[]> {
  return Promise.all(ids.map(findPlugin));
}

/**
 * Finds plugins by their folders, for those who are writing one.
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
  const source = await readSource({ id, folder: dirname(file), file: `${name}/plugin.json`, entry });
  return { ...source, isTrusted: true, load: () => import(name) as Promise<{ readonly default?: unknown }> };
}

async function findPluginFolder(folder: string): Promise<PluginSource> {
  try {
    // A package manager names the folder after the package, and may add a version behind it.
    return await readSource({ id: basename(folder).replace(/^plugin-/, ''), folder });
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

/** Where a plugin lies. */
interface PluginPlace {
  readonly id: string;
  readonly folder: string;
  /** What faults call its manifest; its path unless given. */
  readonly file?: string;
  /** Absolute path of the entry module; the one that package.json names unless given. */
  readonly entry?: string;
}

/**
 * A plugin in a folder: its manifest and package.json are read, none of its code is run.
 *
 * @throws SyntaxError when package.json is not JSON
 * @throws the file system's error
 */
export async function readSource({ id, folder, file = join(folder, 'plugin.json'), entry: given }: PluginPlace): Promise<PluginSource> {
  const packageJson = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as JsonObject;
  const entry = given ?? entryIn(folder, entryModule(packageJson, conditions()));
  return {
    folder: id,
    file,
    packageJson,
    manifest: await readFile(join(folder, 'plugin.json'), 'utf8'),
    read: (path) => readFile(join(folder, normalize(path)), 'utf8'),
    integrity: () => hashCode(dirname(entry)),
    load: () => loadModule(entry),
    location: { folder, entry },
  };
}

/** @throws TendrilError PACKAGE_INVALID when it leads out of the folder, all of which would be read for the hash of the code */
function entryIn(folder: string, entry: string): string {
  const path = join(folder, entry);
  if (relative(folder, path).split(sep)[0] === '..')
    throw new TendrilError('PACKAGE_INVALID', { reason: 'the entry module that package.json names is outside of the folder', path: entry });
  return path;
}

async function loadModule(entry: string): Promise<{ readonly default?: unknown }> {
  // A plugin in a folder of its own has no packages around it: it finds this process's copy of the contract.
  provideOwnPackages();
  return (await import(pathToFileURL(entry).href)) as { readonly default?: unknown };
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

/** Sources when this process runs sources. */
function conditions(): readonly string[] {
  return [...(process.execArgv.includes('--conditions=tendril-source') ? ['tendril-source'] : []), 'import', 'default'];
}
