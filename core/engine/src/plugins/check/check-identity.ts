import semver from 'semver';
import type { Manifest } from '@tendril/schemas';
import type { Problem } from '../../hub.ts';
import type { PluginSource } from '../contract.ts';

/** The id stands in the folder's name and the package's; the contract's version is one that this host speaks. */
export function checkIdentity(manifest: Manifest, source: PluginSource, contractVersion: string): readonly Problem[] {
  const problems: Problem[] = [];
  const { id } = manifest;
  if (source.folder !== id) problems.push({ pointer: '/id', message: `differs from the folder, ${source.folder}` });
  const name = source.packageJson['name'];
  if (typeof name !== 'string' || !/^(?:@[^/]+\/)?(?:.+-)?plugin-(?<id>[a-z0-9_]+)$/.test(name) || !name.endsWith(`plugin-${id}`)) {
    problems.push({ pointer: '/id', message: 'differs from the suffix of the package name', suggestion: `@tendril/plugin-${id}` });
  }
  const { version } = source.packageJson;
  if (typeof version !== 'string' || semver.valid(version) === null)
    problems.push({ pointer: '/id', message: 'package.json states no semantic version' });
  const range = manifest.engines.tendril;
  if (semver.validRange(range) === null)
    problems.push({ pointer: '/engines/tendril', message: 'is no semver range', suggestion: `^${contractVersion}` });
  else if (!supports(range, contractVersion))
    problems.push({
      pointer: '/engines/tendril',
      message: `does not include the contract that this host speaks, ${contractVersion}`,
      suggestion: `^${contractVersion}`,
    });
  return problems;
}

/** The current version of the contract, or any of the major before. */
function supports(range: string, contractVersion: string): boolean {
  if (semver.satisfies(contractVersion, range, { includePrerelease: true })) return true;
  const previousMajor = semver.major(contractVersion) - 1;
  return previousMajor >= 1 && semver.intersects(range, `^${previousMajor}.0.0`);
}
