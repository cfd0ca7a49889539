import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PluginSource } from '@tendril/engine';
import { sourceOf } from '../authoring/author-folder.ts';
import type { AuthorFolder } from '../authoring/author-folder.ts';
import { bundleFolder } from '../authoring/check-folder.ts';
import { provideOwnPackages } from '../authoring/own-packages.ts';

/** A plugin with its code as it would be packed. */
export interface PackedSource {
  readonly source: PluginSource;
  /** Whether there is code to run. */
  readonly hasCode: boolean;
  remove(): Promise<void>;
}

/** Bundles the folder's code into a temporary folder. What keeps it from being bundled is told when it is loaded. */
export async function packSource(folder: AuthorFolder): Promise<PackedSource> {
  const { bundle, faults } = await bundleFolder(folder);
  const broken = faults.find(({ severity }) => severity === 'fault');
  if (bundle === undefined) {
    const load = (): Promise<never> =>
      Promise.reject(
        new Error(
          broken === undefined ? 'it has no code' : `${broken.file}${broken.line === undefined ? '' : `:${broken.line}`} ${broken.message}`,
        ),
      );
    return { source: sourceOf(folder, load), hasCode: broken !== undefined, remove: async () => undefined };
  }
  provideOwnPackages();
  const root = await mkdtemp(join(tmpdir(), 'tendril-test-'));
  const entry = join(root, 'dist', 'index.js');
  await mkdir(join(root, 'dist'));
  await writeFile(join(root, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(entry, bundle.code);
  const load = async () => (await import(pathToFileURL(entry).href)) as { readonly default?: unknown };
  return {
    source: { ...(sourceOf(folder, load) as PluginSource), location: { folder: root, entry } },
    hasCode: true,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
