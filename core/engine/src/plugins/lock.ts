import { createHash } from 'node:crypto';
import type { Json } from '@tendril/plugin-api';
import { canonicalJson } from '../canonical-json.ts';
import type { CheckedPlugin, LockedPlugin } from './contract.ts';
import type { LockDifference } from '../hub.ts';

/** The plugins that a process has loaded. Processes with the same hash do the same with the same job. */
export interface PluginLock {
  readonly hash: string;
  /** By id. */
  readonly plugins: readonly LockedPlugin[];
}

/** The lock of loaded plugins. */
export async function lockPlugins(plugins: Iterable<CheckedPlugin>): Promise<PluginLock> {
  return lockOf(await Promise.all([...plugins].map(lockPlugin)));
}

/** The lock of plugins that are pinned already. */
export function lockOf(plugins: readonly LockedPlugin[]): PluginLock {
  const sorted = plugins.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { hash: hashOf(sorted as unknown as Json), plugins: sorted };
}

/** Pins one plugin, by its manifest as it was packed. What the operator grants of it counts too: processes must not differ in it. */
export async function lockPlugin({ id, version, manifest, source }: CheckedPlugin): Promise<LockedPlugin> {
  const code = await source.integrity?.();
  const pinned = source.grants === undefined ? manifest : { manifest, grants: source.grants };
  return { id, version, manifest: hashOf(pinned as unknown as Json), ...(code === undefined ? {} : { code }) };
}

/** Whether both pin the same version, manifest and code. */
export function isSameLock(one: LockedPlugin, other: LockedPlugin): boolean {
  return one.version === other.version && one.manifest === other.manifest && one.code === other.code;
}

/** What distinguishes this process's plugins from the installation's, by plugin. */
export function compareLocks(here: PluginLock, installation: PluginLock): readonly LockDifference[] {
  const ours = new Map(here.plugins.map((plugin) => [plugin.id, plugin]));
  const theirs = new Map(installation.plugins.map((plugin) => [plugin.id, plugin]));
  return [...new Set([...ours.keys(), ...theirs.keys()])].toSorted().flatMap((id) => compare(id, ours.get(id), theirs.get(id)));
}

function compare(plugin: string, here: LockedPlugin | undefined, installation: LockedPlugin | undefined): readonly LockDifference[] {
  if (here === undefined || installation === undefined) {
    return [
      {
        plugin,
        what: here === undefined ? 'missing' : 'additional',
        ...(here !== undefined && { here: here.version }),
        ...(installation !== undefined && { installation: installation.version }),
      },
    ];
  }
  const what = (['version', 'manifest', 'code'] as const).find((part) => here[part] !== installation[part]);
  return what === undefined ? [] : [{ plugin, what, here: here.version, installation: installation.version }];
}

/** The same for equal values, whatever the order of their members. */
function hashOf(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
