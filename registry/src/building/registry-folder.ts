import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryIndexContent } from '@tendril/schemas';
import { readEnvelope } from '../client/read-signed.ts';

/** A folder of submissions: what `registry build` makes a registry of, usually a repository that takes pull requests. */
export interface RegistryFolder {
  /** Path of the folder. */
  readonly path: string;
  /** Text of `plugins/<id>/entry.json` by id; `undefined` where it is missing, no plain file or too large. */
  readonly entries: ReadonlyMap<string, string | undefined>;
  /** Other files in `plugins/<id>/` by id. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** What lies in `plugins/` and is no folder. */
  readonly strays: readonly string[];
  /** Text of `revocations.json`. */
  readonly revocations: string | undefined;
  /** Text of `1.root.json`, `2.root.json`, … by version. */
  readonly roots: ReadonlyMap<number, string>;
  /** A file of `plugins/<id>/`; `undefined` when it is missing, no plain file or too large. */
  readTarball(id: string, name: string): Promise<Buffer | undefined>;
}

const MOST_TEXT_BYTES = 4_000_000;
const MOST_INDEX_BYTES = 100_000_000;
const MOST_TARBALL_BYTES = 20_000_000;

/**
 * Reads a folder of submissions. A folder that is not there is an empty one. Links are not followed: strangers send them in.
 *
 * @throws the file system's error
 */
export async function openRegistryFolder(path: string): Promise<RegistryFolder> {
  const plugins = await entriesOf(join(path, 'plugins'));
  const ids = plugins.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const entries = new Map<string, string | undefined>();
  const files = new Map<string, readonly string[]>();
  for (const id of ids.toSorted()) {
    entries.set(id, await readText(join(path, 'plugins', id, 'entry.json')));
    const inside = await entriesOf(join(path, 'plugins', id));
    files.set(
      id,
      inside.map(({ name }) => name).filter((name) => name !== 'entry.json'),
    );
  }
  return {
    path,
    entries,
    files,
    strays: plugins.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
    revocations: await readText(join(path, 'revocations.json')),
    roots: await readRoots(path),
    readTarball: (id, name) => readPlainFile(join(path, 'plugins', id, name), MOST_TARBALL_BYTES),
  };
}

/**
 * Reads what is published: a folder of submissions, or one that `writeRegistry` has built from them, whose `index.json` holds the
 * entries. Its signatures are not looked at: it is the caller's own.
 *
 * @throws the file system's error
 */
export async function openPublishedFolder(path: string): Promise<RegistryFolder> {
  const folder = await openRegistryFolder(path);
  const index = await readPlainFile(join(path, 'index.json'), MOST_INDEX_BYTES);
  if (index === undefined) return folder;
  const { plugins, revocations } = readEnvelope(index, 'index.json').signed as Partial<RegistryIndexContent>;
  const entries = Object.entries(plugins ?? {}).map(([id, entry]) => [id, JSON.stringify(entry)] as const);
  return { ...folder, entries: new Map(entries), revocations: JSON.stringify(revocations ?? []) };
}

async function readRoots(path: string): Promise<ReadonlyMap<number, string>> {
  const roots = new Map<number, string>();
  for (const { name } of await entriesOf(path)) {
    const version = Number(/^([1-9]\d{0,5})\.root\.json$/.exec(name)?.[1] ?? 0);
    const text = version === 0 ? undefined : await readText(join(path, name));
    if (text !== undefined) roots.set(version, text);
  }
  return new Map([...roots].toSorted(([one], [other]) => one - other));
}

async function entriesOf(path: string): Promise<Awaited<ReturnType<typeof readEntries>>> {
  try {
    return await readEntries(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const readEntries = (path: string) => readdir(path, { withFileTypes: true });

async function readText(path: string): Promise<string | undefined> {
  return (await readPlainFile(path, MOST_TEXT_BYTES))?.toString('utf8');
}

async function readPlainFile(path: string, mostBytes: number): Promise<Buffer | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > mostBytes) return undefined;
      const bytes = Buffer.alloc(stat.size);
      const { bytesRead } = await file.read(bytes, 0, stat.size, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO') return undefined;
    throw error;
  }
}
