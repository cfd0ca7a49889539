import { CONTRACT_VERSION } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import { CannotCreate } from '../cannot-create.ts';
import { titleOf } from '../plugin-id.ts';
import { readBaseUrl, serverUrl } from './base-url.ts';
import { openDocument } from './description-document.ts';
import { guessErrors } from './guess-errors.ts';
import { createGuessList, pointerTo, reviewOf } from './guesses.ts';
import type { Guess, GuessList } from './guesses.ts';
import { importAction } from './import-action.ts';
import type { ImportedAction } from './import-action.ts';
import { objectOf, shortened, textOf } from './json-values.ts';
import { readOperations } from './operations.ts';
import type { Operation } from './operations.ts';
import { readSecurity } from './read-security.ts';
import type { ReadSecurity } from './read-security.ts';

/** What is to be made of a description. */
export interface OpenApiImport {
  readonly id: string;
  /** What people read; that of the description without it. */
  readonly title?: string;
  /** Which operations become actions: ids of `listOperations`, operationIds, `GET /path` or tags, `*` for any characters. All without it. */
  readonly operations?: readonly string[];
  /** Name of the description's file, for the checklist. */
  readonly fileName?: string;
}

/** A declarative connector that was made of a description. */
export interface ImportedConnector {
  /** As `plugin.json` holds it. */
  readonly manifest: JsonObject;
  /** Text of `REVIEW.md`: what a person should look at. */
  readonly review: string;
  readonly guesses: readonly Guess[];
  readonly actions: readonly ImportedAction[];
}

