import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../gen/plugin.gen.ts';
import { refusalsOf } from './compare-schemas.ts';
import type { ComparisonOptions, Schema } from './compare-schemas.ts';

/** Something that is not as it was for those who use the version before. */
export interface ManifestChange {
  /** JSON pointer into the new manifest, or into the old one where the thing is gone. */
  readonly pointer: string;
  /** `breaking` for those who use it as it was; `broadening` when it may do more than was consented to. */
  readonly weight: 'breaking' | 'broadening';
  readonly message: string;
}

type Members = Readonly<Record<string, unknown>>;
type Report = (weight: ManifestChange['weight'], pointer: string, message: string) => void;
/** What is looked at of one thing that both manifests have. */
type Rule = (before: Members, after: Members, pointer: string, report: Report) => void;

const TAKEN: ComparisonOptions = { fillsDefaults: true };
const GIVEN: ComparisonOptions = { ignoresNewMembers: true, keepsMembers: true };

/** What others rely on of each kind of contribution. Kinds that are not here are the plugin's own matter. */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  actions: [
    takes('input'),
    gives('output'),
    same('effect'),
    same('idempotency'),
    same('send'),
    same('spend'),
    same('implements'),
    connectionKinds,
  ],
  triggers: [takes('input'), gives('output'), same('kind'), same('primaryKey'), same('webhook'), connectionKinds],
  channels: [same('address'), same('action')],
  events: [takes('properties'), gives('properties')],
  routes: [takes('input'), gives('output'), same('method'), same('path'), same('auth')],
  webhooks: [same('verify'), same('header'), same('secret'), takes('schema')],
  tables: [tableColumns, same('key')],
  drivers: [same('contract'), takes('config')],
};
/** Names of what others use by name, in the singular. */
const SINGULAR: Readonly<Record<string, string>> = {
  actions: 'action',
  triggers: 'trigger',
  channels: 'channel',
  events: 'event',
  routes: 'route',
  webhooks: 'webhook',
  tables: 'table',
  drivers: 'driver',
};

/**
 * What a new version of a plugin changes for those who use the one before: pipelines, settings, connections, rows, consent.
 * Both manifests have to hold their schemas, without references to files.
 */
export function compareManifests(before: Manifest, after: Manifest): readonly ManifestChange[] {
  const changes: ManifestChange[] = [];
  const report: Report = (weight, pointer, message) => {
    changes.push({ weight, pointer, message });
  };
  for (const [kind, rules] of Object.entries(RULES)) {
    const [old, now] = [membersOf(membersOf(before.contributes)[kind]), membersOf(membersOf(after.contributes)[kind])];
    compareAll({ old, now, rules, pointer: `/contributes/${kind}`, what: SINGULAR[kind] ?? kind }, report);
  }
  const kinds = { old: membersOf(before.connections), now: membersOf(after.connections) };
  compareAll({ ...kinds, rules: [takes('schema'), same('type')], pointer: '/connections', what: 'kind of connection' }, report);
  takes('config')({ config: before.config ?? true }, { config: after.config ?? true }, '', report);
  comparePermissions(membersOf(before.permissions), membersOf(after.permissions), report);
  compareRequirements(membersOf(before.requires), membersOf(after.requires), report);
  return changes;
}

interface Compared {
  readonly old: Members;
  readonly now: Members;
  readonly rules: readonly Rule[];
  readonly pointer: string;
  readonly what: string;
}

