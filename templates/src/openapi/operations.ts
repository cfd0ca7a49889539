import type { Json, JsonObject } from '@tendril/plugin-api';
import { freeId, snakeCase } from './action-ids.ts';
import type { DescriptionDocument } from './description-document.ts';
import { isObject, listOf, objectOf, shortened, textOf, wordOf } from './json-values.ts';

/** Where a parameter goes. */
export type Place = 'path' | 'query' | 'header' | 'form';

/** A parameter of an operation; the fields of a form are such, too. */
export interface Parameter {
  readonly name: string;
  readonly place: Place;
  readonly isRequired: boolean;
  readonly description: string | undefined;
  readonly schema: unknown;
  readonly example: Json | undefined;
  /** How a list is written: its name repeated, or its elements joined by this. */
  readonly separator: string | undefined;
}

/** What an operation sends. */
export interface RequestBody {
  readonly kind: 'json' | 'form' | 'multipart' | 'text';
  readonly contentType: string;
  readonly schema: unknown;
  readonly isRequired: boolean;
  readonly example: Json | undefined;
}

/** What an operation may answer. */
export interface Answer {
  /** `200`, `4XX`, `default`. */
  readonly status: string;
  readonly contentType: string | undefined;
  readonly schema: unknown;
  /** Names in lower case. */
  readonly headers: readonly string[];
  readonly example: Json | undefined;
}

