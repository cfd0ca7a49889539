import { join } from 'node:path';
import type { PluginSource } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { folderOf, readLock, verifyInstalled } from '@tendril/registry/installed';
import type { PinnedPlugin } from '@tendril/schemas';
import type { PluginHome } from '../operator/plugin-home.ts';
import { findRevokedPlugins } from '../revoked-plugins.ts';
import { readSource } from './plugin-sources.ts';

/** What a hub needs to know beside the lock. */
export interface InstalledOptions {
  /** Whether folders that are linked may be used, whose content nothing pins. */
  readonly mayBeLinked: boolean;
  /** Ids whose code the operator lets run in the hub's own process. */
  readonly trusted: ReadonlySet<string>;
}

/**
 * The installed plugins that `tendril.lock` names, each compared with it byte by byte. One that differs, or is not there, comes with
 * its fault: the others run.
 *
 * @throws TendrilError LOCK_INVALID
 */
export async function findInstalled({ home, lockFile, plugins }: PluginHome, options: InstalledOptions): Promise<readonly PluginSource[]> {
  const lock = await readLock(lockFile);
  const hasRegistries = Object.values(lock.plugins).some(({ source }) => source.kind === 'registry');
  // By what registries have said last: nobody is asked here.
  const revoked = new Map((hasRegistries ? await findRevokedPlugins(home, lock.plugins) : []).map(({ id, reason }) => [id, { reason }]));
  const sources: PluginSource[] = [];
  // One after another: the bytes of all of them together need not be in memory.
  for (const [id, pinned] of Object.entries(lock.plugins)) {
    const source = await findOne(plugins, id, pinned, options);
    const taken = revoked.get(id);
    sources.push(taken === undefined ? source : { ...source, revoked: taken });
  }
  return sources;
}

async function findOne(plugins: string, id: string, pinned: PinnedPlugin, options: InstalledOptions): Promise<PluginSource> {
  const folder = folderOf(plugins, id, pinned);
  const fault = await faultOf(plugins, id, pinned, options);
  if (fault !== undefined) return faulty(id, folder, pinned, fault);
  try {
    const source = await readSource({ id, folder });
    const { files } = pinned;
    return {
      ...source,
      isTrusted: pinned.isTrusted === true || options.trusted.has(id),
      grants: pinned.grants as JsonObject,
      origin: { ...pinned.source, ...(pinned.integrity === undefined ? {} : { integrity: pinned.integrity }) },
      // All that is in the package, verified a moment ago.
      ...(files === undefined ? {} : { integrity: () => Promise.resolve(files) }),
    };
  } catch (error) {
    return faulty(id, folder, pinned, { message: error instanceof Error ? error.message : 'it cannot be read', code: 'PACKAGE_INVALID' });
  }
}

type Fault = NonNullable<PluginSource['fault']>;

async function faultOf(plugins: string, id: string, pinned: PinnedPlugin, { mayBeLinked }: InstalledOptions): Promise<Fault | undefined> {
  if (pinned.source.kind === 'folder' && !mayBeLinked)
    return {
      message: `it is linked to ${pinned.source.path}, whose content nothing pins: install a package of it, or set TENDRIL_ALLOW_LINKED=1`,
      code: 'PACKAGE_INTEGRITY',
    };
  const found = await verifyInstalled(plugins, id, pinned);
  if (found === undefined) return undefined;
  return { message: found.message, code: found.kind === 'missing' ? 'PLUGIN_NOT_INSTALLED_HERE' : 'PACKAGE_INTEGRITY' };
}

/** Nothing of what lies there is believed: it is named by what the lock says. */
function faulty(id: string, folder: string, { version, source }: PinnedPlugin, fault: Fault): PluginSource {
  const refuse = (): Promise<never> => Promise.reject(new TendrilError(fault.code, { plugin: id }));
  return {
    folder: id,
    file: join(folder, 'plugin.json'),
    packageJson: { version },
    manifest: { id },
    origin: { ...source },
    read: refuse,
    load: refuse,
    fault,
  };
}
