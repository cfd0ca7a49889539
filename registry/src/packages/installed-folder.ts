import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { LockFile } from '@tendril/schemas';
import { filesHash, folderHash } from './files-hash.ts';
import type { PluginPackage } from './plugin-package.ts';

const DRAFT = '.unpacking-';

/** Where a version of a plugin lies below the folder of all of them. */
export function installedFolder(plugins: string, id: string, version: string): string {
  return join(plugins, id, version);
}

/**
 * Writes a package to its place: beside it first, then renamed, so that a version is there whole or not at all. What an
 * installation that died left is removed. Safe to call twice.
 *
 * @param plugins the folder of all installed plugins
 * @returns the folder of this version
 * @throws TendrilError PACKAGE_INTEGRITY when what was written is not what was read
 */
export async function unpackPlugin(plugins: string, { id, version, files }: PluginPackage): Promise<string> {
  const place = installedFolder(plugins, id, version);
  const wanted = filesHash(files);
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  await removeDrafts(plugins);
  if ((await hashOrNone(place)) === wanted) return place;
  const draft = join(plugins, `${DRAFT}${String(process.pid)}-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(draft, { mode: 0o700 });
    for (const [path, content] of files) await writeFile(join(draft, ...path.split('/')), content);
    if ((await folderHash(draft)) !== wanted)
      throw new TendrilError('PACKAGE_INTEGRITY', { plugin: id, version, reason: 'what was written differs from the package' });
    await putInPlace(draft, place, plugins);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return place;
}

/** Removes one version, and the plugin's folder when it was the last; nothing when it is not there. */
export async function removeInstalled(plugins: string, id: string, version: string): Promise<void> {
  await rm(installedFolder(plugins, id, version), { recursive: true, force: true });
  await removeIfEmpty(join(plugins, id));
}

/**
 * Removes every version that no lock names: what upgrades left behind, and installs and removals that were cut short. Not while a hub
 * goes on with what the lock named before.
 *
 * @returns what was removed, as `id/version`
 */
export async function removeUnnamed(plugins: string, { plugins: pinned }: LockFile): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const id of await foldersIn(plugins)) {
    const { version, previous, source } = pinned[id] ?? {};
    const named = new Set([source?.kind === 'folder' ? undefined : version, previous?.version]);
    const versions = await foldersIn(join(plugins, id));
    for (const each of versions) {
      if (named.has(each)) continue;
      await removeInstalled(plugins, id, each);
      removed.push(`${id}/${each}`);
    }
    if (versions.length === 0) await removeIfEmpty(join(plugins, id));
  }
  return removed;
}

/** Without those that are still being written. */
async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
}

async function removeIfEmpty(folder: string): Promise<void> {
  const left = await readdir(folder).catch(() => undefined);
  if (left?.length === 0) await rm(folder, { recursive: true, force: true });
}

async function writeFile(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // `wx`: nothing that is there already is written through.
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder cannot replace another at once: the old one steps aside first. */
async function putInPlace(draft: string, place: string, plugins: string): Promise<void> {
  const aside = join(plugins, `${DRAFT}${String(process.pid)}-${randomBytes(6).toString('hex')}`);
  const stoodAside = await rename(place, aside).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(draft, place);
  } catch (error) {
    if (stoodAside) await rename(aside, place).catch(() => undefined);
    throw error;
  }
  if (stoodAside) await rm(aside, { recursive: true, force: true });
}

/** Those of processes that live belong to them. */
async function removeDrafts(plugins: string): Promise<void> {
  for (const name of await readdir(plugins)) {
    const pid = name.startsWith(DRAFT) ? Number.parseInt(name.slice(DRAFT.length), 10) : NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(plugins, name), { recursive: true, force: true });
  }
}

async function hashOrNone(folder: string): Promise<string | undefined> {
  return folderHash(folder).catch(() => undefined);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
