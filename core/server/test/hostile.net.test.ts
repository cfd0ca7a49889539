import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { KEYS } from './fake-hub.ts';
import { serve } from './served.ts';
import type { AskOptions } from './served.ts';

interface HostileInput {
  readonly name: string;
  readonly path?: string;
  readonly options: AskOptions;
  readonly status: number;
  readonly code: string;
}

const gzip = { 'content-encoding': 'gzip' };
const single = (value: unknown): AskOptions => ({ key: KEYS.write, body: value });
const raw = (value: string | Uint8Array, headers = {}): AskOptions => ({ key: KEYS.write, raw: value, headers });
const zeros = Buffer.alloc(50 * 1024 * 1024, 0x20);

const INPUTS: readonly HostileInput[] = [
  { name: 'no body', options: raw(''), status: 400, code: 'REQUEST_MALFORMED' },
  { name: 'half a JSON text', options: raw('{"userId":"u"'), status: 400, code: 'REQUEST_MALFORMED' },
  { name: 'NaN', options: raw('{"userId":"u","properties":{"n":NaN}}'), status: 400, code: 'REQUEST_MALFORMED' },
  {
    name: 'a number that no double holds',
    options: raw('{"userId":"u","properties":{"n":1e999}}'),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'bad UTF-8',
    options: raw(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'an overlong encoding',
    options: raw(Buffer.concat([Buffer.from('{"userId":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  { name: 'null', options: raw('null'), status: 400, code: 'REQUEST_MALFORMED' },
  { name: 'an array', options: raw('[]'), status: 400, code: 'REQUEST_MALFORMED' },
  { name: 'a text', options: raw('"x"'), status: 400, code: 'REQUEST_MALFORMED' },
  {
    name: 'a prototype key',
    options: raw('{"userId":"u","properties":{"__proto__":{"isAdmin":true}}}'),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'an escaped prototype key',
    options: raw('{"userId":"u","properties":{"\\u005f_proto__":1}}'),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'a constructor with a prototype',
    options: raw('{"userId":"u","constructor":{"prototype":{"a":1}}}'),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'nesting of 1,000 levels',
    options: raw(`{"userId":"u","properties":${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}}`),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'a bomb of 240,000 brackets',
    path: '/v1/batch',
    options: raw(`{"context":{"a":${'['.repeat(120_000)}${']'.repeat(120_000)}},"batch":[{}]}`),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'a batch that is no array',
    path: '/v1/batch',
    options: single({ batch: { length: 3 } }),
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  { name: 'an empty batch', path: '/v1/batch', options: single({ batch: [] }), status: 400, code: 'REQUEST_MALFORMED' },
  {
    name: 'an event of 33 KB',
    options: single({ userId: 'u', properties: { text: 'x'.repeat(33 * 1024) } }),
    status: 413,
    code: 'EVENT_TOO_LARGE',
  },
  {
    name: 'a batch of 501 KB',
    path: '/v1/batch',
    options: single({ batch: [{ type: 'track', userId: 'x'.repeat(501 * 1024) }] }),
    status: 413,
    code: 'BATCH_TOO_LARGE',
  },
  { name: 'a body of 10 MB', path: '/v1/batch', options: raw(Buffer.alloc(10 * 1024 * 1024, 0x61)), status: 413, code: 'BATCH_TOO_LARGE' },
  { name: 'a zip bomb', path: '/v1/batch', options: raw(gzipSync(zeros), gzip), status: 413, code: 'BATCH_TOO_LARGE' },
  { name: 'broken gzip', options: raw('not gzip', gzip), status: 400, code: 'REQUEST_MALFORMED' },
  { name: 'gzip cut short', options: raw(gzipSync('{"userId":"u"}').subarray(0, 15), gzip), status: 400, code: 'REQUEST_MALFORMED' },
  { name: 'another encoding', options: raw('{}', { 'content-encoding': 'br' }), status: 400, code: 'REQUEST_MALFORMED' },
  { name: 'no key', options: { key: null, body: { userId: 'u' } }, status: 401, code: 'KEY_MISSING' },
  {
    name: 'a key that is no text',
    options: { key: null, body: { userId: 'u', writeKey: { $ne: null } } },
    status: 401,
    code: 'KEY_MISSING',
  },
  { name: 'an unknown key', options: { key: 'wk_unknown', body: { userId: 'u' } }, status: 401, code: 'KEY_INVALID' },
  { name: 'a secret key', options: { key: KEYS.admin, body: { userId: 'u' } }, status: 403, code: 'KEY_SCOPE_MISSING' },
  { name: 'an unknown path', path: '/v1/tracks', options: single({}), status: 404, code: 'ROUTE_UNKNOWN' },
];

const API_INPUTS: readonly (HostileInput & { readonly method: string })[] = [
  {
    name: 'a name that does not decode',
    method: 'PUT',
    path: '/v1/schemas/%E0%A4%A',
    options: { body: { schema: {} } },
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'an unknown key of the body',
    method: 'PUT',
    path: '/v1/schemas/A',
    options: { body: { schema: {}, more: 1 } },
    status: 422,
    code: 'INPUT_INVALID',
  },
  { name: 'a missing key of the body', method: 'PUT', path: '/v1/schemas/A', options: { body: {} }, status: 422, code: 'INPUT_INVALID' },
  {
    name: 'a prototype key',
    method: 'PUT',
    path: '/v1/schemas/A',
    options: { raw: '{"schema":{"__proto__":{}}}', headers: { 'content-type': 'application/json' } },
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'a body of 2 MB',
    method: 'PUT',
    path: '/v1/schemas/A',
    options: { raw: Buffer.alloc(2 * 1024 * 1024, 0x61), headers: { 'content-type': 'application/json' } },
    status: 413,
    code: 'REQUEST_TOO_LARGE',
  },
  {
    name: 'a body that is a form',
    method: 'PUT',
    path: '/v1/schemas/A',
    options: { raw: 'schema=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'YAML where there is none',
    method: 'PUT',
    path: '/v1/schemas/A',
    options: { raw: 'a: 1', headers: { 'content-type': 'text/yaml' } },
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    name: 'bad UTF-8 in YAML',
    method: 'POST',
    path: '/v1/pipelines',
    options: { raw: Buffer.from([0xff]), headers: { 'content-type': 'text/yaml' } },
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  { name: 'an unknown question', method: 'GET', path: '/v1/events?nme=x', options: {}, status: 422, code: 'INPUT_INVALID' },
  { name: 'a limit of 0', method: 'GET', path: '/v1/events?limit=0', options: {}, status: 422, code: 'INPUT_INVALID' },
  { name: 'a limit that is no number', method: 'GET', path: '/v1/events?limit=many', options: {}, status: 422, code: 'INPUT_INVALID' },
  { name: 'a limit said twice', method: 'GET', path: '/v1/events?limit=1&limit=2', options: {}, status: 422, code: 'INPUT_INVALID' },
  { name: 'an unknown state', method: 'GET', path: '/v1/runs?state=lost', options: {}, status: 422, code: 'INPUT_INVALID' },
  { name: 'a cursor of somebody else', method: 'GET', path: '/v1/actions?cursor=-1', options: {}, status: 422, code: 'INPUT_INVALID' },
  {
    name: 'an idempotency key with spaces',
    method: 'POST',
    path: '/v1/actions/leads.score',
    options: { body: { input: {} }, headers: { 'idempotency-key': 'a b' } },
    status: 422,
    code: 'INPUT_INVALID',
  },
  { name: 'no key', method: 'GET', path: '/v1/events', options: { key: null }, status: 401, code: 'KEY_MISSING' },
  { name: 'a write key', method: 'GET', path: '/v1/events', options: { key: KEYS.write }, status: 403, code: 'KEY_SCOPE_MISSING' },
  {
    name: 'a reader who writes',
    method: 'POST',
    path: '/v1/governor/pause',
    options: { key: KEYS.reader },
    status: 403,
    code: 'KEY_SCOPE_MISSING',
  },
  { name: 'another method', method: 'PATCH', path: '/v1/events', options: {}, status: 404, code: 'ROUTE_UNKNOWN' },
  { name: 'a way out of the folder', method: 'GET', path: '/..%2f..%2fetc%2fpasswd', options: {}, status: 404, code: 'ROUTE_UNKNOWN' },
];

describe('hostile input', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  before(async () => void (served = await serve()));
  after(() => served.close());

  for (const { name, path = '/v1/track', options, status, code } of INPUTS) {
    it(`refuses ${name} at ingest`, async () => {
      const answer = await served.ask('POST', path, options);
      assert.equal(answer.status, status);
      assert.equal(answer.json['code'], code);
      assert.equal(served.hub.accepted.length, 0);
    });
  }

  for (const { name, method, path = '', options, status, code } of API_INPUTS) {
    it(`refuses ${name} at the API`, async () => {
      const answer = await served.ask(method, path, options);
      assert.equal(answer.status, status);
      assert.equal(answer.json['code'], code);
    });
  }

  it('tells each problem of an input with its pointer', async () => {
    const answer = await served.ask('POST', '/v1/apps', { body: { name: '', isTest: 'yes', more: 1 } });
    const { problems } = answer.json['details'] as { problems: { pointer: string }[] };
    assert.deepEqual(problems.map(({ pointer }) => pointer).toSorted(), ['/isTest', '/more', '/name']);
  });

  it('shows nothing of a failure of its own, and logs it', async () => {
    const failing = await serve();
    failing.hub.failIngest = new Error('password=hunter2');
    const answer = await failing.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u' } });
    assert.equal(answer.status, 500);
    assert.equal(answer.json['code'], 'INTERNAL');
    assert.ok(!answer.text.includes('hunter2'));
    assert.equal(failing.logged.length, 1);
    assert.ok(!JSON.stringify(failing.logged).includes(KEYS.write));
    await failing.close();
  });

  it('lives on when senders hang up in the middle', async () => {
    const { hostname, port } = new URL(served.url);
    for (const half of [
      'POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"a"',
      'POST /v1/schemas/A HTTP/1.1\r\nhost',
      'garbage\r\n\r\n',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.write(half, () => socket.destroy()));
        socket.on('close', () => resolve());
        socket.on('error', () => undefined);
      });
    }
    assert.equal((await served.ask('GET', '/healthz', { key: null })).status, 200);
    assert.equal(({} as Record<string, unknown>)['isAdmin'], undefined);
    assert.equal(served.logged.length, 0);
  });
});
