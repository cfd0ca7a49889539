import type { JsonObject } from '@tendril/plugin-api';

const CONTACT: JsonObject = {
  type: 'object',
  required: ['id', 'email'],
  properties: {
    id: { type: 'string', readOnly: true, example: 'c1' },
    email: { type: 'string', format: 'email', example: 'ada@example.invalid' },
    age: { type: 'integer', nullable: true, minimum: 0, exclusiveMinimum: true, 'x-vendor': { anything: [1] } },
    manager: { $ref: '#/components/schemas/Contact' },
    'x-tag': { type: 'string', default: 'none' },
  },
};

/** OpenAPI 3.0 with cursor paging, a name clash, OAuth and a key, problem details and vendor extensions. */
export const ACME: JsonObject = {
  openapi: '3.0.3',
  info: { title: 'Acme CRM', version: '1' },
  'x-anything': { paths: null },
  servers: [{ url: 'https://{region}.api.acme.example/v1', variables: { region: { default: 'eu' } } }],
  security: [{ oauth: ['contacts'] }, { key: [] }],
  paths: {
    'x-ignored': {},
    '/contacts': {
      parameters: [{ name: 'X-Trace', in: 'header', schema: { type: 'string' } }],
      get: {
        operationId: 'listContacts',
        summary: 'List contacts.',
        parameters: [
          { name: 'after', in: 'query', schema: { type: 'string' } },
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } },
          { name: 'ids', in: 'query', style: 'form', explode: false, schema: { type: 'array', items: { type: 'integer' } } },
        ],
        responses: {
          200: {
            description: 'A page',
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: {
                    results: { type: 'array', items: { $ref: '#/components/schemas/Contact' } },
                    paging: { type: 'object', properties: { next: { type: 'object', properties: { after: { type: 'string' } } } } },
                  },
                },
              },
            },
          },
          400: {
            description: 'Wrong',
            content: { 'application/problem+json': { schema: { type: 'object', properties: { type: { type: 'string' } } } } },
          },
        },
      },
      post: {
        operationId: 'contacts.create',
        summary: 'Create a contact',
        parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }],
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Contact' } } } },
        responses: {
          201: {
            description: 'Made',
            content: {
              'application/json': { schema: { $ref: '#/components/schemas/Contact' }, example: { id: 'c1', email: 'ada@example.invalid' } },
            },
          },
        },
      },
    },
    '/contacts/{id}/merge': {
      post: {
        operationId: 'contacts_create',
        summary: 'Merge',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' }, in: { type: 'string' } } },
            },
          },
        },
        responses: { 204: { description: 'Done' } },
      },
    },
    '/messages/{to}': {
      put: {
        operationId: 'putMessage',
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                allOf: [
                  { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
                  { properties: { note: { oneOf: [{ type: 'string' }, { type: 'number' }] } } },
                ],
              },
            },
          },
        },
        responses: { 200: { description: 'ok', content: { 'text/plain': { schema: { type: 'string' } } } } },
      },
    },
  },
  components: {
    schemas: { Contact: CONTACT },
    securitySchemes: {
      oauth: {
        type: 'oauth2',
        flows: {
          authorizationCode: {
            authorizationUrl: 'https://acme.example/a',
            tokenUrl: 'https://acme.example/t',
            scopes: { contacts: '', deals: '' },
          },
        },
      },
      key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      unusable: { type: 'openIdConnect', openIdConnectUrl: 'https://acme.example/.well-known' },
    },
  },
};

/** OpenAPI 2.0 in the manner of Slack: tokens in parameters, errors with status 200, no address. */
export const CHATTY: JsonObject = {
  swagger: '2.0',
  info: { title: 'Chatty', version: '1' },
  consumes: ['application/x-www-form-urlencoded'],
  produces: ['application/json'],
  securityDefinitions: {
    chat: {
      type: 'oauth2',
      flow: 'accessCode',
      authorizationUrl: 'https://chat.example/a',
      tokenUrl: 'https://chat.example/t',
      scopes: { 'chat:write': '' },
    },
  },
  security: [{ chat: ['chat:write'] }],
  paths: {
    '/rooms.list': {
      get: {
        operationId: 'rooms_list',
        parameters: [
          { in: 'query', name: 'token', type: 'string' },
          { in: 'query', name: 'cursor', type: 'string' },
          { in: 'query', name: 'kinds', type: 'array', items: { type: 'string' } },
        ],
        responses: {
          200: {
            description: 'ok',
            schema: {
              type: 'object',
              additionalProperties: false,
              required: ['ok', 'rooms'],
              properties: {
                ok: { type: 'boolean' },
                rooms: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
                response_metadata: { type: 'object', properties: { next_cursor: { type: 'string' } } },
              },
            },
          },
          default: {
            description: 'failed',
            schema: { type: 'object', properties: { ok: { type: 'boolean' }, error: { type: 'string' } } },
          },
        },
      },
    },
    '/chat.postMessage': {
      post: {
        operationId: 'chat_postMessage',
        parameters: [
          { in: 'formData', name: 'token', type: 'string', required: true },
          { in: 'formData', name: 'text', type: 'string', required: true },
          { in: 'formData', name: 'count', type: 'integer' },
        ],
        responses: {
          200: { description: 'ok', schema: { type: 'object', properties: { ok: { type: 'boolean' }, ts: { type: 'string' } } } },
        },
      },
    },
  },
};