/** An operation, the same for all versions of OpenAPI. */
export interface Operation {
  /** The id of the action that it becomes. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly operationId: string | undefined;
  readonly title: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly isDeprecated: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
  readonly answers: readonly Answer[];
  /** Alternatives, each a set of schemes with their scopes; `undefined` for what the document says for all. */
  readonly security: readonly JsonObject[] | undefined;
  /** Of its own, in place of the document's. */
  readonly server: JsonObject | undefined;
  /** What could not be taken over. */
  readonly losses: readonly string[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const LONGEST_TITLE = 120;

/** The operations of a description in its order. Those that are described wrongly are left out. */
export function readOperations(document: DescriptionDocument): readonly Operation[] {
  const operations: Operation[] = [];
  const taken = new Set<string>();
  for (const [path, written] of Object.entries(objectOf(document.content['paths']))) {
    if (!path.startsWith('/')) continue;
    const item = document.resolve(written);
    for (const method of METHODS) {
      const operation = item[method];
      if (!isObject(operation)) continue;
      const id = freeId(idOf(operation, method, path), (candidate) => taken.has(candidate));
      taken.add(id);
      operations.push(readOperation(document, { id, method, path, item, operation }));
    }
  }
  return operations;
}

interface Found {
  readonly id: string;
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

/** Generated ids hold the whole path: the summary says more then. */
function idOf(operation: JsonObject, method: string, path: string): string {
  const operationId = textOf(operation['operationId']);
  const isTelling = operationId !== undefined && !operationId.includes('/') && operationId.length <= 60;
  const names = [isTelling ? operationId : undefined, textOf(operation['summary']), `${method} ${path}`];
  const ids = names.map((name) => snakeCase(name ?? '')).filter((id) => id !== '');
  return ids.find((id) => id.length <= 50) ?? ids[0] ?? method;
}

function readOperation(document: DescriptionDocument, { id, method, path, item, operation }: Found): Operation {
  const losses: string[] = [];
  const all = [...listOf(item['parameters']), ...listOf(operation['parameters'])].map((value) => document.resolve(value));
  // One of the operation takes the place of one of the path.
  const byPlace = new Map(all.map((parameter) => [`${wordOf(parameter['in'])} ${wordOf(parameter['name'])}`, parameter]));
  const raw = [...byPlace.values()];
  const described = raw.flatMap((parameter) => readParameter(document, parameter, losses));
  const parameters = [...described, ...undescribed(path, described, losses)];
  const description = textOf(operation['description']);
  const security = operation['security'];
  return {
    id,
    method: method.toUpperCase() as Operation['method'],
    path,
    operationId: textOf(operation['operationId']),
    title: titleOf(textOf(operation['summary']) ?? description, id),
    description,
    tags: listOf(operation['tags']).filter((tag) => typeof tag === 'string'),
    isDeprecated: operation['deprecated'] === true,
    parameters,
    body: document.version === '2' ? bodyOfSwagger(document, raw, operation) : bodyOf(document, operation, losses),
    answers: readAnswers(document, operation),
    security: Array.isArray(security) ? security.filter(isObject) : undefined,
    server: [...listOf(operation['servers']), ...listOf(item['servers'])].find(isObject),
    losses,
  };
}

/** Parts of the path that nobody describes. */
function undescribed(path: string, described: readonly Parameter[], losses: string[]): readonly Parameter[] {
  const names = new Set([...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name));
  for (const { name, place } of described) if (place === 'path') names.delete(name);
  return [...names].map((name) => {
    losses.push(`the part \`{${name}}\` of the path is not described: it is taken to be a text`);
    const schema = { type: 'string', minLength: 1 };
    return { name, place: 'path', isRequired: true, description: undefined, schema, example: undefined, separator: ',' };
  });
}

function titleOf(text: string | undefined, id: string): string {
  const [first = ''] = (text ?? '').split(/(?<=[.!?])\s|\n/);
  const title = first.trim().replace(/[.:]+$/, '');
  const words = id.replaceAll('_', ' ');
  return title === '' ? words.charAt(0).toUpperCase() + words.slice(1) : shortened(title, LONGEST_TITLE);
}

const PLACES: Readonly<Record<string, Place>> = { path: 'path', query: 'query', header: 'header', formData: 'form' };
const SEPARATORS: Readonly<Record<string, string>> = { csv: ',', ssv: ' ', tsv: '\t', pipes: '|', spaceDelimited: ' ', pipeDelimited: '|' };

function readParameter(document: DescriptionDocument, parameter: JsonObject, losses: string[]): readonly Parameter[] {
  const name = textOf(parameter['name']);
  const written = textOf(parameter['in']) ?? '';
  const place = Object.hasOwn(PLACES, written) ? PLACES[written] : undefined;
  if (name === undefined || written === 'body') return [];
  if (place === undefined) {
    losses.push(`the parameter \`${name}\` in ${written === '' ? 'no place' : written} is left out`);
    return [];
  }
  const [content] = Object.values(objectOf(parameter['content']));
  const schema = document.version === '2' ? swaggerSchema(parameter) : (parameter['schema'] ?? objectOf(content)['schema'] ?? {});
  return [
    {
      name,
      place,
      isRequired: parameter['required'] === true || place === 'path',
      description: textOf(parameter['description']),
      schema,
      example: exampleOf(document, parameter) ?? exampleOf(document, document.resolve(schema)),
      separator: separatorOf(document, parameter, place),
    },
  ];
}

/** Parameters of OpenAPI 2 are schemas themselves. */
function swaggerSchema(parameter: JsonObject): JsonObject {
  const { name: _name, in: _in, required: _required, description: _description, collectionFormat: _format, ...schema } = parameter;
  return schema;
}

function separatorOf(document: DescriptionDocument, { style, explode, collectionFormat }: JsonObject, place: Place): string | undefined {
  if (document.version === '2') return collectionFormat === 'multi' ? undefined : (SEPARATORS[wordOf(collectionFormat)] ?? ',');
  if (place === 'path' || place === 'header') return ',';
  const isRepeated = explode === undefined ? style === undefined || style === 'form' : explode === true;
  if (style === 'deepObject' || isRepeated) return undefined;
  return SEPARATORS[wordOf(style)] ?? ',';
}

function bodyOf(document: DescriptionDocument, operation: JsonObject, losses: string[]): RequestBody | undefined {
  const body = document.resolve(operation['requestBody']);
  const content = Object.entries(objectOf(body['content']));
  const [chosen] = content
    .map(([contentType, media]) => ({ contentType, media: objectOf(media), kind: kindOf(contentType) }))
    .filter(({ kind }) => kind !== undefined)
    .toSorted((a, b) => KINDS.indexOf(a.kind ?? 'text') - KINDS.indexOf(b.kind ?? 'text'));
  if (chosen?.kind === undefined) {
    if (content.length > 0) losses.push(`its body is ${content.map(([type]) => type).join(', ')}, which is not sent`);
    return undefined;
  }
  const { contentType, media, kind } = chosen;
  return {
    kind,
    contentType,
    schema: media['schema'] ?? {},
    isRequired: body['required'] === true,
    example: exampleOf(document, media) ?? exampleOf(document, document.resolve(media['schema'])),
  };
}

const KINDS = ['json', 'form', 'multipart', 'text'] as const;

function kindOf(contentType: string): RequestBody['kind'] | undefined {
  const type = contentType.toLowerCase().split(';')[0] ?? '';
  if (type === 'application/json' || type.endsWith('+json') || type === '*/*') return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'multipart/form-data') return 'multipart';
  return type.startsWith('text/') || type.endsWith('/xml') || type.endsWith('+xml') ? 'text' : undefined;
}

/** A body of OpenAPI 2 is one parameter, or the fields of a form, which stay parameters. */
function bodyOfSwagger(document: DescriptionDocument, parameters: readonly JsonObject[], operation: JsonObject): RequestBody | undefined {
  const body = parameters.find((parameter) => parameter['in'] === 'body');
  const fields = parameters.filter((parameter) => parameter['in'] === 'formData');
  if (body !== undefined) {
    const example = exampleOf(document, document.resolve(body['schema']));
    return { kind: 'json', contentType: 'application/json', schema: body['schema'] ?? {}, isRequired: body['required'] === true, example };
  }
  if (fields.length === 0) return undefined;
  const consumes = listOf(operation['consumes'] ?? document.content['consumes']);
  const hasFile = fields.some((field) => field['type'] === 'file');
  const isMultipart =
    hasFile || (consumes.length > 0 && !consumes.includes('application/x-www-form-urlencoded') && consumes.includes('multipart/form-data'));
  const kind = isMultipart ? 'multipart' : 'form';
  return { kind, contentType: '', schema: undefined, isRequired: false, example: undefined };
}

function readAnswers(document: DescriptionDocument, operation: JsonObject): readonly Answer[] {
  const produces = listOf(operation['produces'] ?? document.content['produces']);
  return Object.entries(objectOf(operation['responses'])).flatMap(([status, written]) => {
    if (status.startsWith('x-')) return [];
    const response = document.resolve(written);
    const headers = Object.keys(objectOf(response['headers'])).map((name) => name.toLowerCase());
    if (document.version === '2') {
      const contentType = response['schema'] === undefined ? undefined : (textOf(produces[0]) ?? 'application/json');
      const [example] = Object.values(objectOf(response['examples']));
      return [{ status, contentType, schema: response['schema'], headers, example }];
    }
    const content = Object.entries(objectOf(response['content']));
    const chosen = content.find(([type]) => kindOf(type) === 'json') ?? content[0];
    const media = objectOf(chosen?.[1]);
    const example = exampleOf(document, media) ?? exampleOf(document, document.resolve(media['schema']));
    return [{ status, contentType: chosen?.[0], schema: media['schema'], headers, example }];
  });
}

function exampleOf(document: DescriptionDocument, holder: JsonObject): Json | undefined {
  const { example, examples } = holder;
  if (example !== undefined && example !== null) return example;
  if (Array.isArray(examples)) return (examples as readonly Json[])[0];
  const [first] = Object.values(objectOf(examples));
  return document.resolve(first)['value'];
}
