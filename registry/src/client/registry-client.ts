import { TendrilError } from '@tendril/plugin-api';
import type { RegistryEntry, RegistryIndexContent, RegistryRevocation, RegistryRoot, RegistryVersion } from '@tendril/schemas';
import { searchPlugins } from '../search/search-plugins.ts';
import type { SearchOptions, SearchResult } from '../search/search-plugins.ts';
import { searchRows } from '../search/search-rows.ts';
import type { SearchRow } from '../search/search-rows.ts';
import { trustRoot } from '../signing/root.ts';
import { verifyDownload } from './verify-download.ts';
import { openRegistryFiles } from './open-files.ts';
import type { ReadLimits } from './registry-files.ts';
import type { RegistryState } from './registry-state.ts';
import { findEntry, findRevocation, resolveVersion } from './resolve-version.ts';
import type { ResolvedVersion } from './resolve-version.ts';
import { areIndexKeysReplaced, updateRoot } from './update-root.ts';
import { refuseExpired, sha256, verifyIndex } from './verify-index.ts';
import type { Fetch } from './web-files.ts';

/** What a client of one registry needs; it reads neither files of its own nor the environment. */
export interface RegistryClientOptions {
  /** The operator's name of the registry. */
  readonly name: string;
  /** `https://…`, `http://` on this machine, `file:///…` or the absolute path of a folder. */
  readonly address: string;
  readonly fetch: Fetch;
  /** Fetches a package from npm; without it plugins that lie there cannot be downloaded. */
  readonly fetchNpm?: (npm: NonNullable<RegistryVersion['npm']>, limits: ReadLimits) => Promise<Uint8Array>;
  /** The root that the operator has trusted. */
  readonly rootPinned: RegistryRoot;
  /** What the last refresh has left. */
  readonly state?: RegistryState | undefined;
  /** Version of the plugin contract that the host speaks. */
  readonly contractVersion: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Whether the operator said that an expired index will do. */
  readonly mayBeExpired?: boolean;
}

/** What a refresh has brought; the caller keeps `state` and `indexBytes`. */
export interface Refreshed {
  readonly state: RegistryState;
  readonly indexBytes: Uint8Array;
  /** Whether the index is another one than that seen before. */
  readonly isNew: boolean;
}

/** A registry as seen through verified files only. */
export interface RegistryClient {
  readonly name: string;
  /**
   * Fetches root and index and verifies them; what was seen before stays in force when it fails.
   *
   * @throws TendrilError REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED, REGISTRY_STALE, REGISTRY_INVALID
   */
  refresh(): Promise<Refreshed>;
  /**
   * Takes the index from a copy that an earlier refresh gave, without asking the registry.
   *
   * @returns false when it is not the copy of the index seen last
   * @throws TendrilError REGISTRY_STALE when it has expired
   */
  load(indexBytes: Uint8Array): boolean;
  /**
   * What is to be kept, after a failed refresh too: a new root holds although its index was refused.
   *
   * @see The Update Framework 1.0.33, section 5.3.8 (persist the root)
   */
  state(): RegistryState | undefined;
  /** The verified index. @throws TendrilError REGISTRY_STALE before `refresh` or `load` */
  index(): RegistryIndexContent;
  /** Best first. */
  search(query: string, options?: SearchOptions): readonly SearchResult[];
  find(id: string): RegistryEntry | undefined;
  /** As `resolveVersion`. */
  resolve(id: string, range?: string): ResolvedVersion;
  revocation(id: string, version: string): RegistryRevocation | undefined;
  /**
   * The bytes of a package, of exactly the size and hash that the index says.
   *
   * @throws TendrilError PACKAGE_INTEGRITY when they are others
   * @throws TendrilError NOT_FOUND, REGISTRY_UNREACHABLE
   */
  download(id: string, version: string): Promise<Uint8Array>;
}

const INDEX_FILE = 'index.json';
const INDEX_LIMITS: ReadLimits = { mostBytes: 100_000_000, timeoutMs: 120_000 };
const PACKAGE_TIMEOUT_MS = 300_000;

/** Makes a client of one registry. Nothing is asked before `refresh`. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { name, contractVersion, now, mayBeExpired = false } = options;
  const files = openRegistryFiles(options.address, options.fetch);
  let state = options.state;
  let content: RegistryIndexContent | undefined;
  let rows: readonly SearchRow[] | undefined;

  function index(): RegistryIndexContent {
    if (content === undefined) throw new TendrilError('REGISTRY_STALE', { registry: name, reason: 'its index was not fetched yet' });
    return content;
  }

  return {
    name,
    index,
    state: () => state,
    async refresh() {
      const before = state?.root ?? trustRoot(options.rootPinned);
      const root = await updateRoot(before, files);
      const seen = areIndexKeysReplaced(before, root) ? undefined : state?.index;
      state = { root, ...(seen === undefined ? {} : { index: seen }) };
      if (!mayBeExpired) refuseExpired(`${root.signed.version}.root.json`, Date.parse(root.signed.expiresAt), now());
      const indexBytes = await files.read(INDEX_FILE, INDEX_LIMITS);
      if (indexBytes === undefined)
        throw new TendrilError('REGISTRY_UNREACHABLE', { registry: name, file: INDEX_FILE, reason: 'it is not there' });
      const trusted = verifyIndex(indexBytes, { root, seen, now: now(), mayBeExpired });
      const next = { root, index: trusted.seen };
      state = next;
      content = trusted.index.signed;
      rows = undefined;
      return { state: next, indexBytes, isNew: seen?.contentHash !== trusted.seen.contentHash };
    },
    load(indexBytes) {
      const seen = state?.index;
      if (seen === undefined || sha256(indexBytes) !== seen.fileHash) return false;
      if (!mayBeExpired) refuseExpired(INDEX_FILE, seen.expiresAt, now());
      // Verified when it was fetched: these are the same bytes.
      content = (JSON.parse(new TextDecoder().decode(indexBytes)) as { readonly signed: RegistryIndexContent }).signed;
      rows = undefined;
      return true;
    },
    search(query, searchOptions) {
      rows ??= searchRows(index());
      return searchPlugins(rows, query, searchOptions);
    },
    find: (id) => findEntry(index(), id),
    resolve: (id, range) => resolveVersion(index(), id, { registry: name, range, contractVersion }),
    revocation: (id, version) => findRevocation(index().revocations, id, version),
    async download(id, version) {
      const wanted = findEntry(index(), id)?.versions.find((candidate) => candidate.version === version);
      if (wanted === undefined) throw new TendrilError('NOT_FOUND', { plugin: id, version, registry: name });
      const limits: ReadLimits = { mostBytes: wanted.sizeBytes, timeoutMs: PACKAGE_TIMEOUT_MS };
      const bytes = await fetchPackage(id, wanted, limits);
      return verifyDownload(id, wanted, bytes);
    },
  };

  async function fetchPackage(id: string, { tarball, npm, version }: RegistryVersion, limits: ReadLimits): Promise<Uint8Array> {
    if (npm !== undefined) {
      if (options.fetchNpm === undefined)
        throw new TendrilError('REGISTRY_UNREACHABLE', {
          plugin: id,
          package: npm.package,
          reason: 'packages on npm cannot be fetched here',
        });
      return options.fetchNpm(npm, limits);
    }
    const bytes = tarball === undefined ? undefined : await files.read(`plugins/${id}/${tarball}`, limits);
    if (bytes === undefined) throw new TendrilError('NOT_FOUND', { plugin: id, version, registry: name, file: tarball });
    return bytes;
  }
}