/** An operation as people choose it. */
export interface ListedOperation {
  /** The id of the action that it becomes. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operationId?: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly isDeprecated: boolean;
}

/**
 * The operations of a description, in its order. Fetches nothing.
 *
 * @param document parsed, OpenAPI 2.0, 3.0 or 3.1
 * @throws CannotCreate when it is no such description
 */
export function listOperations(document: unknown): readonly ListedOperation[] {
  return readOperations(openDocument(document)).map(({ id, method, path, operationId, title, tags, isDeprecated }) => ({
    id,
    method,
    path,
    ...(operationId !== undefined && { operationId }),
    title,
    tags,
    isDeprecated,
  }));
}

/**
 * Makes the manifest of a declarative connector of a vendor's description. Reads the document only; references to other
 * documents are not followed.
 *
 * @param value parsed, OpenAPI 2.0, 3.0 or 3.1
 * @throws CannotCreate when it is no such description, or no operation is meant by `operations`
 */
export function manifestFromOpenApi(value: unknown, options: OpenApiImport): ImportedConnector {
  const document = openDocument(value);
  const operations = choose(readOperations(document), options.operations);
  const guesses = createGuessList();
  const security = readSecurity(document, operations);
  const { url, doubt } = readBaseUrl(document);
  if (doubt !== undefined) guesses.add('/http/baseUrl', `${doubt}.`);
  const isOpen = url === undefined;
  if (isOpen) guesses.add('/http/baseUrl', 'is not told by the description: each connection names it.');
  const fallbackKinds = isOpen ? fallbackOf(security) : [];
  const actions = operations.map((operation) => importAction(operation, { document, security, guesses, fallbackKinds }));
  const errors = guessErrors(document, operations);
  if (errors.why !== undefined) guesses.add('/http/errors', `${errors.why}.`);
  const info = objectOf(document.content['info']);
  const title = shortened(options.title ?? textOf(info['title']) ?? titleOf(options.id), 80);
  const connections = connectionsOf(security, { actions, isOpen, guesses });
  const kinds = Object.keys(connections);
  const manifest: JsonObject = {
    id: options.id,
    title,
    engines: { tendril: `^${CONTRACT_VERSION}` },
    ...(kinds.length > 0 && { connections }),
    permissions: {
      hosts: isOpen ? [{ connectionField: 'baseUrl' }] : hostsOf(url, operations),
      ...(isOpen && { connections: kinds }),
    },
    http: {
      baseUrl: url ?? '${{ connection.baseUrl }}',
      ...(errors.retryAfterHeaders.length > 0 && { retryAfterHeaders: errors.retryAfterHeaders }),
      ...(errors.rules.length > 0 && { errors: errors.rules }),
    },
    contributes: { actions: Object.fromEntries(actions.map(({ id, action }) => [id, action])) },
  };
  for (const [name, reason] of security.unusable) guesses.add('/connections', `The security scheme \`${name}\` is left out: ${reason}.`);
  guesses.add('/http/throttle', 'is missing: write how many calls the service takes.');
  const review = reviewOf(title, options.fileName ?? 'an OpenAPI description', guesses.all);
  return { manifest, review, guesses: guesses.all, actions };
}

function choose(operations: readonly Operation[], wanted: readonly string[] | undefined): readonly Operation[] {
  if (wanted === undefined || wanted.length === 0) {
    if (operations.length === 0) throw new CannotCreate('The description has no operation that can become an action.');
    return operations;
  }
  const chosen = new Set<Operation>();
  for (const pattern of wanted) {
    const fits = matcher(pattern);
    const found = operations.filter((operation) => namesOf(operation).some(fits));
    if (found.length === 0) throw new CannotCreate(`No operation is called \`${pattern}\`; list them to see what there is.`);
    for (const operation of found) chosen.add(operation);
  }
  return operations.filter((operation) => chosen.has(operation));
}

function namesOf({ id, operationId, method, path, tags }: Operation): readonly string[] {
  return [id, ...(operationId === undefined ? [] : [operationId]), `${method} ${path}`, ...tags];
}

/** Without a regular expression: what it is made of comes from the command line. */
function matcher(pattern: string): (name: string) => boolean {
  const pieces = pattern.toLowerCase().split('*');
  const [first = '', ...rest] = pieces;
  return (written) => {
    const name = written.toLowerCase();
    if (rest.length === 0) return name === first;
    if (!name.startsWith(first)) return false;
    let position = first.length;
    for (const [index, piece] of rest.entries()) {
      const isLast = index === rest.length - 1;
      const found = isLast ? (name.endsWith(piece) ? name.length - piece.length : -1) : name.indexOf(piece, position);
      if (found < position) return false;
      position = found + piece.length;
    }
    return true;
  };
}

const ACCOUNT = 'account';

function fallbackOf(security: ReadSecurity): readonly string[] {
  const kinds = [...security.byScheme.values()].map(({ id }) => id);
  return kinds.length > 0 ? kinds : [ACCOUNT];
}

interface ConnectionContext {
  readonly actions: readonly ImportedAction[];
  /** The address of the service stands in the connection. */
  readonly isOpen: boolean;
  readonly guesses: GuessList;
}

/** The kinds that some action takes. */
function connectionsOf(security: ReadSecurity, { actions, isOpen, guesses }: ConnectionContext): JsonObject {
  const used = new Set(actions.flatMap(({ connectionKinds }) => connectionKinds));
  const read = [...security.byScheme.values()].filter(({ id }) => used.has(id));
  const bare: JsonObject = { type: 'custom', title: 'Account', schema: { type: 'object', additionalProperties: false, properties: {} } };
  const all = read.length > 0 || !used.has(ACCOUNT) ? read : [{ id: ACCOUNT, connection: bare, guesses: [] }];
  return Object.fromEntries(
    all.map(({ id, connection, guesses: doubts }) => {
      const at = pointerTo('connections', id);
      for (const doubt of doubts) guesses.add(at, `${doubt}.`);
      const test = testFor(id, actions);
      if (test !== undefined) guesses.add(`${at}/test`, `is \`${test}\`: the first action that reads without input.`);
      const whole = isOpen ? withBaseUrl(connection) : connection;
      return [id, { ...whole, ...(test !== undefined && { test }) }];
    }),
  );
}

function testFor(kind: string, actions: readonly ImportedAction[]): string | undefined {
  return actions.find(
    ({ action, plan, connectionKinds }) =>
      action['effect'] === 'read' && plan.members.every(({ isRequired }) => !isRequired) && connectionKinds.includes(kind),
  )?.id;
}

function withBaseUrl(connection: JsonObject): JsonObject {
  const schema = objectOf(connection['schema']);
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly Json[]) : [];
  const baseUrl: JsonObject = { type: 'string', format: 'uri', description: 'Address of the service, such as https://api.example.com/v1.' };
  return {
    ...connection,
    schema: { type: 'object', ...schema, required: [...required, 'baseUrl'], properties: { ...objectOf(schema['properties']), baseUrl } },
  };
}

function hostsOf(url: string, operations: readonly Operation[]): readonly string[] {
  const own = operations.flatMap(({ server }) => (server === undefined ? [] : (serverUrl(server) ?? [])));
  return [...new Set([url, ...own].map((each) => new URL(each).host))];
}
