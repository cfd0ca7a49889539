import { diffPermissions } from '@tendril/engine/plugins';
import type { Json } from '@tendril/plugin-api';
import { TendrilError } from '@tendril/plugin-api';
import type { Manifest } from '@tendril/schemas';
import type { PluginPackage } from '@tendril/registry';
import { gt, lte } from 'semver';
import type { HubClient } from '../hub-client.ts';
import { HubUnreachable } from '../hub-client.ts';
import { pluginPath } from './hub-plugin.ts';
import type { UpgradePlan } from './hub-plugin.ts';

/** A plan, and whether a hub worked it out: what is deployed is known to it alone. */
export interface MadePlan {
  readonly plan: UpgradePlan;
  readonly isOfHub: boolean;
}

/**
 * What replacing one version by another changes. Asks the hub, which knows the pipelines and runs; without one, what the manifests say.
 */
export async function planUpgrade(
  hub: HubClient | undefined,
  from: { readonly version: string; readonly manifest: Manifest },
  to: PluginPackage,
): Promise<MadePlan> {
  if (hub === undefined) return { plan: planOfManifests(from, to), isOfHub: false };
  try {
    const plan = await hub.request<UpgradePlan>('POST', pluginPath(to.id, '/plan'), {
      packageJson: to.packageJson,
      manifest: to.resolvedManifest,
    });
    return { plan, isOfHub: true };
  } catch (error) {
    // It has not taken up the plugin, or went away.
    const isUnknown = TendrilError.is(error) && (error.code === 'PLUGIN_UNKNOWN' || error.code === 'NOT_FOUND');
    if (!isUnknown && !(error instanceof HubUnreachable)) throw error;
    return { plan: planOfManifests(from, to), isOfHub: false };
  }
}

/** What two manifests say about an upgrade. */
export function planOfManifests(
  from: { readonly version: string; readonly manifest: Manifest },
  { manifest, version }: Pick<PluginPackage, 'manifest' | 'version'>,
): UpgradePlan {
  const permissions = diffPermissions(from.manifest.permissions, manifest.permissions);
  return {
    from: from.version,
    to: version,
    permissions,
    contributions: compare(contributionsOf(from.manifest), contributionsOf(manifest)),
    breakingChanges: (manifest.breakingChanges ?? []).filter((change) => gt(change.version, from.version) && lte(change.version, version)),
    pipelines: [],
    sleepingRuns: 0,
    isBlocked: false,
    consentNeeded: permissions.added.length > 0,
  };
}

/** The plan as lines for people; empty sections are left out. */
export function planLines({ plan, isOfHub }: MadePlan): readonly string[] {
  const { permissions, contributions, breakingChanges, pipelines, sleepingRuns } = plan;
  const touched = pipelines.flatMap(({ name, problems }) => [
    `${name}${problems.length === 0 ? '' : ':'}`,
    ...problems.map((problem) => `  ${problemText(problem)}`),
  ]);
  return [
    ...section('It may do more:', permissions.added),
    ...section('It no longer may:', permissions.removed),
    ...section('New:', contributions.added),
    ...section('Gone:', contributions.removed),
    ...section('Changed:', contributions.changed.map(problemText)),
    ...section(
      'Breaking changes:',
      breakingChanges.map(({ version, change, guide, by }) => `${version}: ${change} ${guide} (the old way works until ${by})`),
    ),
    ...section('Deployed pipelines that use it:', touched),
    ...section('Sleeping runs that go on with the new version:', runLines(sleepingRuns)),
    ...(isOfHub ? [] : ['No hub was asked: pipelines and runs that it touches are not known.']),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function runLines(runs: Json): readonly string[] {
  if (typeof runs === 'number') return runs === 0 ? [] : [String(runs)];
  return Array.isArray(runs) ? runs.map(problemText) : [];
}

function problemText(problem: Json): string {
  if (typeof problem === 'string') return problem;
  if (typeof problem !== 'object' || problem === null || Array.isArray(problem)) return JSON.stringify(problem);
  const { message, pointer, name, change } = problem as Readonly<Record<string, Json>>;
  const text = firstText([message, change]);
  const at = firstText([name, pointer]);
  if (text === undefined) return JSON.stringify(problem);
  return at === undefined ? text : `${at}: ${text}`;
}

function firstText(values: readonly (Json | undefined)[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

function contributionsOf({ contributes }: Manifest): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(contributes as Readonly<Record<string, object>>).flatMap(([kind, items]) =>
      Object.entries(items as Readonly<Record<string, unknown>>).map(([name, item]) => [`${kind}: ${name}`, JSON.stringify(item)] as const),
    ),
  );
}

function compare(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): UpgradePlan['contributions'] {
  return {
    added: [...to.keys()].filter((name) => !from.has(name)),
    removed: [...from.keys()].filter((name) => !to.has(name)),
    changed: [...to].filter(([name, item]) => from.has(name) && from.get(name) !== item).map(([name]) => name),
  };
}
