import type { JsonObject } from '@tendril/plugin-api';
import { packageInvalid } from './package-fault.ts';
import type { PackageFiles } from './read-tarball.ts';

const PROVIDED = '@tendril/plugin-api';
const BUNDLE = '`tendril plugins pack` bundles them into the entry module; or list them under bundleDependencies and pack them along';

/**
 * All that a plugin needs is in its package: nothing is fetched, compiled or run at install.
 *
 * @throws TendrilError PACKAGE_INVALID
 */
export function checkContent(files: PackageFiles, packageJson: JsonObject): void {
  for (const path of files.keys()) {
    if (/\.node$/i.test(path) || /(?:^|\/)binding\.gyp$/i.test(path))
      throw packageInvalid({
        reason: 'it holds native code, which no limit of the plugin’s process would hold for',
        path,
        remedy: 'use a library that is JavaScript or WebAssembly alone',
      });
  }
  const bundled = bundledNames(packageJson);
  const missing = [...namesIn(packageJson['dependencies']), ...requiredPeers(packageJson)].filter(
    (name) => name !== PROVIDED && !(bundled(name) && files.has(`node_modules/${name}/package.json`)),
  );
  if (missing.length > 0)
    throw packageInvalid({ reason: `it needs packages that are not in it: ${missing.join(', ')}`, path: 'package.json', remedy: BUNDLE });
}

function bundledNames(packageJson: JsonObject): (name: string) => boolean {
  const listed = packageJson['bundleDependencies'] ?? packageJson['bundledDependencies'];
  if (listed === true) return () => true;
  return (name) => Array.isArray(listed) && listed.includes(name);
}

function requiredPeers({ peerDependencies, peerDependenciesMeta }: JsonObject): readonly string[] {
  return namesIn(peerDependencies).filter((name) => {
    const meta = isObject(peerDependenciesMeta) ? peerDependenciesMeta[name] : undefined;
    return !(isObject(meta) && meta['optional'] === true);
  });
}

function namesIn(value: unknown): readonly string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
