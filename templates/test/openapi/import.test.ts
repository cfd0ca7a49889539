import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { createOfflineChecker } from '@tendril/engine';
import { runConformance } from '@tendril/testkit/conformance';
import { listOperations, manifestFromOpenApi, parseOpenApi, recordingsFromOpenApi } from 'create-tendril-plugin';
import { ACME, CHATTY } from './descriptions.ts';

type Known = { readonly [name: string]: Known };

function known(value: unknown): Known {
  return value as Known;
}

async function faultsOf(manifest: JsonObject): Promise<readonly unknown[]> {
  const id = String(manifest['id']);
  try {
    await createOfflineChecker([
      {
        folder: id,
        file: 'plugin.json',
        packageJson: { name: `tendril-plugin-${id}`, version: '1.0.0', description: 'Made.' },
        manifest,
        read: () => Promise.reject(new Error('there are no files')),
        load: () => Promise.reject(new Error('there is no code')),
      },
    ]);
    return [];
  } catch (error) {
    if (!TendrilError.is(error)) throw error;
    return error.details['faults'] as readonly unknown[];
  }
}

describe('connectors made of OpenAPI descriptions', () => {
  it('list operations with ids that do not clash', () => {
    assert.deepEqual(
      listOperations(ACME).map(({ id, method, path }) => [id, method, path]),
      [
        ['list_contacts', 'GET', '/contacts'],
        ['contacts_create', 'POST', '/contacts'],
        ['contacts_create_2', 'POST', '/contacts/{id}/merge'],
        ['put_message', 'PUT', '/messages/{to}'],
      ],
    );
  });

  it('take the operations that are asked for, by id, address or pattern', () => {
    const ids = (...operations: readonly string[]): readonly string[] =>
      manifestFromOpenApi(ACME, { id: 'acme', operations }).actions.map(({ id }) => id);
    assert.deepEqual(ids('listContacts'), ['list_contacts']);
    assert.deepEqual(ids('contacts_create*'), ['contacts_create', 'contacts_create_2']);
    assert.deepEqual(ids('PUT /messages/*', 'list_contacts'), ['list_contacts', 'put_message']);
    assert.throws(() => ids('nothing'), /No operation is called `nothing`/);
  });

  it('have sound manifests', async () => {
    for (const document of [ACME, CHATTY]) assert.deepEqual(await faultsOf(manifestFromOpenApi(document, { id: 'made' }).manifest), []);
  });

  it('guess address, accounts, effects, paging and errors, and tell of each guess', () => {
    const { manifest, review } = manifestFromOpenApi(ACME, { id: 'acme', fileName: 'acme.json' });
    const { http, connections, contributes, permissions } = known(manifest);
    const actions = contributes?.['actions'];
    assert.equal(http?.['baseUrl'], 'https://eu.api.acme.example/v1');
    assert.deepEqual(permissions?.['hosts'], ['eu.api.acme.example']);
    assert.deepEqual(Object.keys(connections ?? {}), ['oauth', 'key']);
    assert.deepEqual(connections?.['oauth']?.['oauth2']?.['scopes'], ['contacts']);
    assert.deepEqual(connections?.['key']?.['inject'], { headers: { 'X-Api-Key': '{apiKey}' } });
    assert.equal(actions?.['contacts_create']?.['idempotency'], 'key');
    assert.equal(actions?.['contacts_create']?.['http']?.['idempotencyKey'], 'Idempotency-Key');
    assert.equal(actions?.['contacts_create_2']?.['idempotency'], 'none');
    assert.equal(actions?.['put_message']?.['idempotency'], 'natural');
    assert.deepEqual(actions?.['list_contacts']?.['http']?.['paging'], {
      by: 'cursor',
      next: 'response.body.paging.next.after',
      parameter: 'after',
      items: 'response.body.results',
      maxPages: 10,
    });
    assert.deepEqual(http?.['errors'], [
      { status: 404, code: 'NOT_FOUND', details: { type: 'response.body.type' } },
      { status: [400, 403, 409, 410, 412, 415, 422], code: 'UPSTREAM_REJECTED', details: { type: 'response.body.type' } },
    ]);
    for (const text of [
      'acme.json',
      '- [ ] `/http/throttle`',
      '`/contributes/actions/list_contacts/http/paging`',
      '`unusable` is left out',
      '`put_message`',
      'variables of the server',
    ])
      assert.ok(review.includes(text), text);
  });

  it('have one flat input, clashes resolved and told', () => {
    const { manifest, guesses } = manifestFromOpenApi(ACME, { id: 'acme' });
    const actions = known(manifest)['contributes']?.['actions'];
    const merge = actions?.['contacts_create_2'];
    assert.deepEqual(Object.keys(merge?.['input']?.['properties'] ?? {}), ['id', 'body_id', 'in']);
    assert.equal(merge?.['http']?.['path'], '/contacts/${{ input.id }}/merge');
    assert.deepEqual(merge?.['http']?.['body'], { id: '${{ input.body_id }}', in: '${{ input["in"] }}' });
    assert.ok(guesses.some(({ pointer }) => pointer === '/contributes/actions/contacts_create_2/input/properties/body_id'));
    const create = actions?.['contacts_create'];
    assert.deepEqual(create?.['input']?.['required'], ['email']);
    assert.deepEqual(create?.['input']?.['properties']?.['age'], { type: ['integer', 'null'], exclusiveMinimum: 0 });
    assert.deepEqual(create?.['input']?.['properties']?.['manager'], { $ref: '#/$defs/Contact' });
    assert.equal(create?.['http']?.['body']?.['x-tag'], '${{ input["x-tag"] }}');
    assert.equal(actions?.['list_contacts']?.['http']?.['query']?.['ids'], '${{ input.ids.map(element, string(element)).join(",") }}');
  });

  it('know the manner of Slack', () => {
    const { manifest } = manifestFromOpenApi(CHATTY, { id: 'chatty' });
    const { http, connections, contributes, permissions } = known(manifest);
    assert.equal(http?.['baseUrl'], '${{ connection.baseUrl }}');
    assert.deepEqual(permissions, { hosts: [{ connectionField: 'baseUrl' }], connections: ['chat'] });
    assert.ok(connections?.['chat']?.['schema']?.['properties']?.['baseUrl']);
    assert.deepEqual(Object.keys(contributes?.['actions']?.['rooms_list']?.['input']?.['properties'] ?? {}), ['kinds']);
    assert.deepEqual(Object.keys(contributes?.['actions']?.['chat_post_message']?.['input']?.['properties'] ?? {}), ['text', 'count']);
    assert.equal((http?.['errors'] as unknown as readonly unknown[]).length, 3);
  });

  it('stay small when references make a bomb, go in circles or lead nowhere', async () => {
    const schemas: Record<string, JsonObject> = { Loop: { $ref: '#/components/schemas/Loop' } };
    for (let level = 0; level < 40; level += 1) {
      const next = { $ref: `#/components/schemas/L${level + 1}` };
      schemas[`L${level}`] = {
        allOf: Array.from({ length: 20 }, () => next),
        properties: { a: next, b: next, c: { anyOf: [next, next] } },
      };
    }
    const schema = {
      properties: {
        bomb: { $ref: '#/components/schemas/L0' },
        loop: { $ref: '#/components/schemas/Loop' },
        gone: { $ref: 'https://evil.example/x' },
      },
    };
    const paths = {
      '/a': {
        post: {
          requestBody: { content: { 'application/json': { schema } } },
          responses: { 200: { content: { 'application/json': { schema } } } },
        },
      },
    };
    const startedAt = performance.now();
    const { manifest } = manifestFromOpenApi(
      { openapi: '3.1.0', servers: [{ url: 'https://a.example' }], paths, components: { schemas } },
      { id: 'bomb' },
    );
    assert.ok(JSON.stringify(manifest).length < 200_000);
    assert.ok(performance.now() - startedAt < 10_000);
    assert.deepEqual(await faultsOf(manifest), []);
  });

  it('are refused with a sentence when there is nothing to make of it', () => {
    for (const value of [null, 1, [], {}, { openapi: '3.0.0' }, { openapi: '4.0.0', paths: {} }, { openapi: '3.0.0', paths: {} }])
      assert.throws(() => manifestFromOpenApi(value, { id: 'a' }), { name: 'CannotCreate' }, JSON.stringify(value));
    assert.throws(() => parseOpenApi('{ "a": '), { name: 'CannotCreate' });
    assert.equal(known(parseOpenApi('openapi: 3.0.0\npaths: {}'))['openapi'], '3.0.0');
  });

  it('do not mind wrong parts', async () => {
    const wrong = [null, 1, 'x', [], [null], { $ref: 5 }, { $ref: '#/nowhere' }];
    for (const part of wrong) {
      const operation = { parameters: part, requestBody: part, responses: part, security: part, tags: part, servers: part };
      const holes = {
        parameters: [part],
        requestBody: { content: { 'application/json': part } },
        responses: { 200: part, 400: { content: part } },
      };
      const document = {
        openapi: '3.0.0',
        servers: [{ url: 'https://a.example' }],
        security: part,
        components: { schemas: part, securitySchemes: { a: part } },
        paths: { '/a': { get: operation, post: holes }, '/b': part },
      };
      assert.deepEqual(await faultsOf(manifestFromOpenApi(document, { id: 'wrong' }).manifest), [], JSON.stringify(part));
    }
  });

  describe('have recordings', () => {
    const root = mkdtempSync(join(tmpdir(), 'tendril-openapi-'));
    after(() => rmSync(root, { recursive: true, force: true }));

    for (const [id, document, count] of [
      ['acme', ACME, 4],
      ['chatty', CHATTY, 2],
    ] as const) {
      it(`that ${id} plays, request for request`, async () => {
        const { manifest } = manifestFromOpenApi(document, { id });
        const recordings = recordingsFromOpenApi(document, { id });
        assert.equal(recordings.length, count);
        const packageJson = { name: `tendril-plugin-${id}`, version: '1.0.0', description: 'Made.', license: 'MIT', type: 'module' };
        const files = [
          { path: 'plugin.json', content: manifest },
          { path: 'package.json', content: packageJson },
          ...recordings.map(({ path, recording }) => ({ path, content: recording })),
        ];
        for (const { path, content } of files) {
          const file = join(root, id, path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, JSON.stringify(content));
        }
        let played = 0;
        for await (const result of runConformance({ folder: join(root, id), only: 'recordings' })) {
          assert.deepEqual([result.id, result.state, result.findings], [result.id, 'passed', []]);
          played += 1;
        }
        assert.ok(played >= count);
      });
    }
  });

  const specs = resolve(import.meta.dirname, '../../../../shared/vendor-specs');
  const files = existsSync(specs)
    ? ['hubspot', 'slack', 'discord'].flatMap((vendor) =>
        readdirSync(join(specs, vendor)).map((name) => ({ vendor, name, path: join(specs, vendor, name) })),
      )
    : [];
  for (const { vendor, name, path } of files) {
    const document = parseOpenApi(readFileSync(path, 'utf8'));
    if (!('paths' in (document as object))) continue;
    it(`are sound for ${vendor}/${name}, which lies beside the repository`, async function () {
      this.timeout(120_000);
      const { manifest, actions } = manifestFromOpenApi(document, { id: vendor });
      assert.equal(actions.length, listOperations(document).length);
      assert.ok(recordingsFromOpenApi(document, { id: vendor }).length > 0);
      assert.deepEqual(await faultsOf(manifest), []);
    });
  }
});
