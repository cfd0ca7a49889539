import type { RegistryIndexContent, RegistryRevocation, RegistryVersion } from '@tendril/schemas';
import { findRevocation } from '../client/resolve-version.ts';
import { permissionLines } from '../permissions/permission-lines.ts';

/** What a search needs to know of a plugin: a small part of the index, quick to keep and to read. */
export interface SearchRow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly categories: readonly string[];
  readonly publisher: string;
  /** The newest that is not revoked; releases before pre-releases. */
  readonly version: string;
  /** How many things it asks to be allowed. */
  readonly permissions: number;
}

/** The rows of all plugins that have a version which is not revoked. */
export function searchRows({ plugins, revocations }: RegistryIndexContent): readonly SearchRow[] {
  const revocationsById = Map.groupBy(revocations, ({ id }) => id);
  return Object.entries(plugins).flatMap(([id, { title, description, categories, publisher, versions }]) => {
    const newest = newestVersion(id, versions, revocationsById.get(id) ?? []);
    if (newest === undefined) return [];
    const permissions = permissionLines(newest.permissions).length;
    return [{ id, title, description, categories, publisher: publisher.name, version: newest.version, permissions }];
  });
}

/** Each version of an entry is higher than the one before it. */
function newestVersion(
  id: string,
  versions: readonly RegistryVersion[],
  revocations: readonly RegistryRevocation[],
): RegistryVersion | undefined {
  const isUsable = ({ version }: RegistryVersion): boolean => findRevocation(revocations, id, version) === undefined;
  return versions.findLast((candidate) => !candidate.version.includes('-') && isUsable(candidate)) ?? versions.findLast(isUsable);
}
