import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistryState } from '@tendril/registry';
import type { RegistryRoot } from '@tendril/schemas';
import { CommandFault, EXIT } from './failure.ts';
import { prepareFolder, writePrivately } from './home.ts';
import type { Home } from './home.ts';
import { takeTurn } from './operator/take-turn.ts';

/** A registry that this installation knows. */
export interface KnownRegistry {
  /** The operator's name for it, which the lock uses. */
  readonly name: string;
  readonly address: string;
  /** The root that the operator has trusted. */
  readonly root: RegistryRoot;
  /** What was seen of it last. */
  readonly state?: RegistryState;
}

/** Others write only a few bytes. */
const PATIENCE_MS = 2_000;

/** Names that a registry may be given here. */
export const REGISTRY_NAME = /^[a-z0-9][a-z0-9_-]{0,59}$/;

/**
 * The registries in the order of their precedence, the highest first.
 *
 * @throws CommandFault when the file is damaged: what it pins must not be forgotten silently
 */
export function readRegistries(home: Home): readonly KnownRegistry[] {
  const file = registriesFile(home);
  const text = readText(file);
  if (text === undefined) return [];
  const registries = parse(text)?.registries;
  if (!Array.isArray(registries) || !registries.every(isKnown))
    throw new CommandFault(
      `${file} is damaged. Put it back from a backup, or remove it and add the registries again with \`tendril registry add\`.`,
      EXIT.refused,
      'REGISTRIES_FILE_DAMAGED',
    );
  return registries;
}

/** Writes the list, for its owner alone and at once. */
export function writeRegistries(home: Home, registries: readonly KnownRegistry[]): void {
  writePrivately(registriesFile(home), `${JSON.stringify({ registries }, undefined, 2)}\n`);
}

/**
 * Changes the list as it is now, in turn: what was read before somebody was asked, or a registry, may be out of date, and writing it
 * would forget registries that were added since, and how far others had come.
 *
 * @param change gives what it got where nothing is to be written
 * @throws CommandFault BUSY
 */
export function changeRegistries(home: Home, change: (registries: readonly KnownRegistry[]) => readonly KnownRegistry[]): void {
  prepareFolder(home.folder);
  const release = takeTurn(`${registriesFile(home)}.busy`, PATIENCE_MS);
  try {
    const registries = readRegistries(home);
    const changed = change(registries);
    if (changed !== registries) writeRegistries(home, changed);
  } finally {
    release();
  }
}

/** Keeps what a refresh has seen. Another command may have seen something newer meanwhile: that stays. */
export function keepRegistryState(home: Home, name: string, state: RegistryState): void {
  changeRegistries(home, (registries) => {
    const known = registries.find((registry) => registry.name === name);
    if (known === undefined || (known.state !== undefined && isNewer(known.state, state))) return registries;
    return registries.map((registry) => (registry === known ? { ...known, state } : registry));
  });
}

/** Folder of the copies of a registry's files. */
export function registryFolder(home: Home, name: string): string {
  return join(home.folder, 'registries', name);
}

/** Forgets the copies of a registry's files. */
export function forgetCopies(home: Home, name: string): void {
  rmSync(registryFolder(home, name), { recursive: true, force: true });
}

function isNewer(one: RegistryState, other: RegistryState): boolean {
  const versions = [one.root.signed.version, other.root.signed.version] as const;
  if (versions[0] !== versions[1]) return versions[0] > versions[1];
  return (one.index?.sequence ?? 0) > (other.index?.sequence ?? 0);
}

function registriesFile(home: Home): string {
  return join(home.folder, 'registries.json');
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function parse(text: string): { readonly registries?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

// The root's signatures are checked again at every refresh.
function isKnown(value: unknown): value is KnownRegistry {
  if (typeof value !== 'object' || value === null) return false;
  const { name, address, root, state } = value as Partial<Record<keyof KnownRegistry, unknown>>;
  const isRoot = (candidate: unknown): boolean => typeof candidate === 'object' && candidate !== null && 'signed' in candidate;
  if (typeof name !== 'string' || !REGISTRY_NAME.test(name) || typeof address !== 'string' || !isRoot(root)) return false;
  return state === undefined || (typeof state === 'object' && state !== null && 'root' in state && isRoot(state.root));
}
