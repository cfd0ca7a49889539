import type { RegistryEntry, RegistryVersion } from '@tendril/schemas';
import { diff, gt, satisfies, validRange } from 'semver';
import { addedPermissions } from '../permissions/permission-lines.ts';
import { isKeyChangeValid, isVersionSignedBy, keyForVersion } from '../signing/statements.ts';
import type { Report } from './registry-fault.ts';

/** Checks an entry by itself: its keys, the order and signatures of its versions, what they ask for. */
export function checkEntry(id: string, entry: RegistryEntry, contractVersion: string, report: Report): void {
  checkKeys(id, entry, report);
  for (const [index, version] of entry.versions.entries()) {
    const at = `/versions/${index}`;
    const previous = entry.versions[index - 1];
    if (previous !== undefined) checkSuccession(previous, version, at, report);
    checkSignature(id, entry, version, at, report);
    checkPlace(id, version, at, report);
    if (validRange(version.engines.tendril) === null)
      report(`${at}/engines/tendril`, `\`${version.engines.tendril}\` is no semver range`, 'write it as in `^0.1.0`');
  }
  const newest = entry.versions.at(-1);
  if (newest !== undefined && validRange(newest.engines.tendril) !== null && !satisfies(contractVersion, newest.engines.tendril, PRE))
    report(
      `/versions/${entry.versions.length - 1}/engines/tendril`,
      `the newest version runs on tendril ${newest.engines.tendril}, not on ${contractVersion}`,
      'publish a version that runs on the current contract',
    );
}

const PRE = { includePrerelease: true };

function checkKeys(id: string, { keys }: RegistryEntry, report: Report): void {
  const [first, ...later] = keys;
  if (first.since !== undefined)
    report('/keys/0', 'the first key is signed for by nobody', 'remove `since` and `signature` of the first key');
  let before = first;
  for (const [index, key] of later.entries()) {
    if (!isKeyChangeValid(id, before, key))
      report(
        `/keys/${index + 1}`,
        'the key before it has not signed for this one',
        'publish with `--previous-key FILE`, the key until now',
      );
    before = key;
  }
}

function checkSuccession(previous: RegistryVersion, version: RegistryVersion, at: string, report: Report): void {
  if (!gt(version.version, previous.version)) {
    report(`${at}/version`, `${version.version} is not higher than ${previous.version} before it`, 'raise the version in package.json');
    return;
  }
  const added = addedPermissions(previous.permissions, version.permissions);
  const bump = diff(previous.version, version.version);
  if (added.length > 0 && bump !== 'major' && bump !== 'minor' && version.permissionsNote === undefined)
    report(
      `${at}/permissions`,
      `a ${bump ?? 'patch'} release asks for more than ${previous.version}: ${added.join(', ')}`,
      'raise the minor or major version, or say why in `permissionsNote`',
    );
}

function checkSignature(
  id: string,
  { keys }: RegistryEntry,
  { version, integrity, signature }: RegistryVersion,
  at: string,
  report: Report,
): void {
  const key = keyForVersion(id, keys, version);
  // The broken chain of keys has been reported.
  if (key === undefined) return;
  if (!isVersionSignedBy({ id, version, integrity }, signature, key.public))
    report(
      `${at}/signature`,
      `${version} is not signed by the key that owns ${id}`,
      'sign it with the key of the versions before, or hand over to another one with `--previous-key FILE`',
    );
}

function checkPlace(id: string, { version, tarball, npm }: RegistryVersion, at: string, report: Report): void {
  const expected = tarballName(id, version);
  if (tarball !== undefined && tarball !== expected) report(`${at}/tarball`, `has to be ${expected}`);
  if (npm !== undefined && npm.version !== version) report(`${at}/npm/version`, `has to be ${version}, the version of the plugin`);
}

/** Name of the file of a version. */
export function tarballName(id: string, version: string): string {
  return `${id}-${version}.tgz`;
}
