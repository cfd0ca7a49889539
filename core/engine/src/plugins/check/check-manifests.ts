import { validateManifest } from '@tendril/schemas';
import type { Manifest } from '@tendril/schemas';
import type { PluginFault, Problem } from '../../hub.ts';
import type { CheckedPlugin, CheckResult, PluginSource } from '../contract.ts';
import { plainJson } from '../plain-json.ts';
import type { PlainLimits } from '../plain-json.ts';
import { describe } from '../schema-compiler.ts';
import { checkConsistency } from './check-consistency.ts';
import { checkHttp } from './check-http.ts';
import { checkIdentity } from './check-identity.ts';
import { checkRequirements, requiredIds } from './check-requirements.ts';
import { checkSchemas } from './check-schemas.ts';
import { fault } from './fault.ts';

/** Schemas in files of their own are counted by themselves. */
const MANIFEST_LIMITS: PlainLimits = { mostBytes: 4_194_304, mostValues: 200_000 };

/**
 * Checks all manifests together, without running any of the plugins' code. Every fault of every plugin is in the
 * answer; plugins with faults and those that require them are not among `plugins`.
 */
export async function checkManifests(sources: readonly PluginSource[], contractVersion: string): Promise<CheckResult> {
  const faults: PluginFault[] = [];
  const sound: CheckedPlugin[] = [];
  for (const source of sources) {
    const checked = await checkManifest(source, contractVersion);
    faults.push(...checked.faults);
    if (checked.plugin !== undefined) sound.push(checked.plugin);
  }
  const duplicates = findDuplicates(sound);
  faults.push(...duplicates);
  let plugins = without(sound, duplicates);
  // Whoever requires a faulty plugin becomes faulty itself, and so on up.
  for (let found = checkRequirements(plugins); found.length > 0; found = checkRequirements(plugins)) {
    faults.push(...found);
    plugins = without(plugins, found);
  }
  return { plugins: inOrder(plugins), faults };
}

/** Checks one manifest by itself, without what it requires of others. */
export async function checkManifest(
  source: PluginSource,
  contractVersion: string,
): Promise<{ readonly plugin?: CheckedPlugin; readonly faults: readonly PluginFault[] }> {
  const parsed = parse(source.manifest);
  const origin = { id: idOf(parsed.manifest) ?? source.folder, source };
  if (source.fault !== undefined) {
    const { message, code } = source.fault;
    return { faults: [fault({ id: source.folder, source }, { pointer: '', message }, code)] };
  }
  const problem = parsed.problem ?? tooMuch(parsed.manifest);
  if (problem !== undefined) return { faults: [fault(origin, problem)] };
  if (!validateManifest(parsed.manifest)) return { faults: problemsOfShape().map((problem) => fault(origin, problem)) };
  const manifest = parsed.manifest as Manifest;
  const { schemas, problems } = await checkSchemas(manifest, source);
  const all = [
    ...checkIdentity(manifest, source, contractVersion),
    ...problems,
    ...checkConsistency(manifest, schemas),
    ...checkHttp(manifest, schemas),
  ];
  if (all.length > 0) return { faults: all.map((problem) => fault(origin, problem)) };
  const { version, description } = source.packageJson;
  return {
    plugin: {
      id: manifest.id,
      version: typeof version === 'string' ? version : '',
      description: typeof description === 'string' ? description : '',
      manifest,
      source,
      schemas,
    },
    faults: [],
  };
}

/** Before anything looks deeper: what follows takes time in proportion to it, or more. */
function tooMuch(manifest: unknown): Problem | undefined {
  const copy = plainJson(manifest, MANIFEST_LIMITS);
  return 'problem' in copy ? copy.problem : undefined;
}

function parse(manifest: unknown): { readonly manifest?: unknown; readonly problem?: Problem } {
  if (typeof manifest !== 'string') return { manifest };
  if (manifest.length > MANIFEST_LIMITS.mostBytes)
    return { problem: { pointer: '', message: `is longer than ${MANIFEST_LIMITS.mostBytes} characters` } };
  try {
    return { manifest: JSON.parse(manifest) as unknown };
  } catch (error) {
    return { problem: { pointer: '', message: `is not JSON: ${error instanceof Error ? error.message : 'it does not parse'}` } };
  }
}

function idOf(manifest: unknown): string | undefined {
  const id: unknown = typeof manifest === 'object' && manifest !== null && 'id' in manifest ? manifest.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** `if` reports that its branch failed, beside what failed in the branch. */
function problemsOfShape(): readonly Problem[] {
  const errors = validateManifest.errors ?? [];
  return errors.filter((error) => error.keyword !== 'if' || errors.length === 1).map((error) => describe(error));
}

function findDuplicates(plugins: readonly CheckedPlugin[]): readonly PluginFault[] {
  return [...Map.groupBy(plugins, (plugin) => plugin.id).values()]
    .filter((group) => group.length > 1)
    .flatMap((group) =>
      group.map((plugin) =>
        fault(plugin, {
          pointer: '/id',
          message: `is the id of ${group.length} plugins: ${group.map(({ source }) => source.file).join(', ')}`,
        }),
      ),
    );
}

function without(plugins: readonly CheckedPlugin[], faults: readonly PluginFault[]): readonly CheckedPlugin[] {
  const faulty = new Set(faults.map(({ plugin }) => plugin));
  return plugins.filter((plugin) => !faulty.has(plugin.id));
}

/** Required ones first; there are no circles left. */
function inOrder(plugins: readonly CheckedPlugin[]): readonly CheckedPlugin[] {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const ordered = new Set<CheckedPlugin>();
  const add = (plugin: CheckedPlugin): void => {
    if (ordered.has(plugin)) return;
    for (const id of requiredIds(plugin)) {
      const required = byId.get(id);
      if (required !== undefined) add(required);
    }
    ordered.add(plugin);
  };
  for (const plugin of plugins) add(plugin);
  return [...ordered];
}
