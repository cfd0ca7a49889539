import type { JsonObject } from '@tendril/plugin-api';
import { freeId, snakeCase } from './action-ids.ts';
import type { DescriptionDocument } from './description-document.ts';
import { isObject, listOf, objectOf, textOf, wordOf } from './json-values.ts';
import type { Operation } from './operations.ts';

/** A kind of connection that was made of a security scheme. */
export interface ReadConnection {
  readonly id: string;
  /** As the manifest has it. */
  readonly connection: JsonObject;
  /** Names of parameters that hold its credentials. */
  readonly parameters: readonly string[];
  readonly guesses: readonly string[];
}

/** The kinds of connections of a description. */
export interface ReadSecurity {
  readonly byScheme: ReadonlyMap<string, ReadConnection>;
  /** Schemes that cannot be used, with the reason. */
  readonly unusable: readonly (readonly [string, string])[];
  /** The kinds that an operation takes, and what was lost on the way. */
  kindsOf(operation: Operation): { readonly kinds: readonly string[]; readonly loss?: string };
}

/** @param operations those that become actions: their scopes are asked for */
export function readSecurity(document: DescriptionDocument, operations: readonly Operation[]): ReadSecurity {
  const components = objectOf(document.content['components']);
  const schemes = objectOf(document.version === '2' ? document.content['securityDefinitions'] : components['securitySchemes']);
  const byScheme = new Map<string, ReadConnection>();
  const unusable: (readonly [string, string])[] = [];
  const standard = listOf(document.content['security']).filter(isObject);
  for (const [name, written] of Object.entries(schemes)) {
    const scheme = document.resolve(written);
    const scopes = operations.flatMap(({ security = standard }) => security.flatMap((each) => listOf(each[name])));
    const made = readScheme(
      name,
      scheme,
      scopes.filter((scope) => typeof scope === 'string'),
    );
    if (typeof made === 'string') {
      unusable.push([name, made]);
      continue;
    }
    const taken = new Set([...byScheme.values()].map(({ id }) => id));
    const id = freeId(snakeCase(name) === '' ? 'account' : snakeCase(name), (candidate) => taken.has(candidate));
    byScheme.set(name, { ...made, id });
  }
  return { byScheme, unusable, kindsOf: (operation) => kindsOf(operation.security ?? standard, byScheme) };
}

function kindsOf(security: readonly JsonObject[], byScheme: ReadSecurity['byScheme']): ReturnType<ReadSecurity['kindsOf']> {
  const sets = security.map((each) => Object.keys(each));
  if (sets.length === 0 || sets.some((names) => names.length === 0)) return { kinds: [] };
  const single = sets.filter((names) => names.length === 1).flatMap(([name = '']) => byScheme.get(name)?.id ?? []);
  if (single.length > 0) return { kinds: [...new Set(single)] };
  const first = sets[0]?.map((name) => byScheme.get(name)?.id).find((id) => id !== undefined);
  const loss = 'the service wants several credentials at once, of which one is put in';
  return { kinds: first === undefined ? [] : [first], ...(sets.some((names) => names.length > 1) && { loss }) };
}

type Made = Omit<ReadConnection, 'id'>;

function readScheme(name: string, scheme: JsonObject, scopes: readonly string[]): Made | string {
  const { type, in: place, flow, flows } = scheme;
  const http = wordOf(scheme['scheme']).toLowerCase();
  const title = name.replaceAll(/[_-]+/g, ' ').trim();
  if (type === 'apiKey') return apiKey(title, wordOf(place), textOf(scheme['name']) ?? '', textOf(scheme['description']));
  if (type === 'basic' || (type === 'http' && http === 'basic')) return basic(title);
  if (type === 'http' && http === 'bearer') return bearer(title);
  if (type === 'http') return `it is HTTP authentication of the kind ${http}`;
  if (type !== 'oauth2') return `it is of the type ${wordOf(type)}`;
  const code = document2(flow, scheme) ?? objectOf(objectOf(flows)['authorizationCode']);
  return oauth2(title, code, scopes);
}

/** OpenAPI 2 has the one flow in the scheme itself. */
function document2(flow: unknown, scheme: JsonObject): JsonObject | undefined {
  if (flow === undefined) return undefined;
  return flow === 'accessCode' ? scheme : {};
}

function oneSecret(name: string, description: string): JsonObject {
  return {
    type: 'object',
    additionalProperties: false,
    required: [name],
    properties: { [name]: { type: 'string', minLength: 1, writeOnly: true, description } },
  };
}

function apiKey(title: string, place: string, name: string, description: string | undefined): Made | string {
  if (name === '' || (place !== 'header' && place !== 'query')) return `its key goes into ${place}`;
  const isBare = place === 'header' && name.toLowerCase() === 'authorization';
  const isBot = isBare && /\bbot/i.test(`${title.replace(/([a-z])([A-Z])/g, '$1 $2')} ${description ?? ''}`);
  const value = isBot ? 'Bot {apiKey}' : '{apiKey}';
  return {
    connection: {
      type: 'apiKey',
      title,
      schema: oneSecret('apiKey', description ?? 'The key that the service gave out.'),
      inject: place === 'header' ? { headers: { [name]: value } } : { query: { [name]: value } },
    },
    parameters: [name],
    guesses: isBare ? [`\`Authorization\` holds \`${value}\`: look up which word the service wants before the key`] : [],
  };
}

function basic(title: string): Made {
  const text = (description: string): JsonObject => ({ type: 'string', minLength: 1, description });
  const properties = { user: text('User name.'), password: { ...text('Password.'), writeOnly: true } };
  return {
    connection: {
      type: 'basic',
      title,
      schema: { type: 'object', additionalProperties: false, required: ['user', 'password'], properties },
      inject: { basic: { user: '{user}', password: '{password}' } },
    },
    parameters: [],
    guesses: [],
  };
}

function bearer(title: string): Made {
  return {
    connection: {
      type: 'apiKey',
      title,
      schema: oneSecret('accessToken', 'The token that the service gave out.'),
      inject: { headers: { Authorization: 'Bearer {accessToken}' } },
    },
    parameters: ['access_token'],
    guesses: [],
  };
}

function oauth2(title: string, flow: JsonObject, needed: readonly string[]): Made | string {
  const authorizationUrl = textOf(flow['authorizationUrl']);
  const tokenUrl = textOf(flow['tokenUrl']) ?? textOf(flow['refreshUrl']);
  if (authorizationUrl === undefined || tokenUrl === undefined || !URL.canParse(authorizationUrl) || !URL.canParse(tokenUrl))
    return 'it is OAuth 2.0 without a code flow whose addresses are told';
  const scopes = [...new Set(needed)];
  return {
    connection: {
      type: 'oauth2',
      title,
      oauth2: { authorizationUrl, tokenUrl, scopes, pkce: true, clientAuthentication: 'body' },
      inject: { headers: { Authorization: 'Bearer {accessToken}' } },
    },
    parameters: ['token', 'access_token'],
    guesses: [
      'the service is taken to take PKCE, and the client secret in the body',
      ...(scopes.length === 0 ? ['no operation says which scopes it needs, so none is asked for'] : []),
    ],
  };
}
