import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { PinnedPlugin } from '@tendril/schemas';
import type { FoundPackage } from '../../operator/found-package.ts';
import { pinPackage, refuseUnwanted } from '../../operator/pin-package.ts';
import { changeLock } from '../../operator/plugin-home.ts';
import type { PluginHome } from '../../operator/plugin-home.ts';

/** Puts builds of one plugin into the lock, each in a folder of its own, so that no process runs half of one. */
export class LinkedBuild {
  readonly #place: PluginHome;
  readonly #id: string;
  readonly #root: string;
  #serial = 0;
  /** What the lock said before; there may be nothing. */
  #before: { readonly pinned?: PinnedPlugin } | undefined;
  #folder: string | undefined;

  constructor(place: PluginHome, id: string) {
    this.#place = place;
    this.#id = id;
    this.#root = join(place.home.folder, 'development', id);
  }

  /**
   * Writes a build and has the lock name it. The one before stays until `dropOld`: a hub may still run it.
   *
   * @throws TendrilError PACKAGE_INVALID, MANIFEST_INVALID, LOCK_INVALID; CommandFault when the id is one of Tendril's own
   */
  async put(files: ReadonlyMap<string, Buffer>): Promise<void> {
    const { examinePackage, withPlugin } = await import('@tendril/registry');
    this.#serial += 1;
    const folder = join(this.#root, `${process.pid}-${this.#serial}`);
    rmSync(folder, { recursive: true, force: true });
    for (const [path, content] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const content = await examinePackage(files);
    const found: FoundPackage = { content, source: { kind: 'folder', path: folder }, provenance: 'none', notes: [] };
    await changeLock(this.#place, async (lock) => {
      const known = lock.plugins[this.#id];
      refuseUnwanted(found, known, { switchesOrigin: true });
      this.#before ??= known === undefined || this.#isBuild(known) ? {} : { pinned: known };
      return withPlugin(lock, this.#id, await pinPackage(this.#place, found, {}));
    });
    this.#folder = folder;
  }

  /** Removes builds but the newest. Call it when the hub has taken that. */
  async dropOld(): Promise<void> {
    const { readdir, rm } = await import('node:fs/promises');
    const kept = this.#folder?.slice(this.#folder.lastIndexOf(sep) + 1);
    const found = await readdir(this.#root).catch(() => []);
    for (const name of found) if (name !== kept) await rm(join(this.#root, name), { recursive: true, force: true });
  }

  /** Has the lock say what it said before, and removes the builds. */
  async remove(): Promise<void> {
    const before = this.#before;
    if (before === undefined) return;
    const { withPlugin } = await import('@tendril/registry');
    await changeLock(this.#place, async (lock) => withPlugin(lock, this.#id, before.pinned));
    rmSync(this.#root, { recursive: true, force: true });
  }

  #isBuild({ source }: PinnedPlugin): boolean {
    return source.kind === 'folder' && source.path.startsWith(`${this.#root}${sep}`);
  }
}
