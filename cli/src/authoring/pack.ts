import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { JsonObject } from '@tendril/plugin-api';
import type { Manifest } from '@tendril/schemas';
import { asObject, readAuthorFolder } from './author-folder.ts';
import type { AuthorFolder } from './author-folder.ts';
import type { Bundle } from './bundle.ts';
import { checkFolder } from './check-folder.ts';
import { findStaleTypes } from './check-types.ts';
import { countFaults, faultLines, inReadingOrder } from './faults.ts';
import type { AuthorFault } from './faults.ts';
import { namedFiles, schemaFilesOf } from './manifest-places.ts';
import { readNotices } from './notices.ts';

/** A plugin as one file, with all its code inside. */
export interface PackedPlugin {
  readonly tarball: Uint8Array;
  /** `acme-tendril-plugin-crm-1.0.0.tgz`, as npm names it. */
  readonly fileName: string;
  readonly packageJson: JsonObject;
  readonly manifest: Manifest;
  /** Of the tarball: `sha512-…`. */
  readonly integrity: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly unpackedBytes: number;
  /** npm packages whose code is inside. */
  readonly bundled: readonly string[];
  readonly warnings: readonly AuthorFault[];
}

/** A folder that cannot be packed, with all that is wrong. */
export class CannotPack extends Error {
  override readonly name = 'CannotPack';
  readonly faults: readonly AuthorFault[];
  /** The faults as they are shown. */
  readonly lines: readonly string[];

  constructor(folder: string, faults: readonly AuthorFault[]) {
    super(`${folder} cannot be packed: ${countFaults(faults)}.`);
    this.faults = faults;
    this.lines = faultLines(folder, faults);
  }
}

/** Where the code lies in every package. */
const ENTRY = 'dist/index.js';
const DOCUMENTS = /^(?:readme|changelog|licen[cs]e|notice)(?:\..*)?$/i;
const NOTICES = 'THIRD-PARTY-NOTICES.txt';

/**
 * Packs the plugin in a folder: what is declared is checked, all code is bundled into one module, and the files that belong to it
 * are put into one npm-compatible package. The same folder gives the same bytes. Nothing of the code is run, nothing is written.
 *
 * @throws CannotPack with every fault
 * @throws CommandFault when there is no plugin in the folder
 */
export async function packPlugin(dir: string): Promise<PackedPlugin> {
  const folder = readAuthorFolder(dir);
  const stale = await findStaleTypes(folder).catch(() => []);
  const { files, bundle, warnings } = await packFiles(folder, stale);
  const { examinePackage, integrityOf, writeTarball } = await import('@tendril/registry');
  const { packageJson, manifest } = await examinePackage(files);
  const tarball = writeTarball(files);
  const sizes = [...files]
    .map(([path, content]) => ({ path, sizeBytes: content.length }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  return {
    tarball,
    fileName: fileNameOf(packageJson),
    packageJson,
    manifest,
    integrity: integrityOf(tarball),
    files: sizes,
    unpackedBytes: sizes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    bundled: (bundle?.packageFolders ?? []).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)),
    warnings,
  };
}

/** The files of a package by their paths, before they are one file. */
interface PackageContent {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly bundle?: Bundle;
  readonly warnings: readonly AuthorFault[];
}

/**
 * Checks a folder and gives the files of its package.
 *
 * @param further faults that were found already
 * @throws CannotPack with every fault
 */
export async function packFiles(folder: AuthorFolder, further: readonly AuthorFault[] = []): Promise<PackageContent> {
  const { faults, isSound, bundle } = await checkFolder(folder);
  if (!isSound || further.length > 0) throw new CannotPack(folder.path, inReadingOrder([...further, ...faults]));
  return { files: collectFiles(folder, bundle), warnings: faults, ...(bundle === undefined ? {} : { bundle }) };
}

function collectFiles(folder: AuthorFolder, bundle: Bundle | undefined): ReadonlyMap<string, Buffer> {
  const { path, manifest, packageJson } = folder;
  const files = new Map<string, Buffer>();
  const inside = `${realpathSync(path)}${sep}`;
  const add = (file: string): void => {
    // A link would put a file of whoever packs into the package.
    if (!realpathSync(join(path, file)).startsWith(inside))
      throw new CannotPack(path, [{ severity: 'fault', file, message: "is a link to what lies outside of the plugin's folder" }]);
    files.set(file, readFileSync(join(path, file)));
  };
  add('plugin.json');
  for (const file of readdirSync(path).filter((name) => DOCUMENTS.test(name) && statSync(join(path, name)).isFile())) add(file);
  for (const file of schemaFilesOf(path, manifest.json?.value)) add(file);
  for (const file of namedFiles(manifest.json?.value)) add(file);
  if (bundle !== undefined) {
    files.set(ENTRY, Buffer.from(bundle.code));
    const notices = readNotices(path, bundle.packageFolders);
    if (notices !== undefined) files.set(NOTICES, Buffer.from(notices));
  }
  const published = publishedPackageJson(asObject(packageJson.json?.value), bundle !== undefined, [...files.keys()]);
  files.set('package.json', Buffer.from(`${JSON.stringify(published, undefined, 2)}\n`));
  return files;
}

/** What authors need and users do not is left out: scripts, packages that are inside already, private conditions. */
function publishedPackageJson(
  source: Readonly<Record<string, unknown>>,
  hasCode: boolean,
  files: readonly string[],
): Readonly<Record<string, unknown>> {
  const {
    scripts: _scripts,
    devDependencies: _tools,
    dependencies: _inside,
    workspaces: _workspaces,
    main: _main,
    types: _types,
    ...kept
  } = source;
  const names = files.map((file) => file.split('/')[0] ?? file).filter((name) => name !== 'package.json');
  return {
    ...kept,
    type: 'module',
    exports: { ...(hasCode ? { '.': `./${ENTRY}` } : {}), './plugin.json': './plugin.json', './package.json': './package.json' },
    files: [...new Set(names)].sort(),
  };
}

/** As `npm pack` names it. */
function fileNameOf({ name, version }: Readonly<Record<string, unknown>>): string {
  const words = typeof name === 'string' ? name.replace(/^@/, '').replaceAll('/', '-') : 'plugin';
  return `${words}-${typeof version === 'string' ? version : '0.0.0'}.tgz`;
}
