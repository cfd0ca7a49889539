import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import type { RegistryClient, SearchRow } from '@tendril/registry';
import { CommandFault } from './failure.ts';
import { writePrivately } from './home.ts';
import type { Home } from './home.ts';
import { keepRegistryState, readRegistries, registryFolder } from './registries-file.ts';
import type { KnownRegistry } from './registries-file.ts';
import { keepRevocations } from './revoked-plugins.ts';

/** How the registries of an installation are opened. */
export interface OpenOptions {
  /** Asks every registry, however fresh the copy is. */
  readonly isForced?: boolean;
  /** Takes an expired index, because the operator said so. */
  readonly mayBeExpired?: boolean;
  /** Told what the operator should know beside the answer. */
  readonly note: (text: string) => void;
  /** Told of a registry that cannot be used, which is then left out; without it the failure is thrown. */
  readonly onFault?: (name: string, error: unknown) => void;
}

/** What a search needs of one registry. */
export interface RegistryRows {
  readonly name: string;
  readonly rows: readonly SearchRow[];
}

const FRESH_MS = 10 * 60_000;

/**
 * Clients of all registries of an installation, in the order of their precedence, each with a verified index: a copy where it was
 * fetched within ten minutes, or where nobody answers and it has not expired.
 *
 * @throws TendrilError REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED, REGISTRY_STALE, REGISTRY_INVALID
 */
export async function openRegistries(home: Home, options: OpenOptions): Promise<readonly RegistryClient[]> {
  const opened = await Promise.all(
    readRegistries(home).map((known) => orFault(known.name, options, () => openRegistry(home, known, options))),
  );
  return opened.filter((client) => client !== undefined);
}

/** As `openRegistries`, for a search: small copies that are quick to read, where they are fresh. */
export async function openRows(home: Home, options: OpenOptions): Promise<readonly RegistryRows[]> {
  const opened = await Promise.all(
    readRegistries(home).map((known) =>
      orFault(known.name, options, async () => {
        const kept = options.isForced === true ? undefined : readRows(home, known);
        if (kept !== undefined) return { name: known.name, rows: kept };
        const client = await openRegistry(home, known, options);
        const { searchRows } = await import('@tendril/registry');
        const rows = searchRows(client.index());
        const fileHash = client.state()?.index?.fileHash;
        writePrivately(join(registryFolder(home, known.name), 'search.json'), JSON.stringify({ fileHash, rows }));
        return { name: known.name, rows };
      }),
    ),
  );
  return opened.filter((rows) => rows !== undefined);
}

/** One registry with a verified index. */
export async function openRegistry(home: Home, known: KnownRegistry, options: OpenOptions): Promise<RegistryClient> {
  const { createRegistryClient } = await import('@tendril/registry');
  const client = createRegistryClient({
    name: known.name,
    address: known.address,
    fetch: (url, init) => fetch(url, init),
    fetchNpm: async (npm, { mostBytes }) => {
      const { fetchNpmVersion } = await import('./operator/npm-packages.ts');
      return fetchNpmVersion(npm.package, npm.version, mostBytes);
    },
    rootPinned: known.root,
    state: known.state,
    contractVersion: CONTRACT_VERSION,
    now: Date.now,
    mayBeExpired: options.mayBeExpired ?? false,
  });
  if (options.isForced !== true && isFresh(known) && loadCopy(home, client)) return client;
  try {
    const { state, indexBytes } = await client.refresh();
    writePrivately(copyOf(home, known.name), new TextDecoder().decode(indexBytes));
    keepRevocations(home, known.name, client.index().revocations);
    keepRegistryState(home, known.name, state);
  } catch (error) {
    const state = client.state();
    if (state !== undefined) keepRegistryState(home, known.name, state);
    if (!TendrilError.is(error)) throw error;
    if (options.isForced === true || error.code !== 'REGISTRY_UNREACHABLE' || !loadCopy(home, client)) throw named(known.name, error);
    const refreshedAt = new Date(known.state?.index?.refreshedAt ?? 0).toISOString();
    options.note(`The registry ${known.name} does not answer; what it served at ${refreshedAt} is used.`);
  }
  return client;
}

function isFresh({ state }: KnownRegistry): boolean {
  const ageMs = Date.now() - (state?.index?.refreshedAt ?? 0);
  return ageMs >= 0 && ageMs < FRESH_MS;
}

function loadCopy(home: Home, client: RegistryClient): boolean {
  const bytes = readCopy(copyOf(home, client.name));
  return bytes !== undefined && client.load(bytes);
}

function readRows(home: Home, known: KnownRegistry): readonly SearchRow[] | undefined {
  const index = known.state?.index;
  if (index === undefined || !isFresh(known) || index.expiresAt <= Date.now()) return undefined;
  const text = readCopy(join(registryFolder(home, known.name), 'search.json'));
  if (text === undefined) return undefined;
  try {
    const kept = JSON.parse(text.toString('utf8')) as { readonly fileHash?: string; readonly rows: readonly SearchRow[] };
    return kept.fileHash === index.fileHash ? kept.rows : undefined;
  } catch {
    return undefined;
  }
}

function copyOf(home: Home, name: string): string {
  return join(registryFolder(home, name), 'index.json');
}

function readCopy(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    // A copy is a convenience: what cannot be read is fetched.
    return undefined;
  }
}

function named(name: string, error: TendrilError): TendrilError {
  return new TendrilError(error.code, { registry: name, ...error.details }, { cause: error });
}

async function orFault<Answer>(name: string, options: OpenOptions, work: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work();
  } catch (error) {
    if (options.onFault === undefined || error instanceof CommandFault) throw error;
    options.onFault(name, error);
    return undefined;
  }
}
