import assert from 'node:assert/strict';
import type { Hub } from '@tendril/engine';
import { createServer } from '../src/index.ts';
import type { SandboxView, ServerOptions, TendrilServer } from '../src/index.ts';
import { createValidators, SCHEMA_NAMES } from '../src/http/schemas.ts';
import { createFakeHub, KEYS, MADE_AT } from './fake-hub.ts';
import type { FakeHub } from './fake-hub.ts';

/** An answer, its body read and already checked against the document of the API. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of JSON answers. */
  readonly json: Record<string, unknown>;
}

/** A running server. */
export interface Served {
  readonly server: TendrilServer;
  readonly url: string;
  readonly logged: { readonly fields: object; readonly message: string }[];
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** What is sent. */
export interface AskOptions {
  /** An admin key unless told; none with `null`. */
  readonly key?: string | null;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>> }>
  >;
}

const validators = createValidators();

/** Serves a fake hub on a free port. */
export async function serve(options: Partial<ServerOptions> = {}): Promise<Served & { readonly hub: FakeHub }> {
  const hub = createFakeHub();
  return Object.assign(await serveHub(hub, { sandbox: fakeSandbox, ...options }), { hub });
}

/** Serves a hub on a free port. */
export async function serveHub(hub: Hub, options: Partial<ServerOptions> = {}): Promise<Served> {
  const logged: { fields: object; message: string }[] = [];
  const note = (fields: object, message: string): void => void logged.push({ fields, message });
  const server = createServer({
    hub,
    log: { debug: () => undefined, info: note, warn: note, error: note },
    clock: { now: () => Date.now() },
    defaultTenantId: 'acme',
    sessionSecret: 'a secret of at least thirty-two characters',
    isProduction: false,
    ...options,
  });
  const listening = await server.listen(0, '127.0.0.1');
  const operations = describeOperations(server);

  return {
    server,
    url: listening.url,
    logged,
    close: () => listening.close(2_000),
    async ask(method, path, { key = KEYS.admin, body, raw, headers = {} } = {}) {
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(listening.url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(payload === undefined ? {} : { body: payload as BodyInit }),
      });
      const text = await response.text();
      const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
      const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
      checkAnswer(operations, method, path, response, json);
      return { status: response.status, headers: response.headers, text, json };
    },
  };
}

function describeOperations(
  server: TendrilServer,
): readonly { readonly method: string; readonly pattern: RegExp; readonly operation: Operation }[] {
  const { paths } = server.describe('http://localhost') as { readonly paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      operation,
    })),
  );
}

// Every answer of every test is held against the schema that the document declares for it.
function checkAnswer(
  operations: ReturnType<typeof describeOperations>,
  method: string,
  path: string,
  response: Response,
  json: unknown,
): void {
  if (response.status >= 400 && response.headers.get('content-type') === 'application/problem+json') {
    assert.deepEqual(validators.check('Problem', json), []);
    return;
  }
  const [plainPath = ''] = path.split('?');
  const matching = operations.filter((each) => each.method === method && each.pattern.test(plainPath));
  const operation = matching.find(({ pattern }) => !pattern.source.includes('[^/]+')) ?? matching[0];
  if (operation === undefined || response.status >= 400) return;
  const declared = operation.operation.responses[String(response.status)];
  assert.ok(declared !== undefined, `${method} ${path} answered ${String(response.status)}, which is not declared`);
  const name = declared.content?.['application/json']?.schema.$ref?.split('/').at(-1);
  if (name !== undefined && SCHEMA_NAMES.includes(name)) assert.deepEqual(validators.check(name, json), [], `${method} ${path}`);
}

const mail = { id: 'mail-1', receivedAt: MADE_AT, from: 'shop@example.invalid', to: ['ada@example.invalid'], subject: 'Welcome' };

const fakeSandbox: SandboxView = {
  mails: () => Promise.resolve([mail]),
  mail: (id) =>
    Promise.resolve(
      id === 'mail-1'
        ? {
            ...mail,
            headers: { 'list-unsubscribe-post': 'List-Unsubscribe=One-Click' },
            text: 'Hello',
            html: '<p>Hello</p><script>alert(1)</script>',
          }
        : undefined,
    ),
  effects: (service) =>
    Promise.resolve(
      service === 'salesforce'
        ? [{ id: 'e-1', service, kind: 'lead.created', at: MADE_AT, key: '00Q1', value: { LastName: 'Lovelace' } }]
        : [],
    ),
  services: () => Promise.resolve(['hubspot', 'salesforce']),
  counts: () =>
    Promise.resolve([
      { service: 'salesforce', requests: 2, effects: 1, keys: 1 },
      { service: 'smtp', requests: 1, effects: 1, keys: 1 },
    ]),
};
