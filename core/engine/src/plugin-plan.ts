import semver from 'semver';
import { describeAction } from './actions/index.ts';
import type { ActionDescription } from './actions/index.ts';
import type { PluginCandidate, Problem, UpgradePlan } from './hub.ts';
import { checkPipeline } from './pipelines/index.ts';
import type { CheckEnvironment, Pipelines } from './pipelines/index.ts';
import { breaksOf, checkCandidate, compareContributions, describeSources, diffPermissions, toLoadedActions } from './plugins/index.ts';
import type { CheckedPlugin, PluginHost } from './plugins/index.ts';

/** What planning needs of the rooms. */
export interface PlanOptions {
  readonly host: PluginHost;
  readonly pipelines: Pipelines;
}

const RUNS_AT_ONCE = 1_000;

/** What a version of a plugin would change for one tenant. Nothing is changed by asking. */
export async function planUpgrade(
  { host, pipelines }: PlanOptions,
  tenantId: string,
  id: string,
  candidate: PluginCandidate,
): Promise<UpgradePlan> {
  const installed = host.plugin(id);
  const { plugin: next, faults } = await checkCandidate(id, candidate, host.plugins());
  const contributions = compareContributions(installed, next);
  const declared = next.manifest.breakingChanges ?? [];
  const breakingChanges = declared.filter(
    ({ version }) => installed !== undefined && semver.gt(version, installed.version) && semver.lte(version, next.version),
  );
  const enabled = (await host.enabled(tenantId)).has(id);
  const broken = enabled && installed !== undefined ? await brokenPipelines({ host, pipelines }, tenantId, next) : [];
  const isUndeclared = installed !== undefined && breaksOf(contributions).length > 0 && breakingChanges.length === 0;
  const dependants = [...Map.groupBy(faults, ({ plugin }) => plugin)].map(([name, found]) => ({ name, problems: found.map(toProblem) }));
  return {
    ...(installed !== undefined && { from: installed.version }),
    to: next.version,
    permissions: diffPermissions(installed?.manifest.permissions, next.manifest.permissions),
    contributions,
    breakingChanges,
    pipelines: broken,
    plugins: dependants,
    sleepingRuns: installed === undefined ? 0 : await sleepingRuns(pipelines, tenantId, installed),
    isBlocked: broken.length > 0 || isUndeclared || dependants.length > 0,
    consentNeeded: installed === undefined || (!installed.isTrusted && !(await host.hasConsent(tenantId, next))),
  };
}

async function brokenPipelines({ host, pipelines }: PlanOptions, tenantId: string, next: CheckedPlugin): Promise<UpgradePlan['pipelines']> {
  const broken: { name: string; problems: readonly Problem[] }[] = [];
  for (const { record } of await pipelines.deployments.list(tenantId)) {
    const definition = await pipelines.deployments.definition(tenantId, record.id, record.environment);
    if (definition === undefined) continue;
    const text = JSON.stringify(definition);
    const now = pipelines.checkEnvironment(tenantId, record.environment);
    // What is wrong with it already is no reason against the new version.
    const known = new Set((await checkPipeline(text, undefined, now)).faults.map(markOf));
    const { faults } = await checkPipeline(text, undefined, withCandidate(now, host, next));
    const problems = faults.filter((fault) => !known.has(markOf(fault))).map(toProblem);
    const name = record.environment === 'production' ? record.id : `${record.id}@${record.environment}`;
    if (problems.length > 0) broken.push({ name, problems });
  }
  return broken;
}

/** The catalogue with the candidate in the place of the installed version. */
function withCandidate(now: CheckEnvironment, host: PluginHost, next: CheckedPlugin): CheckEnvironment {
  const actions = new Map(toLoadedActions(next).map((action) => [action.name, describeAction(action)]));
  const isOwn = (name: string): boolean => name.startsWith(`${next.id}.`);
  return {
    ...now,
    findAction: async (name, connection) => {
      if (isOwn(name) && !name.includes('@')) return actions.get(name);
      const found = await now.findAction(name, connection);
      if (found === undefined || found.plugin !== next.id) return found;
      const replaced = actions.get(found.name);
      return replaced?.implements === name ? replaced : otherProvider(host, name, next.id);
    },
    actionNames: () => [...now.actionNames().filter((name) => !isOwn(name)), ...actions.keys()],
    ...(now.sources !== undefined && {
      sources: () => [...(now.sources?.() ?? []).filter(({ plugin }) => plugin !== next.id), ...describeSources(next)],
    }),
  };
}

function otherProvider(host: PluginHost, capability: string, id: string): ActionDescription | undefined {
  const other = host.providers(capability).find(({ plugin }) => plugin.id !== id);
  return other === undefined ? undefined : describeAction(other);
}

async function sleepingRuns(pipelines: Pipelines, tenantId: string, { id, manifest }: CheckedPlugin): Promise<number> {
  const runs = pipelines.runs(tenantId);
  const capabilities = Object.values(manifest.contributes.actions ?? {}).flatMap((action) => action.implements ?? []);
  const known = new Map<string, boolean>();
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await runs.list({ state: 'sleeping', limit: RUNS_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { pipeline, version } of page.items) {
      const key = `${pipeline}@${version}`;
      const uses = known.get(key) ?? namesPlugin(await pipelines.deployments.version(tenantId, pipeline, version), id, capabilities);
      known.set(key, uses);
      if (uses) count += 1;
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return count;
}

/** Whether a step calls one of its actions, by name or by what it implements. */
function namesPlugin(node: unknown, id: string, capabilities: readonly string[]): boolean {
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(([name, value]: [string, unknown]) =>
    (name === 'action' || name === 'source') && typeof value === 'string'
      ? value.startsWith(`${id}.`) || capabilities.includes(value)
      : namesPlugin(value, id, capabilities),
  );
}

function toProblem({ pointer, message, suggestion }: Problem): Problem {
  return { pointer, message, ...(suggestion !== undefined && { suggestion }) };
}

function markOf({ pointer, message }: Problem): string {
  return JSON.stringify([pointer, message]);
}
