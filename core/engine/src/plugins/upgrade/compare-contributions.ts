import type { JsonObject } from '@tendril/plugin-api';
import { canonicalJson } from '../../canonical-json.ts';
import type { UpgradePlan } from '../../hub.ts';
import type { CheckedPlugin, CompiledSchema } from '../contract.ts';
import { compareSchemas } from './compare-schemas.ts';
import type { SchemaUse } from './compare-schemas.ts';

type Contributions = UpgradePlan['contributions'];
type Changed = Contributions['changed'][number];

const EFFECTS = ['read', 'write', 'send', 'spend'];
const IDEMPOTENCY = ['natural', 'key', 'check', 'none'];
const NOTHING: CompiledSchema = { schema: true, validate: () => [] };

/** What a version contributes that another did not, and what of it is no longer what it was. Names are `action go`, `table rows`, `settings`. */
export function compareContributions(from: CheckedPlugin | undefined, to: CheckedPlugin): Contributions {
  const before = namesOf(from);
  const after = namesOf(to);
  const kept = from === undefined ? [] : [...after].filter(([name]) => before.has(name));
  const changed = kept.flatMap(([name, { kind, id }]) => (from === undefined ? [] : (changesOf(name, kind, id, from, to) ?? [])));
  const settings =
    from === undefined
      ? []
      : compareSchemas(from.schemas.settings.schema, to.schemas.settings.schema, 'input').map((one) => `settings ${one}`);
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: settings.length === 0 ? changed : [...changed, { name: 'settings', changes: settings, isBreaking: true }],
  };
}

/** What a version takes away or breaks, which it has to declare. */
export function breaksOf({ removed, changed }: Contributions): readonly string[] {
  // What plugins do by themselves and what people look at is relied on by nobody.
  const isReliedOn = (name: string): boolean => !/^(?:panel|schedule|consumer|pipeline|agent) /.test(name);
  return [...removed.filter(isReliedOn), ...changed.filter(({ isBreaking }) => isBreaking).map(({ name }) => name)];
}

function namesOf(plugin: CheckedPlugin | undefined): ReadonlyMap<string, { readonly kind: string; readonly id: string }> {
  const contributes: Readonly<Record<string, object>> = { ...plugin?.manifest.contributes };
  return new Map(
    Object.entries(contributes).flatMap(([kind, items]) =>
      Object.keys(items).map((id) => [`${kind.slice(0, -1)} ${id}`, { kind, id }] as const),
    ),
  );
}

function changesOf(name: string, kind: string, id: string, from: CheckedPlugin, to: CheckedPlugin): Changed | undefined {
  const breaks = schemasOf(kind, id, from, to).flatMap(({ part, use, before, after }) =>
    compareSchemas(before.schema, after.schema, use).map((one) => `${part} ${one}`),
  );
  const [old, fresh] = [declared(from, kind, id), declared(to, kind, id)];
  if (kind === 'actions') breaks.push(...graver(old, fresh));
  if (kind === 'tables' && old['key'] !== fresh['key']) breaks.push('key is another');
  if (kind === 'routes' && ['method', 'path', 'auth'].some((member) => old[member] !== fresh[member])) breaks.push('is reached otherwise');
  const [had, has] = [old['version'] ?? 1, fresh['version'] ?? 1];
  const version = had === has ? [] : [`version ${text(has)} instead of ${text(had)}`];
  if (breaks.length > 0) return { name, changes: [...version, ...breaks], isBreaking: true };
  if (version.length > 0) return { name, changes: version, isBreaking: false };
  return canonicalJson(old) === canonicalJson(fresh) ? undefined : { name, changes: ['is declared otherwise'], isBreaking: false };
}

interface Pair {
  readonly part: string;
  readonly use: SchemaUse;
  readonly before: CompiledSchema;
  readonly after: CompiledSchema;
}

function schemasOf(kind: string, id: string, from: CheckedPlugin, to: CheckedPlugin): readonly Pair[] {
  if (kind === 'actions' || kind === 'triggers')
    return (['input', 'output'] as const).map((part) => ({
      part,
      use: part,
      before: from.schemas[kind].get(id)?.[part] ?? NOTHING,
      after: to.schemas[kind].get(id)?.[part] ?? NOTHING,
    }));
  // Whoever reads events and rows relies on what they promise.
  if (kind === 'events' || kind === 'tables')
    return [{ part: 'schema', use: 'output', before: from.schemas[kind].get(id) ?? NOTHING, after: to.schemas[kind].get(id) ?? NOTHING }];
  return [];
}

/** An action that does more than it did breaks those who let it through as less. */
function graver(old: JsonObject, fresh: JsonObject): readonly string[] {
  const found: string[] = [];
  const worse = (member: string, order: readonly string[], usual: string): void => {
    const [had, has] = [text(old[member] ?? usual), text(fresh[member] ?? usual)];
    if (order.indexOf(has) > order.indexOf(had)) found.push(`${member} is ${has} instead of ${had}`);
  };
  worse('effect', EFFECTS, 'read');
  worse('idempotency', IDEMPOTENCY, 'natural');
  const kinds = new Set([fresh['connection'] ?? []].flat());
  const gone = [old['connection'] ?? []].flat().filter((kind) => !kinds.has(kind));
  if (gone.length > 0) found.push(`no longer takes a connection ${gone.map(text).join(', ')}`);
  if (old['connection'] === undefined && fresh['connection'] !== undefined) found.push('needs a connection');
  if (old['implements'] !== undefined && old['implements'] !== fresh['implements'])
    found.push(`no longer implements ${text(old['implements'])}`);
  return found;
}

function declared({ manifest }: CheckedPlugin, kind: string, id: string): JsonObject {
  const contributes = manifest.contributes as Readonly<Record<string, Readonly<Record<string, JsonObject>> | undefined>>;
  return contributes[kind]?.[id] ?? {};
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'none';
}
