import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Action, HttpAction, Manifest, Trigger } from '@tendril/schemas';
import type { Problem } from '../../hub.ts';
import type { PluginSchemas } from '../contract.ts';
import { pagingOf } from '../declarative/compile-action.ts';
import type { HttpRoot } from '../declarative/http-roots.ts';
import { readableSchema } from '../declarative/readable-fields.ts';
import { toPointer } from '../pointer.ts';
import { checkShape } from './check-http-output.ts';
import { checkAddress, checkErrors, checkHeaders, checkPaging, checkRequest } from './check-http-request.ts';
import type { RequestCheck } from './check-http-request.ts';
import { createHttpExpressions, fieldsReadIn } from './http-expressions.ts';
import type { HttpSchemas, Report } from './http-expressions.ts';

const ANSWER: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: { status: { type: 'integer' }, headers: {}, body: {} },
};
const WEBHOOK: JsonObject = { type: 'object', additionalProperties: false, properties: { body: {}, headers: {}, query: {} } };
const PERMIT: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    ['id', 'personId', 'channel', 'purpose', 'address', 'unsubscribeUrl'].map((name) => [name, { type: 'string' }]),
  ),
};
const FIXED: HttpSchemas = {
  idempotencyKey: { type: 'string' },
  page: { type: 'integer' },
  permit: PERMIT,
  response: ANSWER,
  items: { type: 'array', items: {} },
  hasMore: { type: 'boolean' },
  webhook: WEBHOOK,
};

/**
 * Everything that is wrong with the declarative parts of a manifest: expressions that do not compile or read what is not
 * there, types that do not fit, addresses that no permission covers. Faults of expressions name the character.
 */
export function checkHttp(manifest: Manifest, schemas: PluginSchemas): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (pointer, message, suggestion) =>
    void problems.push({ pointer, message, ...(suggestion !== undefined && { suggestion }) });
  const { actions = {}, triggers = {} } = manifest.contributes;
  checkDefaults(manifest, schemas, report);
  for (const [id, action] of Object.entries(actions))
    if (action.http !== undefined)
      checkAction(toPointer('contributes', 'actions', id), id, action, action.http, { manifest, schemas, report });
  for (const [id, trigger] of Object.entries(triggers))
    checkTrigger(toPointer('contributes', 'triggers', id), id, trigger, { manifest, schemas, report });
  return problems;
}

interface Whole {
  readonly manifest: Manifest;
  readonly schemas: PluginSchemas;
  readonly report: Report;
}

function checkDefaults(manifest: Manifest, schemas: PluginSchemas, report: Report): void {
  const { http } = manifest;
  if (http === undefined) return;
  const known = { ...FIXED, ...accountSchemas(manifest, schemas, Object.keys(manifest.connections ?? {})), ...settingsSchema(schemas) };
  const expressions = createHttpExpressions(known, fieldsReadIn(http), report);
  const before: readonly HttpRoot[] = ['connection', 'settings', 'input', 'idempotencyKey'];
  const check: RequestCheck = { manifest, expressions, report, before, after: [...before, 'response'] };
  if (http.baseUrl !== undefined) checkAddress('/http/baseUrl', http.baseUrl, { ...check, before: ['connection', 'settings'] });
  checkHeaders('/http/headers', http.headers, check);
  expressions.value('/http/query', http.query as Json | undefined, before);
  checkErrors('/http/errors', http.errors, check);
}

function checkAction(at: string, id: string, action: Action, http: HttpAction, { manifest, schemas, report }: Whole): void {
  const kinds = [action.connection ?? []].flat();
  const schema = schemas.actions.get(id);
  const paging = pagingOf(http, manifest.http?.paging);
  const known: HttpSchemas = {
    ...FIXED,
    ...accountSchemas(manifest, schemas, kinds),
    ...settingsSchema(schemas),
    input: asObject(schema?.input.schema),
  };
  const expressions = createHttpExpressions(known, fieldsReadIn({ http, paging }), report);
  const before: readonly HttpRoot[] = [
    'input',
    ...accountRoots(kinds),
    'settings',
    'idempotencyKey',
    ...(action.effect === 'send' ? (['permit'] as const) : []),
  ];
  const paged: readonly HttpRoot[] = paging === undefined ? [] : ['page', ...(paging.by === 'cursor' ? (['cursor'] as const) : [])];
  const check: RequestCheck = { manifest, expressions, report, before: [...before, ...paged], after: [...before, ...paged, 'response'] };
  checkRequest(`${at}/http`, http, check);
  if (paging !== undefined) checkPaging(`${at}/http/paging`, paging, http, check);
  const roots: readonly HttpRoot[] = paging === undefined ? check.after : [...check.after, 'items', 'hasMore'];
  const output = schema?.output.schema;
  if (http.output !== undefined) checkShape(`${at}/http/output`, http.output as Json, output, { expressions, roots, report });
  checkIdempotency(at, action, http, check, output);
  checkReadings(manifest, kinds, check);
}

