import { join } from 'node:path';
import type { LockFile, RegistryRevocation } from '@tendril/schemas';
import { readJson, writePrivately } from './home.ts';
import type { Home } from './home.ts';
import { readRegistries, registryFolder } from './registries-file.ts';

/** An installed version that its registry has revoked. */
export interface RevokedPlugin {
  readonly id: string;
  readonly version: string;
  readonly registry: string;
  readonly reason: string;
}

/** Keeps the revocations of a verified index, so that a hub knows them when it starts, without asking anybody. */
export function keepRevocations(home: Home, name: string, revocations: readonly RegistryRevocation[]): void {
  writePrivately(revocationsFile(home, name), JSON.stringify(revocations));
}

/**
 * Installed plugins that the registry which they came from has revoked, by what was seen of it last. A registry revokes its own
 * plugins only: another one must not switch off what it does not own.
 *
 * @throws CommandFault when the list of registries is damaged
 */
export async function findRevokedPlugins(home: Home, plugins: LockFile['plugins']): Promise<readonly RevokedPlugin[]> {
  const { findRevocation } = await import('@tendril/registry');
  const revocations = new Map(readRegistries(home).map(({ name }) => [name, readRevocations(home, name)]));
  return Object.entries(plugins).flatMap(([id, { version, source }]) => {
    if (source.kind !== 'registry') return [];
    const revocation = findRevocation(revocations.get(source.registry) ?? [], id, version);
    return revocation === undefined ? [] : [{ id, version, registry: source.registry, reason: revocation.reason }];
  });
}

function readRevocations(home: Home, name: string): readonly RegistryRevocation[] {
  const kept = readJson<unknown>(revocationsFile(home, name));
  return Array.isArray(kept) ? (kept as readonly RegistryRevocation[]) : [];
}

function revocationsFile(home: Home, name: string): string {
  return join(registryFolder(home, name), 'revocations.json');
}
