import type { Json, JsonObject } from '@tendril/plugin-api';
import { serverUrl } from './base-url.ts';
import { manifestFromOpenApi } from './manifest-from-openapi.ts';
import type { OpenApiImport } from './manifest-from-openapi.ts';
import type { ImportedAction } from './import-action.ts';
import type { PlannedMember } from './input-plan.ts';
import { isObject, objectOf, wordOf } from './json-values.ts';
import { conforms, sampleOf } from './sample-values.ts';

/** A recording for the tests of a new plugin. */
export interface MadeRecording {
  /** In the plugin's folder, `test/recordings/{action}/{case}.json`. */
  readonly path: string;
  readonly recording: JsonObject;
}

const PLACEHOLDER = 'placeholder';
const OPEN_ADDRESS = 'https://api.example.invalid';

/**
 * Makes a recording for each action of an imported connector, of the description's examples where they match its schemas and of
 * values that do otherwise. Actions for which no such value is found, and those that send files, have none.
 *
 * @throws CannotCreate as `manifestFromOpenApi`
 */
export function recordingsFromOpenApi(value: unknown, options: OpenApiImport): readonly MadeRecording[] {
  const { manifest, actions } = manifestFromOpenApi(value, options);
  return actions.flatMap((action) => {
    const recording = recordingOf(action, manifest);
    return recording === undefined ? [] : [{ path: `test/recordings/${action.id}/described.json`, recording }];
  });
}

function recordingOf(action: ImportedAction, manifest: JsonObject): JsonObject | undefined {
  const { plan, operation } = action;
  const members = plan.members.filter(({ isRequired }) => isRequired);
  if (members.some(({ isFile }) => isFile) || plan.bodyKind === 'multipart') return undefined;
  const input: Record<string, Json> = {};
  for (const { name, schema, example } of members) {
    const value = conforms(example, schema, plan.schema) ? example : sampleOf(schema, plan.schema);
    // Neither can stand in a path, nor be told from nothing.
    if (value === undefined || value === null || value === '') return undefined;
    input[name] = value;
  }
  const answer = answerOf(action);
  if (answer === undefined) return undefined;
  const connection = connectionOf(action, manifest);
  const body = bodyOf(action, input);
  return {
    title: 'As the description has it',
    action: action.id,
    input,
    ...(connection !== undefined && { connection }),
    exchanges: [
      {
        request: { method: operation.method, url: urlOf(action, manifest, input), ...(body !== undefined && { body }) },
        response: answer.response,
      },
    ],
    output: answer.output,
  };
}

function answerOf(action: ImportedAction): { readonly response: JsonObject; readonly output: Json } | undefined {
  const { answer, outputSchema, paging } = action;
  const { responseType = 'json' } = objectOf(action.action['http']);
  const status = /^2\d\d$/.test(answer?.status ?? '') ? Number(answer?.status) : 200;
  if (responseType === 'none') return { response: { status }, output: { status } };
  if (responseType === 'text') return { response: { status, body: 'text', headers: { 'content-type': 'text/plain' } }, output: 'text' };
  if (responseType !== 'json') return undefined;
  if (paging !== undefined) return pageOf(action, status);
  const body = conforms(answer?.example, outputSchema, outputSchema) ? answer?.example : sampleOf(outputSchema, outputSchema);
  return body === undefined ? undefined : { response: { status, body }, output: body };
}

/** One page, which is the last: what would tell of a further one is not there. */
function pageOf(
  { paging, outputSchema }: ImportedAction,
  status: number,
): { readonly response: JsonObject; readonly output: Json } | undefined {
  const { by, next } = objectOf(paging?.paging);
  const isEmpty = by === 'page' || by === 'offset' || wordOf(next).startsWith('size(');
  const schema = objectOf(objectOf(objectOf(outputSchema['properties'])['items'])['items']);
  const item = isEmpty ? undefined : sampleOf(schema, outputSchema);
  const items = item === undefined ? [] : [item];
  let body: Json = items;
  for (const name of (paging?.itemsPath ?? []).toReversed()) body = { [name]: body };
  return { response: { status, body }, output: { items, hasMore: false } };
}

function connectionOf({ connectionKinds }: ImportedAction, manifest: JsonObject): JsonObject | undefined {
  const [kind] = connectionKinds;
  if (kind === undefined) return undefined;
  const described = objectOf(objectOf(manifest['connections'])[kind]);
  const names = Object.keys(objectOf(objectOf(described['schema'])['properties']));
  const fields = described['type'] === 'oauth2' ? [...names, 'accessToken'] : names;
  return { kind, values: Object.fromEntries(fields.map((name) => [name, name === 'baseUrl' ? OPEN_ADDRESS : PLACEHOLDER])) };
}

function urlOf({ plan, action, operation, paging }: ImportedAction, manifest: JsonObject, input: JsonObject): string {
  const { url } = objectOf(action['http']);
  const standard = wordOf(objectOf(manifest['http'])['baseUrl']).replace('${{ connection.baseUrl }}', OPEN_ADDRESS);
  const own = operation.server === undefined ? undefined : serverUrl(operation.server);
  const baseUrl = url === undefined ? standard : (own ?? standard);
  const inPath = new Map(plan.members.filter(({ place }) => place === 'path').map((member) => [member.wireName, member]));
  const filled = `${baseUrl}${operation.path}`.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const member = inPath.get(name);
    return member === undefined ? whole : encodeURIComponent(writtenOf(member, input[member.name] ?? null));
  });
  const parameters = new URLSearchParams();
  for (const member of plan.members.filter(({ place }) => place === 'query')) {
    const value = input[member.name];
    if (value === undefined) continue;
    if (Array.isArray(value) && member.separator === undefined)
      for (const item of value as readonly Json[]) parameters.append(member.wireName, wordOf(item));
    else if (isObject(value))
      for (const [name, item] of Object.entries(value)) parameters.append(`${member.wireName}[${name}]`, wordOf(item));
    else parameters.append(member.wireName, writtenOf(member, value));
  }
  const { by, parameter, in: place, first = 1 } = objectOf(paging?.paging);
  if ((by === 'page' || by === 'offset') && place !== 'body') parameters.append(wordOf(parameter), by === 'page' ? wordOf(first) : '0');
  const query = parameters.toString();
  return query === '' ? filled : `${filled}?${query}`;
}

function writtenOf({ separator = ',' }: PlannedMember, value: Json): string {
  return Array.isArray(value) ? (value as readonly Json[]).map(wordOf).join(separator) : wordOf(value);
}

function bodyOf({ plan, paging }: ImportedAction, input: JsonObject): Json | undefined {
  const whole = plan.members.find(({ place }) => place === 'wholeBody');
  if (whole !== undefined) return input[whole.name];
  if (plan.bodyKind === undefined || plan.bodyKind === 'text') return undefined;
  const { by, parameter, in: place, first = 1 } = objectOf(paging?.paging);
  const members = plan.members.filter((member) => member.place === 'body' && input[member.name] !== undefined);
  const values: JsonObject = {
    ...Object.fromEntries(members.map((member) => [member.wireName, input[member.name] ?? null])),
    ...((by === 'page' || by === 'offset') && place === 'body' && { [wordOf(parameter)]: by === 'page' ? first : 0 }),
  };
  if (plan.bodyKind === 'json') return values;
  // A recording has the fields of a form as texts.
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, wordOf(value)]));
}
