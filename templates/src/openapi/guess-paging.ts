import type { JsonObject } from '@tendril/plugin-api';
import type { DescriptionDocument } from './description-document.ts';
import { isObject, objectOf } from './json-values.ts';
import type { Answer, Operation } from './operations.ts';
import { fieldExpression } from './request-templates.ts';

/** How an operation's pages follow one another, as far as its description tells. */
export interface GuessedPaging {
  readonly paging: JsonObject;
  /** The schema of the items, as the description has it. */
  readonly itemSchema: unknown;
  /** Where the items stand in the answer; empty when the answer is the list. */
  readonly itemsPath: readonly string[];
  /** Parameters that paging puts in. */
  readonly parameter: string | undefined;
  readonly why: string;
}

const CURSOR_PARAMETERS = [
  'cursor',
  'after',
  'page_token',
  'pageToken',
  'next_token',
  'nextToken',
  'starting_after',
  'startingAfter',
  'continuation_token',
  'next_cursor',
  'page_cursor',
];
const PAGE_PARAMETERS = ['page', 'page_number', 'pageNumber', 'page_no'];
const OFFSET_PARAMETERS = ['offset', 'skip', 'start', 'startAt'];
const CURSOR_FIELDS: readonly (readonly string[])[] = [
  ['paging', 'next', 'after'],
  ['response_metadata', 'next_cursor'],
  ['paging', 'cursors', 'after'],
  ['meta', 'next_cursor'],
  ['meta', 'nextCursor'],
  ['pagination', 'next_cursor'],
  ['pagination', 'nextCursor'],
  ['next_cursor'],
  ['nextCursor'],
  ['next_page_token'],
  ['nextPageToken'],
  ['next_token'],
  ['nextToken'],
  ['continuation_token'],
];
const URL_FIELDS: readonly (readonly string[])[] = [
  ['next'],
  ['next_url'],
  ['nextUrl'],
  ['links', 'next'],
  ['_links', 'next', 'href'],
  ['paging', 'next', 'link'],
  ['@odata.nextLink'],
  ['next_page_url'],
];
const LIST_FIELDS = ['results', 'data', 'items', 'records', 'values', 'entries', 'value', 'objects', 'list', 'elements'];
const MAX_PAGES = 10;

/** `undefined` when nothing tells of pages. */
export function guessPaging(document: DescriptionDocument, operation: Operation, answer: Answer | undefined): GuessedPaging | undefined {
  if (answer === undefined) return undefined;
  const root = document.resolve(answer.schema);
  const items = findItems(document, root);
  if (items === undefined) return undefined;
  const parameters = parametersOf(document, operation);
  const known = (names: readonly string[]): { readonly name: string; readonly place: 'query' | 'body' } | undefined =>
    parameters.find(({ name }) => names.includes(name));
  const common = { items: fieldExpression('response.body', ...items.path), maxPages: MAX_PAGES };
  const made = (paging: JsonObject, parameter: string | undefined, why: string): GuessedPaging => ({
    paging: { ...paging, ...common },
    itemSchema: items.schema,
    itemsPath: items.path,
    parameter,
    why,
  });
  const cursor = known(CURSOR_PARAMETERS);
  if (cursor !== undefined) {
    const field = CURSOR_FIELDS.find((path) => hasField(document, root, path));
    const next = field === undefined ? lastIdOf(document, items) : fieldExpression('response.body', ...field);
    if (next !== undefined)
      return made(
        { by: 'cursor', next, parameter: cursor.name, ...placeOf(cursor) },
        cursor.name,
        `\`${cursor.name}\` takes ${field === undefined ? 'the id of the last item' : `what \`${field.join('.')}\` of the answer tells`}`,
      );
  }
  if (answer.headers.includes('link')) return made({ by: 'link' }, undefined, 'the answer has a `Link` header');
  const url = URL_FIELDS.find(
    (path) => hasField(document, root, path) && !isObject(document.resolve(fieldAt(document, root, path))['properties']),
  );
  if (url !== undefined)
    return made(
      { by: 'url', next: fieldExpression('response.body', ...url) },
      undefined,
      `\`${url.join('.')}\` of the answer is taken to be the address of the next page`,
    );
  const page = known(PAGE_PARAMETERS);
  if (page !== undefined)
    return made(
      { by: 'page', parameter: page.name, ...placeOf(page) },
      page.name,
      `\`${page.name}\` is taken to be the number of a page, beginning with 1`,
    );
  const offset = known(OFFSET_PARAMETERS);
  if (offset !== undefined)
    return made({ by: 'offset', parameter: offset.name, ...placeOf(offset) }, offset.name, `\`${offset.name}\` is taken to count items`);
  return undefined;
}

