import type { Access } from '../access/authenticate.ts';
import { SCHEMA_FILES } from '../schema/index.ts';
import type { Route, Router } from './route.ts';

const PATH_PARAMETER = /\{(\w+)\}/g;
const SCHEMA_REFERENCE = /^(?:[\w-]+\.schema\.json)?#\/\$defs\/(\w+)$/;
const JSON_TYPE = 'application/json';
const YAML_TYPES = ['text/yaml', 'application/yaml'];

/** The API as an OpenAPI 3.1 document, from the routes and the very schemas that check their requests. */
export function describeApi(routers: readonly Router[], version: string, serverUrl: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { tag, routes } of routers) {
    for (const route of routes) (paths[route.path] ??= {})[route.method] = describeOperation(route, tag);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tendril',
      version,
      summary: "An integration hub that runs a company's marketing on its own.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: serverUrl }],
    tags: routers.map(({ tag, description }) => ({ name: tag, description })),
    paths,
    components: { schemas: describeSchemas(), securitySchemes: SECURITY_SCHEMES, responses: { Problem: PROBLEM_RESPONSE } },
  };
}

const SECURITY_SCHEMES = {
  secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key; a write key on the paths of the tracking API.' },
  basicKey: { type: 'http', scheme: 'basic', description: 'The key as user name, without a password.' },
  session: { type: 'apiKey', in: 'cookie', name: 'tendril_session', description: 'The session of the dashboard.' },
};

const PROBLEM_RESPONSE = {
  description: 'What is wrong and what to do next, as RFC 9457 problem details.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function describeOperation(route: Route, tag: string): object {
  const body = describeBody(route);
  return {
    operationId: operationId(route),
    tags: [tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: describeSecurity(route.access),
    ...(Array.isArray(route.access) ? { 'x-scopes': route.access } : {}),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: describeResponses(route),
  };
}

/** The operation's name in generated clients: `getRunsById` for `GET /v1/runs/{id}`. */
function operationId({ method, path }: Route): string {
  const words = path
    .replace(/^\/v1/, '')
    .replaceAll(PATH_PARAMETER, 'by-$1')
    .split(/[^\w]+/)
    .filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function describeSecurity(access: Access): readonly object[] {
  return access === 'public' ? [] : [{ secretKey: [] }, { basicKey: [] }, { session: [] }];
}

function pathParameters({ path }: Route): readonly object[] {
  return [...path.matchAll(PATH_PARAMETER)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
}

function queryParameters({ query }: Route): readonly object[] {
  if (query === undefined) return [];
  const schema = findSchema(query);
  const properties = 'properties' in schema && typeof schema.properties === 'object' && schema.properties !== null ? schema.properties : {};
  const required = 'required' in schema && Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: rewriteReferences(value),
  }));
}

function headerParameters({ takesIdempotencyKey }: Route): readonly object[] {
  if (takesIdempotencyKey !== true) return [];
  return [
    {
      name: 'idempotency-key',
      in: 'header',
      required: false,
      description: 'A second call with the same key answers as the first did.',
      schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
    },
  ];
}

function describeBody(route: Route): object | undefined {
  if (route.body === undefined) return undefined;
  const schema = reference(route.body);
  const yaml = route.takesYaml === true ? YAML_TYPES.map((type): [string, object] => [type, { schema: { type: 'string' } }]) : [];
  return { required: route.isBodyOptional !== true, content: Object.fromEntries([[JSON_TYPE, { schema }], ...yaml]) };
}

function describeResponses(route: Route): object {
  const status = String(route.status ?? (route.answer === undefined && route.answerType === undefined ? 204 : 200));
  const schema = route.answer === undefined ? { type: 'string' } : reference(route.answer);
  const hasContent = route.answer !== undefined || route.answerType !== undefined;
  const success = { description: route.summary, ...(hasContent ? { content: { [route.answerType ?? JSON_TYPE]: { schema } } } : {}) };
  const other = route.otherStatus === undefined ? {} : { [String(route.otherStatus)]: success };
  return {
    [status]: success,
    ...other,
    '4XX': { $ref: '#/components/responses/Problem' },
    '5XX': { $ref: '#/components/responses/Problem' },
  };
}

function reference(name: string): object {
  findSchema(name);
  return { $ref: `#/components/schemas/${name}` };
}

function findSchema(name: string): object {
  const found = SCHEMA_FILES.find((file) => Object.hasOwn(file.$defs, name))?.$defs[name];
  if (found === undefined) throw new Error(`There is no schema ${name}.`);
  return found;
}

function describeSchemas(): object {
  return Object.fromEntries(
    SCHEMA_FILES.flatMap((file) => Object.entries(file.$defs)).map(([name, schema]) => [name, rewriteReferences(schema)]),
  );
}

// Schemas refer to each other over files; the document has them all in one place.
function rewriteReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewriteReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === '$ref' ? rewriteReference(inner) : rewriteReferences(inner)]),
  );
}

function rewriteReference(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(SCHEMA_REFERENCE, '#/components/schemas/$1') : value;
}
