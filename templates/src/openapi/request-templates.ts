import type { Json, JsonObject } from '@tendril/plugin-api';
import type { InputPlan, PlannedMember } from './input-plan.ts';
import { objectOf } from './json-values.ts';
import type { Operation } from './operations.ts';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words that CEL keeps for itself. */
const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(' '),
);

/** An expression that reads a field: `input.name`, `input["x-name"]`. */
export function fieldExpression(root: string, ...names: readonly string[]): string {
  return names.reduce(
    (path, name) => (IDENTIFIER.test(name) && !RESERVED.has(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`),
    root,
  );
}

/** The request of an action, its values taken from the input. */
export function requestTemplates(operation: Operation, plan: InputPlan): JsonObject {
  const of = (place: PlannedMember['place']): readonly PlannedMember[] => plan.members.filter((member) => member.place === place);
  const inPath = new Map(of('path').map((member) => [member.wireName, member]));
  const path = operation.path
    .split(/(\{[^{}]*\})/)
    .map((part) => {
      const member = part.startsWith('{') ? inPath.get(part.slice(1, -1)) : undefined;
      return member === undefined ? encodeURI(part).replace(/[?#]/g, encodeURIComponent) : valueOf(member);
    })
    .join('');
  const query = Object.fromEntries(of('query').map((member) => [member.wireName, valueOf(member)]));
  const headers = Object.fromEntries(of('header').map((member) => [member.wireName, valueOf(member)]));
  const isText = plan.bodyKind === 'text' && plan.bodyType !== undefined;
  return {
    method: operation.method,
    path,
    ...(Object.keys(query).length > 0 && { query }),
    ...((Object.keys(headers).length > 0 || isText) && { headers: { ...headers, ...(isText && { 'content-type': plan.bodyType }) } }),
    ...bodyTemplate(plan, of('body'), of('wholeBody')[0]),
  };
}

function bodyTemplate({ bodyKind }: InputPlan, members: readonly PlannedMember[], whole: PlannedMember | undefined): JsonObject {
  // Forms are written member by member: a body that is no object with known members goes as JSON.
  if (whole !== undefined) return { [bodyKind === 'text' ? 'text' : 'body']: valueOf(whole) };
  if (bodyKind === undefined || (members.length === 0 && bodyKind === 'text')) return {};
  const kind = bodyKind === 'json' ? 'body' : bodyKind;
  return { [kind]: Object.fromEntries(members.map((member) => [member.wireName, member.isFile ? fileOf(member) : valueOf(member)])) };
}

function fileOf({ name }: PlannedMember): JsonObject {
  const field = (member: string): string => `\${{ ${fieldExpression('input', name, member)} }}`;
  return { fileName: field('fileName'), base64: field('base64') };
}

function valueOf({ name, separator, schema }: PlannedMember): string {
  const field = fieldExpression('input', name);
  if (separator === undefined || ![schema['type'] ?? []].flat().includes('array')) return `\${{ ${field} }}`;
  const elements = isText(objectOf(schema['items'])) ? field : `${field}.map(element, string(element))`;
  return `\${{ ${elements}.join(${JSON.stringify(separator)}) }}`;
}

function isText({ type, enum: values }: JsonObject): boolean {
  return type === 'string' || (Array.isArray(values) && (values as readonly Json[]).every((value) => typeof value === 'string'));
}
