import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import { readJsonFile, sourceOf } from './author-folder.ts';
import type { AuthorFolder } from './author-folder.ts';
import type { Bundle, BundleResult } from './bundle.ts';
import { findEntry, needsCode } from './entry.ts';
import { inReadingOrder } from './faults.ts';
import type { AuthorFault } from './faults.ts';
import { findHabits } from './habits.ts';
import { namedFiles, placeProblem, schemaFilesOf } from './manifest-places.ts';
import type { ManifestProblem } from './manifest-places.ts';

/** What a folder was found to be. */
export interface FolderCheck {
  /** In reading order, faults before warnings. */
  readonly faults: readonly AuthorFault[];
  readonly isSound: boolean;
  /** Its code as one module; missing when it needs none or cannot be bundled. */
  readonly bundle?: Bundle;
}

/** What is checked beside the manifest. */
export interface CheckOptions {
  /** Imports the entry module and has it register its handlers. */
  readonly isRun?: boolean;
}

/**
 * Every fault of a plugin's folder: of its JSON, of its manifest and schemas, of its code as far as bundling shows it, and what
 * good plugins have and this one has not. Runs none of its code unless asked.
 */
export async function checkFolder(folder: AuthorFolder, { isRun = false }: CheckOptions = {}): Promise<FolderCheck> {
  const written = [...brokenFiles(folder), ...missingFiles(folder)];
  const manifest = await manifestFaults(folder);
  const { bundle, faults: coded } = await bundleFolder(folder);
  const found = [...written, ...manifest, ...coded, ...findHabits(folder)];
  const isFaulty = found.some(({ severity }) => severity === 'fault');
  const ran = isRun && !isFaulty ? await runFaults(folder, bundle) : [];
  const faults = inReadingOrder([...found, ...ran]);
  return { faults, isSound: !faults.some(({ severity }) => severity === 'fault'), ...(bundle === undefined ? {} : { bundle }) };
}

/** The folder's code as one module, or why there is none. A plugin without handlers needs none. */
export async function bundleFolder({ path, manifest, packageJson }: AuthorFolder): Promise<BundleResult> {
  const entry = findEntry(path, packageJson.json?.value);
  const isNeeded = needsCode(manifest.json?.value);
  if (entry === undefined) {
    const remedy = 'Write src/index.ts with `export default definePlugin({ setup(host) { … } });`.';
    const message = 'is missing, and the manifest declares what code has to answer';
    return { faults: isNeeded ? [{ severity: 'fault', file: 'src/index.ts', message, remedy }] : [] };
  }
  // What is left of a template in a plugin that needs no code is not packed.
  if (!isNeeded) return { faults: [] };
  const { bundlePlugin } = await import('./bundle.ts');
  return bundlePlugin(path, entry);
}

/** What keeps manifest, package.json and schemas from being read. */
export function brokenFiles({ path, manifest, packageJson }: AuthorFolder): readonly AuthorFault[] {
  const schemas = schemaFilesOf(path, manifest.json?.value).flatMap((file) => readJsonFile(path, file).faults);
  return [...manifest.faults, ...packageJson.faults, ...schemas];
}

/** Files beside schemas that the manifest names and that are not there. */
function missingFiles({ path, manifest }: AuthorFolder): readonly AuthorFault[] {
  return namedFiles(manifest.json?.value)
    .filter((file) => !existsSync(join(path, file)))
    .map((file) => ({ severity: 'fault', file, message: 'is missing, and the manifest names it' }));
}

async function manifestFaults(folder: AuthorFolder): Promise<readonly AuthorFault[]> {
  if (folder.manifest.json === undefined) return [];
  const { checkManifest } = await import('@tendril/engine/plugins');
  const source = sourceOf(folder, () => Promise.reject(new Error('not run')));
  const { faults, plugin } = await checkManifest(source, CONTRACT_VERSION);
  const problems: ManifestProblem[] = faults.map(({ pointer, message, suggestion }) => ({
    pointer,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  }));
  if (plugin === undefined) return problems.map((problem) => placeProblem(folder, problem));
  const [{ checkSchemaExamples }, { checkReadyPipelines }] = await Promise.all([import('./schema-examples.ts'), import('@tendril/engine')]);
  const ready = (await checkReadyPipelines(plugin)).map(({ file, line, column, message, suggestion }): AuthorFault => ({
    severity: 'fault',
    file,
    message,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(suggestion === undefined ? {} : { suggestion }),
  }));
  return [...checkSchemaExamples(plugin.schemas).map((problem) => placeProblem(folder, problem)), ...ready];
}

async function runFaults(folder: AuthorFolder, bundle: Bundle | undefined): Promise<readonly AuthorFault[]> {
  const [{ examinePlugin }, { loadBundle }] = await Promise.all([import('@tendril/engine/plugins'), import('./load-bundle.ts')]);
  const { faults } = await examinePlugin(sourceOf(folder, async () => (bundle === undefined ? {} : loadBundle(bundle.code, folder.id))));
  const entry = findEntry(folder.path, folder.packageJson.json?.value) ?? 'plugin.json';
  return faults.map(({ message, pointer, code }) =>
    code === 'PLUGIN_FAULTY'
      ? { severity: 'fault', file: entry, message }
      : placeProblem(folder, { pointer, message: `the code ${message}` }),
  );
}
