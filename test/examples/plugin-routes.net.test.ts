import assert from 'node:assert/strict';
import { enable, startPluginHub, WAYS } from '../support/plugin-hub.ts';
import type { PluginHub, Side } from '../support/plugin-hub.ts';

const PREFIX = '/plugins/status_page';

for (const way of WAYS) {
  describe(`routes of plugins, in the ${way}`, function () {
    this.timeout(60_000);
    let served: PluginHub;
    let acme: Side;
    let globex: Side;
    before(async () => {
      served = await startPluginHub(['status_page'], way);
      acme = await served.side('acme');
      globex = await served.side('globex');
    });
    after(() => served.close());

    const report = (key: string, component: string, body: unknown, headers = {}): ReturnType<PluginHub['ask']> =>
      served.ask('PUT', `${PREFIX}/components/${encodeURIComponent(component)}`, { key, body, headers });

    it('answer for the tenant of the key, of the address, or of the installation', async () => {
      const answer = await report(globex.admin, 'Check out', { state: 'slow', note: '<b>' });
      assert.deepEqual([answer.status, answer.json['state'], answer.json['note']], [200, 'slow', '<b>'], answer.text);
      const own = await served.ask('GET', `/t/globex${PREFIX}/components/Check%20out`);
      assert.deepEqual([own.status, own.json['name']], [200, 'Check out']);
      const other = await served.ask('GET', `${PREFIX}/components/Check%20out`);
      assert.deepEqual([other.status, other.json['code']], [404, 'NOT_FOUND']);
      assert.equal((await served.ask('GET', `/t/nobody${PREFIX}/`)).status, 404);
      const elsewhere = await served.ask('PUT', `/t/globex${PREFIX}/components/x`, { key: acme.admin, body: { state: 'up' } });
      assert.equal(elsewhere.status, 404);
    });

    it('serve pages that share nothing with the dashboard', async () => {
      const page = await served.ask('GET', `/t/globex${PREFIX}/`);
      assert.equal(page.status, 200);
      assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
      assert.match(page.text, /&lt;b&gt;/);
      const policy = page.headers.get('content-security-policy') ?? '';
      assert.match(policy, /^sandbox allow-forms; default-src 'none'/);
      assert.doesNotMatch(policy, /allow-same-origin|allow-scripts|script-src/);
      assert.equal(page.headers.get('set-cookie'), null);
      assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(page.headers.get('cache-control'), 'public, max-age=30');
      assert.equal(page.headers.get('access-control-allow-origin'), null);
    });

    it('ask for the key that the manifest says, and never tell a stranger more', async () => {
      const path = `${PREFIX}/components/a`;
      const body = { state: 'up' };
      const code = async (key: string | undefined): Promise<unknown> =>
        (await served.ask('PUT', path, { body, ...(key === undefined ? {} : { key }) })).json['code'];
      assert.equal(await code(undefined), 'KEY_MISSING');
      assert.equal(await code('sk_wrong'), 'KEY_INVALID');
      assert.equal(await code(acme.write), 'KEY_SCOPE_MISSING');
      const { secret } = await acme.tenant.keys.create({ kind: 'secret', scopes: ['read'] });
      assert.equal(await code(secret), 'KEY_SCOPE_MISSING');
    });

    it('check the body by the schema, its type and its size', async () => {
      const invalid = await report(acme.admin, 'a', { state: 'gone', more: 1 });
      assert.deepEqual([invalid.status, invalid.json['code']], [422, 'INPUT_INVALID']);
      assert.match(invalid.text, /\/state/);
      const path = `${PREFIX}/components/a`;
      const typed = await served.ask('PUT', path, { key: acme.admin, raw: 'state=up', headers: { 'content-type': 'text/plain' } });
      assert.equal(typed.status, 400);
      const form = await served.ask('PUT', path, {
        key: acme.admin,
        raw: 'state=up',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      assert.equal(form.status, 200, form.text);
      const large = await served.ask('PUT', path, { key: acme.admin, raw: `{"state":"up","note":"${'x'.repeat(300_000)}"}` });
      assert.equal(large.status, 413);
      const poisoned = await served.ask('PUT', path, { key: acme.admin, raw: '{"state":"up","__proto__":{"a":1}}' });
      assert.equal(poisoned.status, 400);
    });

    it('answer HEAD and OPTIONS, and nothing else that is not declared', async () => {
      const head = await served.ask('HEAD', `${PREFIX}/`);
      assert.deepEqual([head.status, head.text], [200, '']);
      assert.ok(Number(head.headers.get('content-length')) > 0);
      const preflight = await served.ask('OPTIONS', `${PREFIX}/components/a`, { headers: { origin: 'https://any.example' } });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://any.example');
      assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, HEAD, OPTIONS');
      assert.equal(preflight.headers.get('access-control-allow-credentials'), null);
      for (const [method, path] of [
        ['DELETE', `${PREFIX}/components/a`],
        ['GET', `${PREFIX}/nothing`],
        ['GET', `${PREFIX}/components/a/b`],
        ['GET', '/plugins/unknown/'],
      ] as const) {
        const reply = await served.ask(method, path, { key: acme.admin });
        assert.ok(reply.status === 404, `${method} ${path} ${String(reply.status)} ${reply.text}`);
      }
      const malformed = await served.ask('GET', `${PREFIX}/components/%E0%A4%A`);
      assert.ok(malformed.status === 404 || malformed.status === 400, malformed.text);
    });

    it('are gone while the plugin is disabled', async () => {
      await acme.tenant.plugins.disable('status_page');
      assert.equal((await served.ask('GET', `${PREFIX}/`)).status, 404);
      assert.equal((await report(acme.admin, 'a', { state: 'up' })).status, 404);
      assert.equal((await served.ask('GET', `/t/globex${PREFIX}/`)).status, 200);
      await enable(acme.tenant, 'status_page');
      assert.equal((await served.ask('GET', `${PREFIX}/`)).status, 200);
    });
  });
}
