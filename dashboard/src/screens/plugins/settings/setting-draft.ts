import type { Json, JsonObject } from '../../../api/types.ts';
import { findNumberFault, findTextFault } from '../../pipelines/settings-fields.ts';
import { asObject, isList } from './setting-tree.ts';
import type { Setting, SettingLeaf } from './setting-tree.ts';

/** What stands in the form, by pointer: texts as typed, booleans as ticked; `false` of a secret takes it away. */
export type SettingDraft = Readonly<Record<string, string | boolean>>;

/** The form's content for given settings; where one is not set, its default. Secrets are never filled in. */
export function toDraft(settings: readonly Setting[], values: JsonObject): SettingDraft {
  const draft: Record<string, string | boolean> = {};
  for (const leaf of leavesOf(settings)) draft[leaf.pointer] = toTyped(leaf, readAt(values, leaf.pointer) ?? leaf.fallback);
  return draft;
}

/** The settings that need an input, in the order of the form. */
export function leavesOf(settings: readonly Setting[]): readonly SettingLeaf[] {
  return settings.flatMap((setting) => (setting.kind === 'group' ? leavesOf(setting.settings) : [setting]));
}

/** Whether there is a value of a setting. */
export function isSet(values: JsonObject, pointer: string): boolean {
  return readAt(values, pointer) !== undefined;
}

function toTyped({ kind }: SettingLeaf, value: Json | undefined): string | boolean {
  if (kind === 'boolean') return value === true;
  if (kind === 'secret' || value === undefined) return '';
  if (kind === 'choice') return JSON.stringify(value);
  if (kind === 'json') return JSON.stringify(value, null, 2);
  if (kind === 'list' && isList(value)) return value.map(tell).join('\n');
  return tell(value);
}

/** The settings that a form's content means; call it only when there are no faults. What has no input stays as it was. */
export function fromDraft(settings: readonly Setting[], draft: SettingDraft, before: JsonObject): JsonObject {
  const [only] = settings;
  if (only?.pointer === '' && only.kind === 'json') return asObject(JSON.parse(String(draft['']) || '{}') as Json);
  const values: Record<string, Json> = { ...before };
  for (const setting of settings) {
    const value =
      setting.kind === 'group' ? readGroup(setting.settings, setting, draft, before) : readLeaf(setting, draft, before[setting.name]);
    if (value === undefined) delete values[setting.name];
    else values[setting.name] = value;
  }
  return values;
}

/** An object that may be missing stays missing until somebody sets something in it. */
function readGroup(
  settings: readonly Setting[],
  { name, isRequired }: Pick<Setting, 'name' | 'isRequired'>,
  draft: SettingDraft,
  before: JsonObject,
): Json | undefined {
  if (!isRequired && before[name] === undefined && !isTouched(settings, draft)) return undefined;
  return fromDraft(settings, draft, asObject(before[name]));
}

function isTouched(settings: readonly Setting[], draft: SettingDraft): boolean {
  return leavesOf(settings).some((leaf) => draft[leaf.pointer] !== toTyped(leaf, leaf.fallback));
}

function readLeaf(leaf: SettingLeaf, draft: SettingDraft, before: Json | undefined): Json | undefined {
  const typed = draft[leaf.pointer] ?? '';
  switch (leaf.kind) {
    case 'boolean':
      // Not ticked is not set, unless somebody or the schema says otherwise.
      return typed === true || before !== undefined || leaf.isRequired || leaf.fallback !== undefined ? typed === true : undefined;
    case 'secret':
      return typed === false ? undefined : typed === '' ? before : typed;
    default:
      return typeof typed !== 'string' || typed.trim() === '' ? undefined : fromTyped(leaf, typed);
  }
}

function fromTyped({ kind, schema }: SettingLeaf, typed: string): Json {
  switch (kind) {
    case 'number':
    case 'integer':
      return Number(typed);
    case 'choice':
    case 'json':
      return JSON.parse(typed) as Json;
    case 'list':
      return linesOf(typed).map((line) => (asObject(schema['items'])['type'] === 'string' ? line : Number(line)));
    default:
      return typed;
  }
}

/** Faults by pointer, in words; empty when all is well. */
export function findFaults(settings: readonly Setting[], draft: SettingDraft, values: JsonObject): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  for (const setting of settings) {
    if (setting.kind === 'group') {
      const isMeant = setting.isRequired || isSet(values, setting.pointer) || isTouched(setting.settings, draft);
      if (isMeant) Object.assign(faults, findFaults(setting.settings, draft, values));
      continue;
    }
    const fault = findFault(setting, draft[setting.pointer] ?? '', isSet(values, setting.pointer));
    if (fault !== undefined) faults[setting.pointer] = fault;
  }
  return faults;
}

function findFault(leaf: SettingLeaf, typed: string | boolean, isKept: boolean): string | undefined {
  if (leaf.kind === 'boolean') return undefined;
  if (typeof typed === 'boolean' || typed.trim() === '') {
    const isThere = leaf.kind === 'secret' && typed !== false && isKept;
    return leaf.isRequired && leaf.pointer !== '' && !isThere ? 'This is needed.' : undefined;
  }
  switch (leaf.kind) {
    case 'number':
    case 'integer':
      return findNumberFault(leaf, Number(typed));
    case 'text':
    case 'secret':
      return findTextFault(leaf.schema, typed);
    case 'list':
      return findListFault(leaf, linesOf(typed));
    case 'json':
      return findJsonFault(typed);
    default:
      return undefined;
  }
}

function findListFault({ schema }: SettingLeaf, lines: readonly string[]): string | undefined {
  const { minItems, maxItems } = schema;
  if (typeof minItems === 'number' && lines.length < minItems) return `This needs at least ${String(minItems)} lines.`;
  if (typeof maxItems === 'number' && lines.length > maxItems) return `This takes at most ${String(maxItems)} lines.`;
  const items = asObject(schema['items']);
  const kind = items['type'];
  for (const [index, line] of lines.entries()) {
    const options = isList(items['enum']) ? items['enum'].map(tell) : undefined;
    const fault =
      options !== undefined && !options.includes(line)
        ? `It is none of ${options.join(', ')}.`
        : kind === 'number' || kind === 'integer'
          ? findNumberFault({ kind, schema: items }, Number(line))
          : findTextFault(items, line);
    if (fault !== undefined) return `Line ${String(index + 1)}: ${fault}`;
  }
  return undefined;
}

function findJsonFault(typed: string): string | undefined {
  try {
    JSON.parse(typed);
    return undefined;
  } catch {
    return 'This is not JSON.';
  }
}

function linesOf(typed: string): readonly string[] {
  return typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function tell(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function readAt(values: JsonObject, pointer: string): Json | undefined {
  let at: Json | undefined = values;
  for (const part of pointer.split('/').slice(1)) at = asObject(at)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  return at;
}
