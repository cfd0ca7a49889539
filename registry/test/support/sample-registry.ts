import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import {
  addVersion,
  buildIndex,
  checkRegistry,
  createRoot,
  createSigningKey,
  openPublishedFolder,
  openRegistryFolder,
  readPackageFacts,
  signVersion,
  tarballName,
  writeRegistry,
  writeTarball,
} from '@tendril/registry';
import type { CheckedRegistry, SigningKey, Submission } from '@tendril/registry';
import type { RegistryEntry, RegistryIndex, RegistryRevocation, RegistryRoot } from '@tendril/schemas';

export const NOW = new Date('2026-03-01T12:00:00.000Z');
export const DAY_MS = 86_400_000;

/** What may differ from the plugin that tests publish. */
export interface SamplePackage {
  readonly id?: string;
  readonly version?: string;
  readonly title?: string;
  readonly description?: string;
  readonly categories?: readonly string[];
  readonly hosts?: readonly string[];
  readonly engines?: string;
  readonly licence?: string | undefined;
  readonly without?: readonly string[];
}

/** A package of a declarative plugin, without any code. */
export function samplePackage(sample: SamplePackage = {}): Buffer {
  const {
    id = 'acme_crm',
    version = '1.0.0',
    title = 'Acme CRM',
    description = 'Contacts of Acme.',
    hosts = ['api.acme.example'],
  } = sample;
  const { categories = ['crm'], engines = `^${CONTRACT_VERSION}`, licence = 'Apache-2.0', without = [] } = sample;
  const packageJson = {
    name: `tendril-plugin-${id}`,
    version,
    description,
    type: 'module',
    ...(licence === '' ? {} : { license: licence }),
  };
  const manifest = { id, title, categories, engines: { tendril: engines }, permissions: { hosts }, contributes: {} };
  const files = new Map([
    ['package.json', Buffer.from(JSON.stringify(packageJson))],
    ['plugin.json', Buffer.from(JSON.stringify(manifest))],
    ['README.md', Buffer.from(`# ${title}\n`)],
    ['LICENSE', Buffer.from('Apache License, Version 2.0\n')],
  ]);
  for (const path of without) files.delete(path);
  return writeTarball(files);
}

/** A folder of submissions that goes away with the test. */
export interface SampleFolder {
  readonly path: string;
  publish(sample: SamplePackage, key: SigningKey, more?: Partial<Submission>): Promise<RegistryEntry>;
  writeEntry(id: string, entry: unknown): Promise<void>;
  readEntry(id: string): Promise<RegistryEntry>;
  write(path: string, content: string | Buffer): Promise<void>;
  check(base?: string): Promise<CheckedRegistry>;
  remove(): Promise<void>;
}

export async function sampleFolder(): Promise<SampleFolder> {
  const path = await mkdtemp(join(tmpdir(), 'tendril-registry-'));
  const write = async (file: string, content: string | Buffer): Promise<void> => {
    await mkdir(join(path, file, '..'), { recursive: true });
    await writeFile(join(path, file), content);
  };
  const readEntry = async (id: string): Promise<RegistryEntry> =>
    JSON.parse((await openRegistryFolder(path)).entries.get(id) ?? '') as RegistryEntry;
  const writeEntry = (id: string, entry: unknown): Promise<void> => write(`plugins/${id}/entry.json`, JSON.stringify(entry, null, 2));
  return {
    path,
    write,
    writeEntry,
    readEntry,
    async publish(sample, key, more = {}) {
      const bytes = samplePackage(sample);
      const facts = await readPackageFacts(bytes);
      const { id, version } = facts;
      const known = (await openRegistryFolder(path)).entries.get(id);
      const signature = signVersion({ id, version: version.version, integrity: version.integrity }, key);
      const entry = addVersion(known === undefined ? undefined : (JSON.parse(known) as RegistryEntry), {
        facts,
        signature,
        publicKey: key.public,
        publishedAt: NOW,
        publisher: { name: 'Acme Inc.' },
        ...more,
      });
      await writeEntry(id, entry);
      await write(`plugins/${id}/${tarballName(id, version.version)}`, bytes);
      return entry;
    },
    check: async (base) =>
      checkRegistry(await openRegistryFolder(path), {
        contractVersion: CONTRACT_VERSION,
        base: base === undefined ? undefined : await openPublishedFolder(base),
      }),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** A registry with keys for its root and for its index. */
export interface SampleKeys {
  readonly root: SigningKey;
  readonly index: SigningKey;
  readonly author: SigningKey;
}

export function sampleKeys(): SampleKeys {
  return { root: createSigningKey().key, index: createSigningKey().key, author: createSigningKey().key };
}

export function sampleRoot({ root, index }: Pick<SampleKeys, 'root' | 'index'>, registry = 'plugins.example.org'): RegistryRoot {
  const plan = { registry, createdAt: NOW, expiresAt: new Date(NOW.getTime() + 365 * DAY_MS) };
  return createRoot({ ...plan, root: role(root), index: role(index) }, [root]);
}

export const role = (...keys: readonly SigningKey[]) => ({ publicKeys: keys.map((key) => key.public), threshold: keys.length });

/** What may differ in an index that tests build. */
export interface SampleIndex {
  readonly root: RegistryRoot;
  readonly keys: readonly SigningKey[];
  readonly entries?: Readonly<Record<string, RegistryEntry>>;
  readonly revocations?: readonly RegistryRevocation[];
  readonly previousSequence?: number;
  readonly createdAt?: Date;
  readonly days?: number;
}

export function sampleIndex({
  root,
  keys,
  entries = {},
  revocations = [],
  previousSequence,
  createdAt = NOW,
  days = 14,
}: SampleIndex): RegistryIndex {
  const checked = { entries: new Map(Object.entries(entries)), revocations, roots: [root] };
  return buildIndex({ checked, keys, previousSequence, createdAt, expiresAt: new Date(createdAt.getTime() + days * DAY_MS) });
}

/** Writes a whole registry to a folder that the caller removes. */
export async function sampleOutput(folder: string, index: RegistryIndex, roots: readonly RegistryRoot[]): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'tendril-registry-out-'));
  await writeRegistry(folder, out, index, roots);
  return out;
}
