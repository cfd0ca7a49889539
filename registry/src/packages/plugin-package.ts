import { createHash } from 'node:crypto';
import { canonicalJson, checkManifest, declaredHandlers } from '@tendril/engine/plugins';
import type { PluginSource } from '@tendril/engine/plugins';
import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { Manifest } from '@tendril/schemas';
import { checkContent } from './package-content.ts';
import { entryModule } from './entry-module.ts';
import { filesHash } from './files-hash.ts';
import { packageInvalid } from './package-fault.ts';
import type { PackageFiles } from './read-tarball.ts';
import { resolvedManifest } from './resolved-manifest.ts';

/** A package that can be installed: its manifest is sound, and all that it needs is inside. None of its code was run. */
export interface PluginPackage {
  readonly id: string;
  readonly version: string;
  readonly packageJson: JsonObject;
  readonly manifest: Manifest;
  /** With the files inside that its schemas refer to. */
  readonly resolvedManifest: Manifest;
  readonly files: PackageFiles;
  /** Of the unpacked tree, as `filesHash` gives it. */
  readonly filesHash: string;
  /** SHA-256 of the canonical manifest, hexadecimal. */
  readonly manifestHash: string;
  /** Scripts that npm would run at install: nobody runs them here. */
  readonly ignoredScripts: readonly string[];
}

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/**
 * Checks that files are a plugin that can be installed, by its manifest and package.json.
 *
 * @throws TendrilError PACKAGE_INVALID when files are missing, or when it needs what an installation does not give
 * @throws TendrilError MANIFEST_INVALID with all faults of the manifest
 */
export async function examinePackage(files: PackageFiles): Promise<PluginPackage> {
  const packageJson = readObject(files, 'package.json');
  const { id } = readObject(files, 'plugin.json');
  checkContent(files, packageJson);
  const { plugin, faults } = await checkManifest(sourceOf(files, packageJson, typeof id === 'string' ? id : ''), CONTRACT_VERSION);
  if (plugin === undefined)
    throw new TendrilError('MANIFEST_INVALID', {
      problems: faults.map(({ pointer, message, suggestion }) => ({
        pointer,
        message,
        ...(suggestion === undefined ? {} : { suggestion }),
      })),
    });
  const entry = entryModule(packageJson);
  if (declaredHandlers(plugin.manifest).length > 0 && !files.has(entry))
    throw packageInvalid({
      reason: 'the entry module that package.json names is not in the package',
      path: entry,
      remedy: 'build it first, or let `tendril plugins pack` make the package',
    });
  const { scripts } = packageJson;
  return {
    id: plugin.id,
    version: plugin.version,
    packageJson,
    manifest: plugin.manifest,
    resolvedManifest: resolvedManifest(plugin),
    files,
    filesHash: filesHash(files),
    manifestHash: manifestHash(plugin.manifest),
    ignoredScripts: INSTALL_SCRIPTS.filter((name) => isObject(scripts) && typeof scripts[name] === 'string'),
  };
}

/** SHA-256 of the canonical manifest, hexadecimal, as the lock keeps it. */
export function manifestHash(manifest: unknown): string {
  return createHash('sha256').update(canonicalJson(manifest)).digest('hex');
}

function sourceOf(files: PackageFiles, packageJson: JsonObject, folder: string): PluginSource {
  return {
    folder,
    file: 'plugin.json',
    packageJson,
    manifest: textOf(files, 'plugin.json'),
    read: (path) => {
      const content = files.get(path.replace(/^\.\//, ''));
      return content === undefined
        ? Promise.reject(packageInvalid({ reason: 'a file is missing', path }))
        : Promise.resolve(content.toString('utf8'));
    },
    load: () => Promise.reject(new TendrilError('INTERNAL', { reason: 'nothing of a package is run while it is examined' })),
  };
}

function readObject(files: PackageFiles, path: string): JsonObject {
  const text = textOf(files, path);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    throw packageInvalid({ reason: `is not JSON: ${error instanceof Error ? error.message : 'it does not parse'}`, path });
  }
  throw packageInvalid({ reason: 'holds no JSON object', path });
}

function textOf(files: PackageFiles, path: string): string {
  const content = files.get(path);
  if (content === undefined)
    throw packageInvalid({
      reason: `there is no ${path} in it`,
      remedy: '`tendril plugins create` makes a plugin, `tendril plugins pack` a package',
    });
  return content.toString('utf8').replace(/^\uFEFF/, '');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
