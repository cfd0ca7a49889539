import type { JsonObject } from '@tendril/plugin-api';
import { compareManifests } from '@tendril/schemas';
import type { ManifestChange } from '@tendril/schemas';
import { canonicalJson } from '../../canonical-json.ts';
import type { UpgradePlan } from '../../hub.ts';
import type { CheckedPlugin } from '../contract.ts';
import { wholeManifest } from './whole-manifest.ts';

type Contributions = UpgradePlan['contributions'];
type Changed = Contributions['changed'][number];

/** What a version contributes that another did not, and what of it is no longer what it was. Names are `action go`, `table rows`, `settings`. */
export function compareContributions(from: CheckedPlugin | undefined, to: CheckedPlugin): Contributions {
  const before = namesOf(from);
  const after = namesOf(to);
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const breaks = from === undefined ? [] : compareManifests(wholeManifest(from), wholeManifest(to)).filter(isBreaking);
  const breaking = [...Map.groupBy(breaks, nameOf)]
    .filter(([name]) => !removed.includes(name))
    .map(([name, changes]): Changed => ({ name, changes: changes.map(({ message }) => message), isBreaking: true }));
  const told = new Set(breaking.map(({ name }) => name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed,
    changed: [...breaking, ...[...after.keys()].filter((name) => !told.has(name)).flatMap((name) => otherwise(name, before, after))],
  };
}

/** What a version takes away or breaks, which it has to declare. */
export function breaksOf({ removed, changed }: Contributions): readonly string[] {
  // What plugins do by themselves and what people look at is relied on by nobody.
  const isReliedOn = (name: string): boolean => !/^(?:panel|schedule|consumer|pipeline|agent) /.test(name);
  return [...removed.filter(isReliedOn), ...changed.filter((one) => one.isBreaking).map(({ name }) => name)];
}

function isBreaking({ weight }: ManifestChange): boolean {
  return weight === 'breaking';
}

type Names = ReadonlyMap<string, JsonObject>;

function namesOf(plugin: CheckedPlugin | undefined): Names {
  const contributes: Readonly<Record<string, object>> = { ...plugin?.manifest.contributes };
  return new Map(
    Object.entries(contributes).flatMap(([kind, items]) =>
      Object.entries(items as Readonly<Record<string, JsonObject>>).map(([id, item]) => [`${kind.slice(0, -1)} ${id}`, item] as const),
    ),
  );
}

/** Of `/contributes/actions/go/input` the action `go`; settings, connections and requirements have names of their own. */
function nameOf({ pointer }: ManifestChange): string {
  const [, first = '', second = '', third = ''] = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (first === 'contributes') return `${second.slice(0, -1)} ${third}`;
  if (first === 'connections') return `connection ${second}`;
  return first === 'config' ? 'settings' : first;
}

function otherwise(name: string, before: Names, after: Names): readonly Changed[] {
  const [old, fresh] = [before.get(name), after.get(name)];
  if (old === undefined || fresh === undefined || canonicalJson(old) === canonicalJson(fresh)) return [];
  const [had, has] = [versionOf(old), versionOf(fresh)];
  const changes = had === has ? ['is declared otherwise'] : [`version ${has} instead of ${had}`];
  return [{ name, changes, isBreaking: false }];
}

function versionOf({ version }: JsonObject): number {
  return typeof version === 'number' ? version : 1;
}
