import type { RegistryCategory, RegistryVersion } from '@tendril/schemas';
import { examinePackage, readTarball } from '../packages/index.ts';

/** What a package says of itself, as far as a registry repeats it. */
export interface PackageFacts {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly categories: readonly RegistryCategory[];
  /** Whom package.json names as its author; empty when nobody. */
  readonly author: string;
  /** SPDX expression; empty when package.json has none. */
  readonly licence: string;
  readonly hasReadme: boolean;
  readonly hasLicenceFile: boolean;
  /** As an entry has them. */
  readonly version: Pick<
    RegistryVersion,
    'version' | 'integrity' | 'sizeBytes' | 'manifest' | 'engines' | 'permissions' | 'contributes' | 'breakingChanges'
  >;
}

/**
 * Reads a package without running any of it.
 *
 * @throws TendrilError PACKAGE_INVALID, MANIFEST_INVALID
 */
export async function readPackageFacts(bytes: Uint8Array): Promise<PackageFacts> {
  const { files, integrity, sizeBytes } = await readTarball(bytes);
  const { id, version, packageJson, manifest, manifestHash } = await examinePackage(files);
  const top = [...files.keys()].filter((path) => !path.includes('/'));
  return {
    id,
    title: manifest.title,
    description: textOf(packageJson['description']),
    categories: manifest.categories ?? [],
    author: authorOf(packageJson['author']),
    licence: textOf(packageJson['license']),
    hasReadme: top.some((path) => /^readme(\.md|\.txt)?$/i.test(path)),
    hasLicenceFile: top.some((path) => /^licen[cs]e(\.md|\.txt)?$/i.test(path)),
    version: {
      version,
      integrity,
      sizeBytes,
      manifest: manifestHash,
      engines: { tendril: manifest.engines.tendril },
      permissions: { ...manifest.permissions },
      contributes: summaryOf(manifest.contributes),
      ...(manifest.breakingChanges === undefined ? {} : { breakingChanges: manifest.breakingChanges }),
    },
  };
}

/** Names of what is contributed, by kind. */
export function summaryOf(contributes: object): Record<string, string[]> {
  const summary: Record<string, string[]> = {};
  for (const [kind, things] of Object.entries(contributes) as readonly [string, Readonly<Record<string, unknown>>][]) {
    const names = Object.keys(things);
    if (names.length > 0) summary[kind] = names;
  }
  return summary;
}

/** @see package.json, `author`: an object, or `Name <mail> (page)` */
function authorOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'name' in value) return textOf(value.name);
  return textOf(value).replace(/\s*[<(].*$/, '');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
