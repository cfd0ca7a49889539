import assert from 'node:assert/strict';
import type http from 'node:http';
import type { JsonObject } from '@tendril/plugin-api';
import type { HostFixture } from '../fixture.ts';
import { startServer } from '../local-server.ts';
import type { LocalServer } from '../local-server.ts';
import { ACCOUNT, call, connector, declarative, startConnector } from './connector.ts';

async function bodyOf(req: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('declarative actions', () => {
  let server: LocalServer;
  let fixture: HostFixture | undefined;
  /** What the last request was, as the server saw it. */
  beforeEach(async () => {
    server = await startServer((req, res) => {
      void bodyOf(req).then((body) => {
        const { url, method, headers } = req;
        res.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, headers, body }));
      });
    });
  });
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
    await server.close();
  });

  async function run(http: JsonObject, input: JsonObject = {}, members: JsonObject = {}): Promise<JsonObject> {
    await fixture?.host.stop();
    fixture = await startConnector(connector(server.place, { go: declarative(http, members) }), server.place);
    return (await call(fixture, 'go', input)) as JsonObject;
  }

  it('ask with the credentials of the connection, without any code', async () => {
    const seen = await run(
      {
        method: 'GET',
        path: '/contacts/${{ input.id }}',
        query: { q: '${{ input.query }}', limit: 10, region: '${{ connection.region }}' },
      },
      { id: 'a b/c', query: 'x&y' },
    );
    assert.equal(seen['url'], '/v1/contacts/a%20b%2Fc?q=x%26y&limit=10&region=eu');
    assert.equal((seen['headers'] as JsonObject)['authorization'], 'Bearer secret-1');
    assert.equal(fixture?.host.plugin('acme_crm')?.runsIn, 'declarative');
  });

  it('leave out parameters and headers that are null or read a field that is not there', async () => {
    const seen = await run(
      {
        method: 'GET',
        path: '/contacts',
        query: { missing: '${{ input.missing }}', none: '${{ input.none }}', tags: '${{ input.tags }}', filter: '${{ input.filter }}' },
        headers: { 'X-Missing': '${{ input.missing }}', 'X-There': 'a ${{ input.there }}' },
      },
      { none: null, tags: ['a', 'b'], filter: { status: 'open', 'a&b': 1 }, there: 'b' },
    );
    assert.equal(decodeURIComponent(String(seen['url'])), '/v1/contacts?tags=a&tags=b&filter[status]=open&filter[a&b]=1');
    const headers = seen['headers'] as JsonObject;
    assert.equal(headers['x-there'], 'a b');
    assert.equal(headers['x-missing'], undefined);
  });

  it('send JSON, forms, text and files', async () => {
    const json = await run(
      {
        method: 'POST',
        path: '/a',
        body: { email: '${{ input.email }}', none: null, list: ['${{ input.missing }}', 1], deep: { n: '${{ input.n }}' } },
      },
      { email: 'ada@example.invalid', n: 2 },
      { effect: 'write', idempotency: 'natural' },
    );
    assert.deepEqual(JSON.parse(String(json['body'])), { email: 'ada@example.invalid', none: null, list: [1], deep: { n: 2 } });
    assert.equal((json['headers'] as JsonObject)['content-type'], 'application/json');
    const form = await run({ method: 'POST', path: '/a', form: { a: '${{ input.a }}', b: ['x', 'y'], c: { d: 1 } } }, { a: 'ä&=' });
    assert.equal(form['body'], 'a=%C3%A4%26%3D&b=x&b=y&c%5Bd%5D=1');
    assert.match(String((form['headers'] as JsonObject)['content-type']), /^application\/x-www-form-urlencoded/);
    const text = await run(
      { method: 'POST', path: '/a', text: '<a>${{ input.a }}</a>', headers: { 'Content-Type': 'application/xml' } },
      { a: 1 },
    );
    assert.equal(text['body'], '<a>1</a>');
    assert.equal((text['headers'] as JsonObject)['content-type'], 'application/xml');
    const files = await run(
      {
        method: 'POST',
        path: '/a',
        multipart: {
          title: '${{ input.title }}',
          file: { fileName: '../${{ input.title }}.csv', contentType: 'text/csv', base64: '${{ input.content }}' },
        },
      },
      { title: 'list', content: Buffer.from('a,b').toString('base64') },
    );
    assert.match(String(files['body']), /name="title"\r\n\r\nlist\r\n/);
    assert.match(String(files['body']), /name="file"; filename="list.csv"\r\nContent-Type: text\/csv\r\n\r\na,b\r\n/);
  });

  it('hand the key of the work over where the service takes one', async () => {
    const seen = await run({ method: 'POST', path: '/a', idempotencyKey: 'Idempotency-Key' }, {}, { effect: 'write', idempotency: 'key' });
    assert.equal((seen['headers'] as JsonObject)['idempotency-key'], 'test-1');
  });

  it('never show a secret of the connection to an expression', async () => {
    const seen = await run({
      method: 'GET',
      path: '/a',
      query: { all: '${{ toJson(connection) }}', key: '${{ connection["api" + "Key"] }}' },
    });
    assert.equal(decodeURIComponent(String(seen['url'])), '/v1/a?all={"region":"eu"}');
  });

  describe('given values that want to lead elsewhere', () => {
    const LEADING = [
      '..',
      '.',
      '../admin',
      '%2e%2e',
      '..%2fadmin',
      '..\\admin',
      'a/../../admin',
      '%2E%2e/x',
      '',
      'a\r\nX: y',
      'a\0b',
      '\u{d800}',
      null,
      ['a'],
      { a: 1 },
    ];
    for (const value of LEADING) {
      it(`refuse ${JSON.stringify(value)} as a part of the path`, async () => {
        fixture = await startConnector(
          connector(server.place, { go: declarative({ method: 'GET', path: '/contacts/${{ input.id }}/notes' }) }),
          server.place,
        );
        await assert.rejects(call(fixture, 'go', { id: value }), { code: 'ACTION_INPUT_INVALID' });
        assert.equal(server.requests.length, 0);
      });
    }

    for (const value of [
      '?admin=1',
      '#x',
      '//evil.example',
      'https://evil.example/',
      '@evil.example',
      'a;b',
      'a b',
      '%',
      'ä',
      '{}',
      "'",
      '*',
      ':8080',
    ]) {
      it(`keep ${JSON.stringify(value)} one part of the path`, async () => {
        const seen = await run({ method: 'GET', path: '/contacts/${{ input.id }}/notes' }, { id: value });
        const parts = String(seen['url']).split('/');
        assert.deepEqual(parts.slice(0, 3), ['', 'v1', 'contacts']);
        assert.equal(parts.length, 5);
        assert.equal(decodeURIComponent(parts[3] ?? ''), value);
        assert.equal((seen['headers'] as JsonObject)['host'], server.place);
      });
    }

    it('refuse what would become `..` together with what stands beside it', async () => {
      fixture = await startConnector(
        connector(server.place, { go: declarative({ method: 'GET', path: '/a/.${{ input.x }}/b' }) }),
        server.place,
      );
      await assert.rejects(call(fixture, 'go', { x: '.' }), { code: 'ACTION_INPUT_INVALID' });
    });

    it('refuse line breaks in headers', async () => {
      fixture = await startConnector(
        connector(server.place, { go: declarative({ method: 'GET', path: '/a', headers: { 'X-Name': '${{ input.name }}' } }) }),
        server.place,
      );
      for (const name of ['a\r\nX-Evil: 1', 'a\nb', 'a\u0000b', '漢'])
        await assert.rejects(call(fixture, 'go', { name }), { code: 'ACTION_INPUT_INVALID' }, JSON.stringify(name));
      assert.equal(server.requests.length, 0);
    });

    it('take a host from the connection, and nothing that is more than a host', async () => {
      const [, port = ''] = server.place.split(':');
      const manifest = connector(
        `*.acme.example:${port}`,
        { go: declarative({ method: 'GET', path: '/a' }) },
        { http: { baseUrl: `http://\${{ connection.region }}.acme.example:${port}` } },
      );
      fixture = await startConnector(manifest, `eu.acme.example:${port}`);
      const seen = (await call(fixture, 'go')) as JsonObject;
      assert.equal((seen['headers'] as JsonObject)['host'], `eu.acme.example:${port}`);
      for (const region of ['evil.example/', 'evil.example#', 'a@evil', 'x:80', '', 'ä'])
        await assert.rejects(
          call(fixture, 'go', {}, { connection: { ...ACCOUNT, values: { apiKey: 'x', region } } }),
          { code: 'CONNECTION_INVALID' },
          region,
        );
    });
  });
});
