import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import { CannotCreate } from './cannot-create.ts';
import { GENERATED_TYPES, generateManifestTypes } from './manifest-types.ts';
import { checkPluginId, titleOf } from './plugin-id.ts';
import type { License, PluginKind } from './plugin-kinds.ts';
import { readTemplate } from './template-files.ts';

/** What a new plugin should be. */
export interface NewPlugin {
  readonly kind: PluginKind;
  /** The same word in the manifest, the package's name and before every contribution. */
  readonly id: string;
  /** What people read; made from the id without it. */
  readonly title?: string;
  /** Where it is to lie; is made when it is not there, has to be empty when it is. */
  readonly dir: string;
  /** `Apache-2.0` unless told. */
  readonly license?: License;
  /** Who holds the rights; `The authors of …` unless told. */
  readonly author?: string;
  /** npm scope of the package, `@acme`. */
  readonly scope?: string;
  /** For the licence. */
  readonly year?: number;
}

/** What was made. */
export interface CreatedPlugin {
  /** The absolute path of the plugin's folder. */
  readonly dir: string;
  readonly packageName: string;
  /** Paths in the folder, sorted. */
  readonly files: readonly string[];
}

// What may be there already when a folder counts as empty.
const UNTOUCHED: ReadonlySet<string> = new Set(['.git', '.DS_Store']);

/** Folders below `files/` that make up a kind; a file of a later one takes the place of an earlier one's. */
const LAYERS: Readonly<Record<PluginKind, readonly string[]>> = {
  connector: ['every', 'code', 'service', 'connector'],
  declarative: ['every', 'no-code', 'declarative'],
  action: ['every', 'code', 'action'],
  trigger: ['every', 'code', 'service', 'trigger'],
};

/**
 * Makes the package of a new plugin from a template, with its generated types.
 *
 * @throws CannotCreate when the id, the scope or the folder will not do; the file system's error, which names the path
 */
export async function createPlugin(plugin: NewPlugin): Promise<CreatedPlugin> {
  const values = valuesOf(plugin);
  const dir = resolve(plugin.dir);
  await mustBeEmpty(dir);
  const files = await packageFiles(LAYERS[plugin.kind], values);
  return { ...(await writePlugin(dir, files)), packageName: values.packageName };
}

/** The files of layers, filled in, with the licence. */
export async function packageFiles(
  layers: readonly string[],
  values: Readonly<Record<string, string>> & { readonly license: string },
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const layer of layers) for (const [path, text] of await readTemplate(layer, values)) files.set(path, text);
  const licenses = await readTemplate('licenses', values);
  return files.set('LICENSE', licenses.get(`${values.license}.txt`) ?? '');
}

/**
 * Writes the files of a new plugin, and the types of its manifest when it has code.
 *
 * @throws the file system's error, which names the path
 */
export async function writePlugin(
  dir: string,
  files: ReadonlyMap<string, string>,
): Promise<{ readonly dir: string; readonly files: readonly string[] }> {
  for (const [path, text] of files) await write(join(dir, path), text);
  const hasCode = [...files.keys()].some((path) => path.startsWith('src/'));
  if (hasCode) await write(join(dir, GENERATED_TYPES), await generateManifestTypes(dir));
  return { dir, files: [...files.keys(), ...(hasCode ? [GENERATED_TYPES] : [])].sort() };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** What placeholders stand for. @throws CannotCreate when id, title or scope will not do */
export function valuesOf({ id, title = titleOf(id), author, scope, license = 'Apache-2.0', year }: NewPlugin): Record<string, string> & {
  readonly packageName: string;
  readonly license: string;
} {
  const problem = checkPluginId(id);
  if (problem !== undefined) throw new CannotCreate(`${problem.message} \`${problem.suggestion}\` would do.`);
  if (title.length > 80 || title.trim() === '') throw new CannotCreate('A title has 1 to 80 characters.');
  if (scope !== undefined && !/^@[a-z0-9~-][a-z0-9._~-]*$/.test(scope))
    throw new CannotCreate(`\`${scope}\` is no scope of npm, such as \`@acme\`.`);
  const packageName = `${scope === undefined ? '' : `${scope}/`}tendril-plugin-${id}`;
  return {
    id,
    title,
    packageName,
    license,
    author: author ?? `The authors of ${title}`,
    year: String(year ?? new Date().getUTCFullYear()),
    contract: `^${CONTRACT_VERSION}`,
  };
}

/** @throws CannotCreate when there is something in the folder, or it is none */
export async function mustBeEmpty(dir: string): Promise<void> {
  let found: readonly string[];
  try {
    found = await readdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code === 'ENOTDIR') throw new CannotCreate(`${dir} is a file. Name another folder.`);
    throw error;
  }
  const [first] = found.filter((name) => !UNTOUCHED.has(name));
  if (first !== undefined) throw new CannotCreate(`${dir} is not empty: it has ${first}. Name another folder, or empty this one.`);
}
