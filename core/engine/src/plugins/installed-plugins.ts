import type { JsonObject } from '@tendril/plugin-api';
import type { InstalledPlugin } from '../hub.ts';
import type { LoadedPlugin, PluginSource } from './contract.ts';
import { isTrusted } from './open-runner.ts';
import type { RunnerOptions } from './open-runner.ts';
import { describePermissions, permissionsHash } from './permissions/describe-permissions.ts';
import type { PluginSet } from './plugin-set.ts';

/** Everything that was found, as it can be shown. One whose new version is faulty is shown as the version that runs. */
export function describeInstalled({ sources, plugins }: PluginSet, isolation: RunnerOptions['isolation']): readonly InstalledPlugin[] {
  return sources.map((source) => {
    const loaded = plugins.get(source.folder);
    return loaded === undefined ? describeFaulty(source, isTrusted(source, isolation)) : describeLoaded(loaded);
  });
}

function describeLoaded({ id, version, description, manifest, source, runsIn, isTrusted: trusted }: LoadedPlugin): InstalledPlugin {
  const { title, permissions, contributes, breakingChanges } = manifest;
  return {
    id,
    title,
    description,
    version,
    state: 'loaded',
    actions: Object.keys(contributes.actions ?? {}).map((action) => `${id}.${action}`),
    permissions: (permissions ?? {}) as JsonObject,
    isFirstParty: trusted && source.origin === undefined,
    runsIn,
    permissionsInWords: describePermissions(permissions),
    permissionsHash: permissionsHash(manifest),
    contributes: namesOf(contributes as Readonly<Record<string, object>>),
    breakingChanges: breakingChanges ?? [],
    ...(source.origin !== undefined && { source: source.origin }),
  };
}

/** By what its files say, which may be anything. */
function describeFaulty(source: PluginSource, trusted: boolean): InstalledPlugin {
  const manifest = asObject(source.manifest);
  const permissions = asObject(manifest['permissions']);
  const { version, description } = source.packageJson;
  const id = textOr(manifest['id'], source.folder);
  return {
    id,
    title: textOr(manifest['title'], id),
    description: textOr(description, ''),
    version: textOr(version, ''),
    state: 'faulty',
    actions: [],
    permissions,
    isFirstParty: trusted && source.origin === undefined,
    permissionsInWords: [],
    permissionsHash: permissionsHash({ permissions: {} }),
    contributes: {},
    breakingChanges: [],
    ...(source.origin !== undefined && { source: source.origin }),
  };
}

function namesOf(contributes: Readonly<Record<string, object>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(contributes).map(([kind, items]) => [kind, Object.keys(items)]));
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
