import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { examinePlugin } from '../../../src/plugins/examine-plugin.ts';
import { connector, declarative, withoutCode } from './connector.ts';

const INPUT: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['email'],
  properties: { email: { type: 'string' }, limit: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
};

async function faultsOf(http: JsonObject, members: JsonObject = {}, manifest: JsonObject = {}): Promise<readonly string[]> {
  const action = declarative(http, { input: INPUT, ...members });
  const { faults } = await examinePlugin(withoutCode(connector('api.acme.example', { go: action }, manifest)));
  const under = '/contributes/actions/go';
  return faults.map(({ pointer, message, suggestion }) => {
    const at = pointer.startsWith(under) ? `~${pointer.slice(under.length)}` : pointer;
    return `${at}: ${message}${suggestion === undefined ? '' : ` -> ${suggestion}`}`;
  });
}

const GET: JsonObject = { method: 'GET', path: '/a' };

describe('the check of declarative actions', () => {
  it('finds nothing wrong with a sound one', async () => {
    const http = {
      method: 'POST',
      path: '/contacts/${{ input.email }}',
      query: { limit: '${{ input.limit }}', region: '${{ connection.region }}' },
      headers: { 'X-Tags': '${{ input.tags.join(",") }}' },
      body: { email: '${{ input.email }}', tags: ['${{ input.tags[0] }}'] },
      output: { id: '${{ response.body.id }}', count: '${{ input.tags.size() }}' },
      errors: [{ status: [400, 404], when: 'response.body.code == "gone"', code: 'NOT_FOUND', details: { code: 'response.body.code' } }],
    };
    const output = {
      type: 'object',
      additionalProperties: false,
      required: ['id'],
      properties: { id: { type: 'string' }, count: { type: 'integer' } },
    };
    assert.deepEqual(await faultsOf(http, { effect: 'write', idempotency: 'natural', output }), []);
  });

  const CASES: readonly (readonly [string, JsonObject, readonly string[], JsonObject?, JsonObject?])[] = [
    [
      'a field that the input does not have, with its place',
      { method: 'GET', path: '/a/${{ input.emial }}' },
      ['~/http/path: `input` has no field `emial`. (character 7 of `input.emial`) -> email'],
    ],
    [
      'a root that is misspelt',
      { ...GET, query: { q: 'x ${{ inptu.email }}' } },
      [
        '~/http/query/q: There is no `inptu`; expressions here read input, connection, settings, idempotencyKey. (character 1 of `inptu.email`) -> input',
      ],
    ],
    [
      'an answer that is read before there is one',
      { ...GET, headers: { 'X-A': '${{ response.status }}' } },
      [
        '~/http/headers/X-A: `response` cannot be read here, only input, connection, settings, idempotencyKey. (character 1 of `response.status`)',
      ],
    ],
    [
      'what does not parse',
      { method: 'POST', path: '/a', body: { deep: [{ a: '${{ input.email + }}' }] } },
      ['~/http/body/deep/0/a: Unexpected token: EOF. (character 14 of `input.email +`)'],
      { effect: 'write', idempotency: 'natural' },
    ],
    ['an opening without its end', { ...GET, query: { q: 'a ${{ input.email' } }, ['~/http/query/q: `${{` has no `}}`. (character 3)']],
    [
      'types that do not go together',
      { ...GET, query: { q: '${{ input.email * 2 }}' } },
      ['~/http/query/q: These types do not go together: string * int. (character 1 of `input.email * 2`)'],
    ],
    [
      'a secret of the connection',
      { ...GET, query: { q: '${{ connection.apiKey }}' } },
      ['~/http/query/q: `connection` has no field `apiKey`. (character 12 of `connection.apiKey`)'],
    ],
    [
      'output that the schema does not have, and output that it requires',
      { ...GET, output: { idd: '${{ response.body.id }}' } },
      [
        '~/http/output/idd: is not in the schema, which allows no other members -> id',
        '~/http/output: lacks id, which the schema requires -> idd',
      ],
      { output: { type: 'object', additionalProperties: false, required: ['id'], properties: { id: { type: 'string' } } } },
    ],
    [
      'output of another type',
      { ...GET, output: { id: '${{ response.status }}' } },
      ['~/http/output/id: gives a number, where the schema wants string'],
      { output: { type: 'object', properties: { id: { type: 'string' } } } },
    ],
    [
      'a condition that is none, and a code that is unknown',
      { ...GET, errors: [{ when: 'response.status', code: 'UPSTREAM_REJETED' }] },
      [
        '~/http/errors/0/code: is neither among UPSTREAM_THROTTLED, UPSTREAM_UNAVAILABLE, UPSTREAM_REJECTED, UPSTREAM_UNAUTHORIZED, NOT_FOUND, ALREADY_EXISTS, CONFLICT nor in `errors` -> UPSTREAM_REJECTED',
        '~/http/errors/0/when: has to give `true` or `false`; this gives a number',
      ],
    ],
    [
      'braces around an expression by itself',
      { ...GET, paging: { by: 'cursor', parameter: 'after', items: '${{ response.body.results }}', next: 'response.body.next' } },
      ['~/http/paging/items: This is an expression by itself: write it without `${{ }}`. (character 1 of `${{ response.body.results }}`)'],
    ],
    [
      'paging without its parts',
      { ...GET, paging: { by: 'cursor', items: 'input.email' } },
      [
        '~/http/paging: needs `next` to page by cursor',
        '~/http/paging: needs `parameter`, or a template that reads `cursor`',
        '~/http/paging/items: has to give a list; this gives text',
      ],
    ],
    [
      'credentials in a header',
      { ...GET, headers: { authorization: 'Bearer x' } },
      ["~/http/headers/authorization: holds credentials: put them in by the connection's `inject`"],
    ],
    ['a header of the hub', { ...GET, headers: { Host: 'evil.example' } }, ['~/http/headers/Host: is set by the hub itself']],
    [
      'a host that no permission names',
      { method: 'GET', url: 'https://evil.example/a' },
      ['~/http/url: leads to evil.example, which is not among permissions.hosts'],
    ],
    [
      'a host that the input decides about',
      { method: 'GET', url: 'https://${{ input.email }}/a' },
      ['~/http/url: `input` cannot be read here, only connection, settings. (character 1 of `input.email`)'],
    ],
    [
      'an address that the input decides about',
      { method: 'GET', url: '${{ input.email }}/a' },
      ['~/http/url: `input` cannot be read here, only connection, settings. (character 1 of `input.email`)'],
    ],
    [
      'a base from the connection that no permission names',
      { method: 'GET', url: '${{ connection.region }}/a' },
      ['~/http/url: takes its host from `connection.region`, which permissions.hosts does not name -> { "connectionField": "region" }'],
    ],
    [
      'a query in the path',
      { method: 'GET', path: '/a?b=${{ input.email }}' },
      ['~/http/path: A path holds no `?` and no `#`: parameters go under `query`.'],
    ],
    ['a path that leads up', { method: 'GET', path: '/a/../b' }, ['~/http/path: The path holds `.` or `..` as a part.']],
    ['a body with GET', { ...GET, body: {} }, ['~/http/body: is not sent with GET']],
    [
      'two bodies',
      { method: 'POST', path: '/a', body: {}, text: '' },
      ['~/http: sends one body, not body and text'],
      { effect: 'write', idempotency: 'natural' },
    ],
    ['no address at all', { method: 'GET' }, ['~/http: needs a `path`, or a `url`']],
    [
      'a key that goes nowhere',
      { method: 'POST', path: '/a' },
      ['~/idempotency: is `key`, and no part of the request holds the key -> http.idempotencyKey'],
      { effect: 'write', idempotency: 'key' },
    ],
    [
      'a check that is missing',
      { method: 'POST', path: '/a' },
      ['~/http: needs `check`: idempotency is `check`'],
      { effect: 'write', idempotency: 'check' },
    ],
    [
      'a permit without a send',
      { ...GET, query: { to: '${{ permit.address }}' } },
      [
        '~/http/query/to: `permit` cannot be read here, only input, connection, settings, idempotencyKey. (character 1 of `permit.address`)',
      ],
    ],
    [
      'a connection that is read without permission',
      { ...GET, query: { region: '${{ connection.region }}' } },
      ['~/http/query/region: reads the connection, and permissions.connections does not name account -> account'],
      {},
      { permissions: { hosts: ['api.acme.example'] } },
    ],
    [
      'faults of the defaults',
      GET,
      [
        '/http/baseUrl: leads to api.acme.exmaple, which is not among permissions.hosts -> api.acme.example',
        '/http/errors/0/when: `response` has no field `stauts`. (character 10 of `response.stauts == 1`) -> status',
      ],
      {},
      { http: { baseUrl: 'https://api.acme.exmaple', errors: [{ when: 'response.stauts == 1', code: 'NOT_FOUND' }] } },
    ],
  ];

  for (const [title, http, expected, members, manifest] of CASES) {
    it(`finds ${title}`, async () => {
      assert.deepEqual(await faultsOf(http, members, manifest), expected);
    });
  }
});