function checkIdempotency(at: string, { idempotency }: Action, http: HttpAction, check: RequestCheck, output: unknown): void {
  const { expressions, report, after } = check;
  const readsKey = http.idempotencyKey !== undefined || expressions.readings.some(({ root }) => root === 'idempotencyKey');
  if (idempotency === 'key' && !readsKey)
    report(`${at}/idempotency`, 'is `key`, and no part of the request holds the key', 'http.idempotencyKey');
  if (idempotency === 'check' && http.check === undefined) report(`${at}/http`, 'needs `check`: idempotency is `check`');
  if (http.check === undefined) return;
  if (idempotency !== 'check') report(`${at}/http/check`, 'is for idempotency `check` only');
  checkRequest(`${at}/http/check`, http.check, check);
  expressions.condition(`${at}/http/check/happened`, http.check.happened, after);
  expressions.condition(`${at}/http/check/absent`, http.check.absent, after);
  if (http.check.output !== undefined)
    checkShape(`${at}/http/check/output`, http.check.output as Json, output, { expressions, roots: after, report });
}

function checkTrigger(at: string, id: string, { kind, http, items, connection }: Trigger, { manifest, schemas, report }: Whole): void {
  if (http !== undefined && kind !== 'poll') report(`${at}/http`, 'is for triggers of kind `poll`');
  if (items !== undefined && kind !== 'push') report(`${at}/items`, 'is for triggers of kind `push`');
  if (http === undefined && items === undefined) return;
  const kinds = connection === undefined ? [] : [connection];
  const known: HttpSchemas = {
    ...FIXED,
    ...accountSchemas(manifest, schemas, kinds),
    ...settingsSchema(schemas),
    input: asObject(schemas.triggers.get(id)?.input.schema),
  };
  const expressions = createHttpExpressions(known, fieldsReadIn({ http, items }), report);
  const common: readonly HttpRoot[] = ['input', ...accountRoots(kinds), 'settings'];
  const before: readonly HttpRoot[] = [...common, 'cursor'];
  const check: RequestCheck = { manifest, expressions, report, before, after: [...before, 'response'] };
  if (http !== undefined) {
    checkRequest(`${at}/http`, http, check);
    expressions.list(`${at}/http/items`, http.items, check.after);
    const behind: readonly HttpRoot[] = [...check.after, 'items'];
    if (http.cursor !== undefined) expressions.bare(`${at}/http/cursor`, http.cursor, behind);
    expressions.condition(`${at}/http/hasMore`, http.hasMore, behind);
  }
  if (items !== undefined) expressions.list(`${at}/items`, items, [...common, 'webhook']);
  checkReadings(manifest, kinds, check);
}

/** Reading a connection's fields is a permission, as it is for code. */
function checkReadings({ permissions }: Manifest, kinds: readonly string[], { expressions, report }: RequestCheck): void {
  const allowed = permissions?.connections ?? [];
  const reading = expressions.readings.find(({ root }) => root === 'connection');
  if (reading === undefined) return;
  for (const kind of kinds)
    if (!allowed.includes(kind)) report(reading.pointer, `reads the connection, and permissions.connections does not name ${kind}`, kind);
}

function accountRoots(kinds: readonly string[]): readonly HttpRoot[] {
  return kinds.length > 0 ? ['connection'] : [];
}

/** Several kinds: what any of them has can be read. */
function accountSchemas(manifest: Manifest, schemas: PluginSchemas, kinds: readonly string[]): HttpSchemas {
  const properties = kinds.map((kind) => asObject(readableSchema(manifest, schemas, kind)['properties']));
  return { connection: { type: 'object', additionalProperties: false, properties: Object.assign({}, ...properties) as JsonObject } };
}

function settingsSchema({ settings }: PluginSchemas): HttpSchemas {
  return { settings: asObject(settings.schema) };
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
