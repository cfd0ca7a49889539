import type { RegistryEntry } from '@tendril/schemas';
import { canonicalBytes } from '../signing/canonical-json.ts';
import type { Report } from './registry-fault.ts';

/** Checks an entry against the one that is published: who owns the id stays, and what was published stays as it was. */
export function checkHistory(base: RegistryEntry, head: RegistryEntry, report: Report): void {
  if (base.keys[0].public !== head.keys[0].public) {
    report('/keys/0', 'the id is owned by another key', 'choose another id, or ask its owner to sign for your key');
    return;
  }
  for (const [index, key] of base.keys.entries())
    if (!isSame(key, head.keys[index])) report(`/keys/${index}`, 'a key that is published was changed or removed', 'put it back');
  checkVersions(base, head, report);
}

function checkVersions(base: RegistryEntry, head: RegistryEntry, report: Report): void {
  const kept = new Set<string>();
  for (const published of base.versions) {
    const index = head.versions.findIndex(({ version }) => version === published.version);
    const found = head.versions[index];
    kept.add(published.version);
    if (found === undefined)
      report('/versions', `${published.version} was removed, but others may have it installed`, 'put it back; what is harmful is revoked');
    else if (found.integrity !== published.integrity)
      report(
        `/versions/${index}/integrity`,
        `${published.version} was published with other bytes`,
        'put it back and publish a higher version',
      );
    else if (!isSame(found, published))
      report(`/versions/${index}`, `${published.version} was changed after it was published`, 'put it back');
  }
  const firstNew = head.versions.findIndex(({ version }) => !kept.has(version));
  const lastOld = head.versions.findLastIndex(({ version }) => kept.has(version));
  if (firstNew !== -1 && firstNew < lastOld)
    report(`/versions/${firstNew}`, 'a new version stands before published ones', 'a new version is higher than all before it');
}

/** Whether two values are the same JSON. */
export function isSame(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && canonicalBytes(one).equals(canonicalBytes(other));
}