function compareAll({ old, now, rules, pointer, what }: Compared, report: Report): void {
  for (const [id, one] of Object.entries(old)) {
    const place = `${pointer}/${id.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(now, id)) report('breaking', place, `the ${what} is gone`);
    else for (const rule of rules) rule(membersOf(one), membersOf(now[id]), place, report);
  }
}

/** What it took has to be taken still. */
function takes(name: string): Rule {
  return (before, after, pointer, report) => {
    for (const { pointer: inside, message } of refusalsOf(schemaOf(before[name]), schemaOf(after[name]), TAKEN))
      report('breaking', `${pointer}/${name}`, `${placeOf(inside)}${message}`);
  };
}

/** What it gives has to be among what it gave. */
function gives(name: string): Rule {
  return (before, after, pointer, report) => {
    for (const { pointer: inside, rule, message } of refusalsOf(schemaOf(after[name]), schemaOf(before[name]), GIVEN))
      report(
        'breaking',
        `${pointer}/${name}`,
        `${placeOf(inside)}${rule === 'gone' ? message : `may be what it could not be before (${rule})`}`,
      );
  };
}

function same(name: string): Rule {
  return (before, after, pointer, report) => {
    if (isDeepStrictEqual(before[name], after[name])) return;
    // Who uses a thing by a capability that it did not have relied on nothing.
    if (name === 'implements' && before[name] === undefined) return;
    report('breaking', `${pointer}/${name}`, `${name} is ${shown(after[name])} and was ${shown(before[name])}`);
  };
}

function connectionKinds(before: Members, after: Members, pointer: string, report: Report): void {
  const [old, now] = [listOf(before['connection']), listOf(after['connection'])];
  if (old.length === 0 && now.length > 0) report('breaking', `${pointer}/connection`, 'it needs a connection now');
  for (const kind of old)
    if (now.length > 0 && !now.includes(kind))
      report('breaking', `${pointer}/connection`, `it takes no connection of kind ${shown(kind)} any more`);
}

/** Rows that are there have to be valid still, unless a migration makes them so; nobody reads a column that is gone. */
function tableColumns(before: Members, after: Members, pointer: string, report: Report): void {
  const [old, now] = [membersOf(membersOf(before['schema'])['properties']), membersOf(membersOf(after['schema'])['properties'])];
  for (const column of Object.keys(old))
    if (!Object.hasOwn(now, column)) report('breaking', `${pointer}/schema`, `the column ${column} is gone`);
  const isMigrated = versionOf(after) > versionOf(before);
  if (isMigrated) return;
  for (const { pointer: inside, message, rule } of refusalsOf(schemaOf(before['schema']), schemaOf(after['schema'])))
    if (rule !== 'closed')
      report('breaking', `${pointer}/schema`, `rows that are there may not be valid any more: ${placeOf(inside)}${message}`);
}

function versionOf({ version }: Members): number {
  return typeof version === 'number' ? version : 1;
}

const LISTS = ['hosts', 'connections', 'actions', 'models', 'channels', 'storage', 'data'] as const;

function comparePermissions(before: Members, after: Members, report: Report): void {
  const compareLists = (old: unknown, now: unknown, pointer: string): void => {
    const known = listOf(old).map(canonical);
    for (const each of listOf(now)) if (!known.includes(canonical(each))) report('broadening', pointer, `${shown(each)} is new`);
  };
  for (const name of LISTS) compareLists(before[name], after[name], `/permissions/${name}`);
  for (const name of ['read', 'write'])
    compareLists(membersOf(before['events'])[name], membersOf(after['events'])[name], `/permissions/events/${name}`);
  compareLists(membersOf(before['money'])['currencies'], membersOf(after['money'])['currencies'], '/permissions/money');
}

function compareRequirements(before: Members, after: Members, report: Report): void {
  for (const name of ['actions', 'capabilities']) {
    const old = listOf(before[name]);
    for (const each of listOf(after[name]))
      if (!old.includes(each)) report('breaking', `/requires/${name}`, `${shown(each)} has to be there now`);
  }
  const [old, now] = [membersOf(before['plugins']), membersOf(after['plugins'])];
  for (const [id, range] of Object.entries(now))
    if (old[id] !== range) report('breaking', `/requires/plugins/${id}`, `${id} has to be there in version ${shown(range)} now`);
}

function placeOf(pointer: string): string {
  return pointer === '' ? '' : `${pointer} `;
}

function schemaOf(value: unknown): Schema {
  return typeof value === 'boolean' ? value : value === undefined ? true : membersOf(value);
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : typeof value === 'string' ? `\`${value}\`` : JSON.stringify(value);
}

/** Members in one order, so that the same hosts are the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, Object.keys(membersOf(value)).toSorted());
}
