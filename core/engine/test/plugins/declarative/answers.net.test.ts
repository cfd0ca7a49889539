import assert from 'node:assert/strict';
import type http from 'node:http';
import { Readable } from 'node:stream';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { HostFixture } from '../fixture.ts';
import { RUN } from '../fixture.ts';
import { startServer } from '../local-server.ts';
import type { LocalServer } from '../local-server.ts';
import { ACCOUNT, call, connector, declarative, startConnector } from './connector.ts';

type Respond = (req: http.IncomingMessage, res: http.ServerResponse, url: URL) => void;

function json(res: http.ServerResponse, body: unknown, status = 200, headers: http.OutgoingHttpHeaders = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

describe('answers to declarative actions', () => {
  let server: LocalServer;
  let fixture: HostFixture | undefined;
  let respond: Respond;
  beforeEach(async () => {
    respond = (_req, res) => json(res, {});
    server = await startServer((req, res) => respond(req, res, new URL(req.url ?? '', 'http://server')));
  });
  afterEach(async () => {
    await fixture?.host.stop();
    fixture = undefined;
    await server.close();
  });

  async function run(
    http: JsonObject,
    input: JsonObject = {},
    options: {
      readonly members?: JsonObject;
      readonly manifest?: JsonObject;
      readonly timeoutMs?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<unknown> {
    await fixture?.host.stop();
    const { members, manifest, ...rest } = options;
    fixture = await startConnector(
      connector(server.place, { go: declarative({ method: 'GET', path: '/a', ...http }, members) }, manifest),
      server.place,
    );
    return call(fixture, 'go', input, rest);
  }

  async function failure(work: Promise<unknown>): Promise<{ readonly code: string; readonly details: JsonObject }> {
    try {
      await work;
    } catch (error) {
      assert.ok(TendrilError.is(error), String(error));
      return { code: error.code, details: error.details as JsonObject };
    }
    throw new assert.AssertionError({ message: 'it did not fail' });
  }

  describe('in pages', () => {
    const ALL = ['a', 'b', 'c', 'd', 'e'];
    const byTwo = (from: number): readonly string[] => ALL.slice(from, from + 2);

    it('follow a cursor to the end, and concatenate the items', async () => {
      respond = (_req, res, url) => {
        const from = Number(url.searchParams.get('after') ?? 0);
        json(res, { results: byTwo(from), ...(from + 2 < ALL.length && { paging: { next: { after: String(from + 2) } } }) });
      };
      const paging = { by: 'cursor', items: 'response.body.results', next: 'response.body.paging.next.after', parameter: 'after' };
      assert.deepEqual(await run({ paging, query: { limit: 2 } }), { items: ALL, hasMore: false });
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/v1/a?limit=2', '/v1/a?limit=2&after=2', '/v1/a?limit=2&after=4'],
      );
      assert.deepEqual(
        await run({ paging: { ...paging, maxPages: 2 }, output: { names: '${{ items.map(i, i.upperAscii()) }}', more: '${{ hasMore }}' } }),
        { names: ['A', 'B', 'C', 'D'], more: true },
      );
    });

    it('put a cursor into the body', async () => {
      const seen: unknown[] = [];
      respond = (req, res) => {
        let text = '';
        req.on('data', (chunk: Buffer) => (text += chunk.toString()));
        req.on('end', () => {
          seen.push(JSON.parse(text));
          json(res, seen.length === 1 ? { items: [1], next: 'x' } : { items: [2], next: '' });
        });
      };
      const paging = { by: 'cursor', items: 'response.body.items', next: 'response.body.next', parameter: 'cursor', in: 'body' };
      assert.deepEqual(await run({ method: 'POST', body: { q: 1 }, paging }), { items: [1, 2], hasMore: false });
      assert.deepEqual(seen, [{ q: 1 }, { q: 1, cursor: 'x' }]);
    });

    it('follow numbers of pages, offsets, addresses and Link headers', async () => {
      respond = (_req, res, url) => json(res, byTwo((Number(url.searchParams.get('page')) - 1) * 2));
      assert.deepEqual(await run({ paging: { by: 'page', items: 'response.body', parameter: 'page', pageSize: 2 } }), {
        items: ALL,
        hasMore: false,
      });
      respond = (_req, res, url) => json(res, byTwo(Number(url.searchParams.get('offset'))));
      assert.deepEqual(await run({ paging: { by: 'offset', items: 'response.body', parameter: 'offset' } }), {
        items: ALL,
        hasMore: false,
      });
      respond = (_req, res, url) => {
        const from = Number(url.searchParams.get('from') ?? 0);
        json(res, { data: byTwo(from), next: from + 2 < ALL.length ? `/v1/a?from=${from + 2}` : null });
      };
      assert.deepEqual(await run({ paging: { by: 'url', items: 'response.body.data', next: 'response.body.next' } }), {
        items: ALL,
        hasMore: false,
      });
      respond = (_req, res, url) => {
        const from = Number(url.searchParams.get('from') ?? 0);
        const link =
          from + 2 < ALL.length
            ? { link: `<http://${server.place}/v1/a?from=0>; rel="first", <http://${server.place}/v1/a?from=${from + 2}>; rel="next"` }
            : {};
        json(res, byTwo(from), 200, link);
      };
      assert.deepEqual(await run({ paging: { by: 'link', items: 'response.body' } }), { items: ALL, hasMore: false });
    });

    it('do not go round in circles, nor to another host with the credentials', async () => {
      respond = (_req, res) => json(res, { data: [1], next: 'same' });
      const paging = { by: 'cursor', items: 'response.body.data', next: 'response.body.next', parameter: 'c' };
      assert.equal((await failure(run({ paging }))).code, 'UPSTREAM_UNAVAILABLE');
      for (const next of [
        'http://other.example/a',
        '//other.example/a',
        'https://user@other.example/',
        'file:///etc/passwd',
        'http://169.254.169.254/',
      ]) {
        respond = (_req, res) => json(res, { data: [1], next });
        const { code, details } = await failure(run({ paging: { by: 'url', items: 'response.body.data', next: 'response.body.next' } }));
        assert.equal(code, 'UPSTREAM_REJECTED', next);
        assert.match(String(details['reason']), /another host/);
      }
    });

    it('say so when the items are no list', async () => {
      respond = (_req, res) => json(res, { data: { a: 1 } });
      assert.equal((await failure(run({ paging: { by: 'link', items: 'response.body.data' } }))).code, 'ACTION_OUTPUT_INVALID');
    });
  });

  describe('that are errors', () => {
    const STATUSES: readonly (readonly [number, string])[] = [
      [400, 'UPSTREAM_REJECTED'],
      [401, 'UPSTREAM_UNAUTHORIZED'],
      [403, 'UPSTREAM_REJECTED'],
      [404, 'UPSTREAM_REJECTED'],
      [408, 'UPSTREAM_UNAVAILABLE'],
      [429, 'UPSTREAM_THROTTLED'],
      [500, 'UPSTREAM_UNAVAILABLE'],
      [503, 'UPSTREAM_UNAVAILABLE'],
    ];
    for (const [status, code] of STATUSES) {
      it(`know ${status}`, async () => {
        respond = (_req, res) =>
          json(res, { message: 'nobody@example.invalid is wrong' }, status, status === 429 ? { 'retry-after': '7' } : {});
        const failed = await failure(run({}));
        assert.equal(failed.code, code);
        assert.equal(failed.details['retryAfterMs'], status === 429 ? 7_000 : undefined);
        assert.doesNotMatch(JSON.stringify(failed.details), /nobody/);
      });
    }

    it('are told by rules of the action, then by those of the connector; the first that fits counts', async () => {
      respond = (_req, res) => json(res, { ok: false, error: 'ratelimited', until: 5 }, 200, { 'x-wait': '3' });
      const errors = [
        { status: 500, code: 'CONFLICT' },
        { when: 'response.body.nothing.here == 1', code: 'CONFLICT' },
        {
          when: 'response.body.ok == false && response.body.error == "ratelimited"',
          code: 'UPSTREAM_THROTTLED',
          details: { error: 'response.body.error', whole: 'response.body', gone: 'response.body.gone' },
        },
      ];
      const manifest = {
        http: {
          baseUrl: `http://${server.place}/v1`,
          retryAfterHeaders: ['X-Wait'],
          errors: [{ when: 'response.body.ok == false', code: 'UPSTREAM_REJECTED', details: { error: 'response.body.error' } }],
        },
      };
      const throttled = await failure(run({ errors }, {}, { manifest }));
      assert.equal(throttled.code, 'UPSTREAM_THROTTLED');
      assert.equal(throttled.details['retryAfterMs'], 3_000);
      assert.equal(throttled.details['error'], 'ratelimited');
      assert.equal('whole' in throttled.details || 'gone' in throttled.details, false);
      const rejected = await failure(run({}, {}, { manifest }));
      assert.equal(rejected.code, 'UPSTREAM_REJECTED');
    });

    it('may have codes of the manifest', async () => {
      respond = (_req, res) => json(res, {}, 402);
      const manifest = { errors: { CREDIT_EXHAUSTED: { remedy: 'report', text: 'The credit of the account is used up.' } } };
      const { code, details } = await failure(run({ errors: [{ status: 402, code: 'CREDIT_EXHAUSTED' }] }, {}, { manifest }));
      assert.equal(code, 'PLUGIN_FAULTY');
      assert.equal(details['pluginCode'], 'CREDIT_EXHAUSTED');
    });

    it('may be expected', async () => {
      respond = (_req, res) => json(res, { message: 'none' }, 404);
      const output = { isFound: '${{ response.status == 200 }}', id: '${{ response.body.id }}' };
      assert.deepEqual(await run({ accepts: [404], output }), { isFound: false });
    });
  });

  it('may be empty, text, bytes, or not looked at', async () => {
    respond = (_req, res) => res.writeHead(204).end();
    assert.equal(await run({}), null);
    respond = (_req, res) => res.end('ok');
    assert.equal(await run({ responseType: 'text' }), 'ok');
    assert.equal(await run({ responseType: 'base64' }), Buffer.from('ok').toString('base64'));
    assert.deepEqual(await run({ responseType: 'none', output: { status: '${{ response.status }}' } }), { status: 200 });
  });

  it('have to be JSON where JSON is expected, under whatever name', async () => {
    respond = (_req, res) => res.writeHead(200, { 'content-type': 'text/plain' }).end('{"a":1}');
    assert.deepEqual(await run({}), { a: 1 });
    for (const [type, body] of [
      ['text/html', '<h1>Hello</h1>'],
      ['text/html; charset=utf-8', '{"a":1}'],
      ['application/json', '{"a":'],
      ['application/json', 'ok'],
    ] as const) {
      respond = (_req, res) => res.writeHead(200, { 'content-type': type }).end(body);
      assert.equal((await failure(run({}))).code, 'UPSTREAM_UNAVAILABLE', `${type} ${body}`);
    }
  });

  it('of another shape than the output expects are told with the place', async () => {
    respond = (_req, res) => json(res, { name: 5 });
    const { code, details } = await failure(run({ output: { name: '${{ response.body.name.upperAscii() }}' } }));
    assert.equal(code, 'ACTION_OUTPUT_INVALID');
    assert.equal(details['part'], '/http/output');
    assert.equal(details['expression'], 'response.body.name.upperAscii()');
  });

  it('do not pollute anything', async () => {
    respond = (_req, res) =>
      res
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    const output = (await run({ output: { a: 1, b: '${{ response.body.polluted }}' } })) as JsonObject;
    assert.equal('b' in output, false);
    assert.equal((output as { polluted?: unknown }).polluted, undefined);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('that lead to a host that nobody declared are not followed', async () => {
    respond = (_req, res) => res.writeHead(302, { location: 'http://other.example/' }).end();
    assert.equal((await failure(run({}))).code, 'EGRESS_DENIED');
    respond = (_req, res) => res.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    assert.equal((await failure(run({}))).code, 'EGRESS_DENIED');
  });

  it('that are too large, or that never end, are cut off', async () => {
    respond = (_req, res) => json(res, { text: 'x'.repeat(300_000) });
    assert.equal((await failure(run({}))).code, 'UPSTREAM_REJECTED');
    respond = (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      const endless = function* (): Generator<string> {
        for (;;) yield 'x'.repeat(50_000);
      };
      Readable.from(endless()).pipe(res);
    };
    assert.equal((await failure(run({}))).code, 'UPSTREAM_REJECTED');
    respond = (_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).write('{"a":');
    assert.equal((await failure(run({}, {}, { timeoutMs: 100 }))).code, 'ACTION_TIMEOUT');
    respond = (_req, res) => res.destroy();
    assert.equal((await failure(run({}))).code, 'UPSTREAM_UNAVAILABLE');
    respond = (_req, res) => res.writeHead(200, { 'content-type': 'application/json' }).write('{"a":', () => res.destroy());
    assert.equal((await failure(run({}))).code, 'UPSTREAM_UNAVAILABLE');
  });

  it('are not waited for once the call is aborted', async () => {
    const controller = new AbortController();
    respond = () => controller.abort();
    assert.equal((await failure(run({}, {}, { signal: controller.signal }))).code, 'ACTION_ABORTED');
  });

  it('tell whether an effect took place', async () => {
    const check = {
      method: 'GET',
      path: '/orders',
      query: { key: '${{ idempotencyKey }}' },
      happened: 'size(response.body.orders) == 1',
      output: { id: '${{ response.body.orders[0].id }}' },
    };
    const go = declarative({ method: 'POST', path: '/orders', check }, { effect: 'write', idempotency: 'check' });
    fixture = await startConnector(connector(server.place, { go }), server.place);
    const { host, action } = fixture;
    const ask = () => host.runCheck('acme', action('acme_crm.go'), {}, { ...RUN, connection: ACCOUNT });
    respond = (_req, res, url) => json(res, { orders: url.searchParams.get('key') === 'test-1' ? [{ id: 'o1' }] : [] });
    assert.deepEqual(await ask(), { effect: 'happened', output: { id: 'o1' } });
    respond = (_req, res) => json(res, { orders: [] });
    assert.deepEqual(await ask(), { effect: 'absent' });
    respond = (_req, res) => json(res, { another: 'shape' });
    assert.deepEqual(await ask(), { effect: 'unknown' });
  });

  it('become the items of polling triggers', async () => {
    const poll = {
      title: 'New contacts',
      kind: 'poll',
      every: '5m',
      primaryKey: '/id',
      connection: 'account',
      output: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      http: {
        method: 'GET',
        path: '/contacts',
        query: { since: '${{ cursor }}' },
        items: 'response.body.contacts',
        cursor: 'size(items) == 0 ? cursor : items[size(items) - 1].at',
        hasMore: 'response.body.more',
      },
    };
    fixture = await startConnector(connector(server.place, {}, { contributes: { triggers: { new_contacts: poll } } }), server.place);
    const { triggers } = fixture.host;
    const trigger = triggers.find('acme_crm.new_contacts') ?? assert.fail('there is no such trigger');
    const ask = async (cursor: string | undefined) =>
      (await triggers.poll('acme', trigger, cursor, { ...RUN, input: {}, connection: ACCOUNT })).output;
    respond = (_req, res) => json(res, { contacts: [{ id: 'c1', at: '2026-01-02' }], more: true });
    assert.deepEqual(await ask(undefined), { items: [{ id: 'c1', at: '2026-01-02' }], cursor: '2026-01-02', hasMore: true });
    respond = (_req, res) => json(res, { contacts: [] });
    assert.deepEqual(await ask('2026-01-02'), { items: [], cursor: '2026-01-02', hasMore: false });
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ['/v1/contacts', '/v1/contacts?since=2026-01-02'],
    );
  });

  it('make items of what a webhook brought', async () => {
    const push = {
      title: 'Contact created',
      kind: 'push',
      webhook: 'contacts',
      output: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      items: 'webhook.body.events.filter(e, e.type == "contact.created").map(e, e.contact)',
    };
    const contributes = { triggers: { created: push }, webhooks: { contacts: { title: 'Contacts', verify: 'none' } } };
    fixture = await startConnector(connector(server.place, {}, { contributes }), server.place);
    const { triggers } = fixture.host;
    const trigger = triggers.find('acme_crm.created') ?? assert.fail('there is no such trigger');
    const body = {
      events: [
        { type: 'contact.created', contact: { id: 'c1' } },
        { type: 'contact.deleted', contact: { id: 'c2' } },
      ],
    };
    const { output } = await triggers.push(
      'acme',
      trigger,
      { body, rawBody: '', headers: {}, query: {} },
      { ...RUN, input: {}, connection: undefined },
    );
    assert.deepEqual(output, [{ id: 'c1' }]);
  });
});
