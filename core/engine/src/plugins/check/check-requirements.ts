import semver from 'semver';
import type { PluginFault, Problem } from '../../hub.ts';
import { nearestName } from '../../nearest-name.ts';
import type { CheckedPlugin } from '../contract.ts';
import { toPointer } from '../pointer.ts';
import { fault } from './fault.ts';

/** Requirements that are missing, of another version, or in a circle. */
export function checkRequirements(plugins: readonly CheckedPlugin[]): readonly PluginFault[] {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const capabilities = new Set(
    plugins.flatMap((plugin) => Object.values(plugin.manifest.contributes.actions ?? {}).flatMap((action) => action.implements ?? [])),
  );
  return plugins.flatMap((plugin) => [
    ...missing(plugin, byId, capabilities).map((problem) => fault(plugin, problem, 'PLUGIN_REQUIREMENT_MISSING')),
    ...circle(plugin, byId).map((problem) => fault(plugin, problem)),
  ]);
}

/** Ids of the plugins that must be there and enabled for this one. Capabilities are not among them: any provider will do. */
export function requiredIds({ manifest }: Pick<CheckedPlugin, 'manifest'>): readonly string[] {
  const { requires, contributes } = manifest;
  const ids = new Set(Object.keys(requires?.plugins ?? {}));
  for (const action of requires?.actions ?? []) ids.add(pluginOf(action));
  for (const { after } of Object.values(contributes.consumers ?? {})) if (after !== undefined) ids.add(after);
  ids.delete(manifest.id);
  return [...ids];
}

function missing(
  { manifest }: CheckedPlugin,
  byId: ReadonlyMap<string, CheckedPlugin>,
  capabilities: ReadonlySet<string>,
): readonly Problem[] {
  const problems: Problem[] = [];
  const others = [...byId.keys()].filter((id) => id !== manifest.id);
  const report = (pointer: string, message: string, suggestion?: string): unknown =>
    problems.push({ pointer, message, ...(suggestion !== undefined && { suggestion }) });
  for (const [id, range] of Object.entries(manifest.requires?.plugins ?? {})) {
    const at = `/requires/plugins${toPointer(id)}`;
    const found = byId.get(id);
    if (semver.validRange(range) === null) report(at, 'is no semver range');
    else if (found === undefined) report(at, `no sound plugin ${id} is installed`, nearestName(id, others));
    else if (!semver.satisfies(found.version, range, { includePrerelease: true }))
      report(at, `${id} is installed in version ${found.version}`);
  }
  for (const [index, name] of (manifest.requires?.actions ?? []).entries()) {
    const actions = byId.get(pluginOf(name))?.manifest.contributes.actions ?? {};
    const id = name.slice(name.indexOf('.') + 1);
    if (!Object.hasOwn(actions, id))
      report(`/requires/actions/${index}`, `no sound plugin contributes ${name}`, nearestName(id, Object.keys(actions)));
  }
  for (const [index, name] of (manifest.requires?.capabilities ?? []).entries()) {
    if (!capabilities.has(name))
      report(`/requires/capabilities/${index}`, `no sound plugin implements ${name}`, nearestName(name, capabilities));
  }
  for (const [id, { after }] of Object.entries(manifest.contributes.consumers ?? {})) {
    if (after !== undefined && byId.get(after)?.manifest.contributes.consumers?.['project'] === undefined) {
      report(
        `${toPointer('contributes', 'consumers', id)}/after`,
        `no sound plugin ${after} has a consumer \`project\``,
        nearestName(after, others),
      );
    }
  }
  return problems;
}

function circle(plugin: CheckedPlugin, byId: ReadonlyMap<string, CheckedPlugin>): readonly Problem[] {
  const visited = new Set<string>();
  const waiting = [...requiredIds(plugin)];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === plugin.id) return [{ pointer: '/requires', message: `requires itself, through ${[...visited].join(', ')}` }];
    const found = byId.get(id);
    if (found === undefined || visited.has(id)) continue;
    visited.add(id);
    waiting.push(...requiredIds(found));
  }
  return [];
}

function pluginOf(action: string): string {
  return action.slice(0, action.indexOf('.'));
}