function placeOf({ place }: { readonly place: 'query' | 'body' }): JsonObject {
  return place === 'body' ? { in: 'body' } : {};
}

/** A parameter that paging may put in. */
interface Candidate {
  readonly name: string;
  readonly place: 'query' | 'body';
}

function parametersOf(document: DescriptionDocument, { parameters, body }: Operation): readonly Candidate[] {
  const members = body?.kind === 'json' || body?.kind === 'form' ? Object.keys(objectOf(document.resolve(body.schema)['properties'])) : [];
  const told = parameters.filter(({ place }) => place === 'query' || place === 'form');
  return [
    ...told.map(({ name, place }): Candidate => ({ name, place: place === 'query' ? 'query' : 'body' })),
    ...members.map((name): Candidate => ({ name, place: 'body' })),
  ];
}

interface FoundItems {
  readonly path: readonly string[];
  readonly schema: unknown;
}

function findItems(document: DescriptionDocument, root: JsonObject): FoundItems | undefined {
  if (isList(root)) return { path: [], schema: root['items'] };
  const lists = propertiesOf(document, root).filter(([, property]) => isList(document.resolve(property)));
  const named = LIST_FIELDS.flatMap((name) => lists.filter(([field]) => field === name))[0];
  const chosen = named ?? (lists.length === 1 ? lists[0] : undefined);
  return chosen === undefined ? undefined : { path: [chosen[0]], schema: document.resolve(chosen[1])['items'] };
}

/** Some services page by the id of the last item. */
function lastIdOf(document: DescriptionDocument, { path, schema }: FoundItems): string | undefined {
  const item = document.resolve(schema);
  const idPath = [['id'], ['user', 'id']].find((candidate) => hasField(document, item, candidate));
  if (idPath === undefined) return undefined;
  const list = fieldExpression('response.body', ...path);
  return `size(${list}) == 0 ? null : ${fieldExpression(`${list}[size(${list}) - 1]`, ...idPath)}`;
}

function hasField(document: DescriptionDocument, schema: JsonObject, path: readonly string[]): boolean {
  return fieldAt(document, schema, path) !== undefined;
}

function fieldAt(document: DescriptionDocument, schema: JsonObject, path: readonly string[]): unknown {
  let current: unknown = schema;
  for (const name of path) {
    current = propertiesOf(document, document.resolve(current)).find(([field]) => field === name)?.[1];
    if (current === undefined) return undefined;
  }
  return current;
}

const MOST_PARTS = 50;

/** With those of the parts that an object is put together of. */
function propertiesOf(document: DescriptionDocument, schema: JsonObject, depth = 0): readonly (readonly [string, unknown])[] {
  const parts = depth > 3 || !Array.isArray(schema['allOf']) ? [] : (schema['allOf'] as readonly unknown[]).slice(0, MOST_PARTS);
  return [
    ...parts.flatMap((part) => propertiesOf(document, document.resolve(part), depth + 1)),
    ...Object.entries(objectOf(schema['properties'])),
  ];
}

function isList(schema: JsonObject): boolean {
  return schema['type'] === 'array' || ('items' in schema && schema['type'] === undefined);
}
