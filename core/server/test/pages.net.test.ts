import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEYS } from './fake-hub.ts';
import { serve } from './served.ts';
import type { Answer, Served } from './served.ts';

const page = { accept: 'text/html' };

function cookieOf(answer: Answer): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

async function openSession(served: Served): Promise<string> {
  return cookieOf(await served.ask('GET', `/open?token=${served.server.createLoginToken()}`, { key: null }));
}

describe('sessions', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  it('open by the printed link', async () => {
    const answer = await served.ask('GET', `/open?token=${served.server.createLoginToken()}`, { key: null });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/']);
    assert.match(answer.headers.getSetCookie()[0] ?? '', /^tendril_session=.*HttpOnly; SameSite=Lax$/i);
    assert.equal((await served.ask('GET', '/v1/events', { key: null, headers: { cookie: cookieOf(answer) } })).status, 200);
  });

  it('outlive a restart with the same secret, and no other', async () => {
    const cookie = await openSession(served);
    const restarted = await serve();
    assert.equal((await restarted.ask('GET', '/v1/session', { key: null, headers: { cookie } })).json['kind'], 'session');
    await restarted.close();
    const other = await serve({ sessionSecret: 'another secret of at least thirty-two' });
    assert.equal((await other.ask('GET', '/v1/session', { key: null, headers: { cookie } })).status, 401);
    await other.close();
  });

  it('need a token that is ours, whole and young', async () => {
    const good = served.server.createLoginToken();
    const bad = ['', 'x', 'a.b', `${good}x`, good.replace('.', '.A'), served.server.createLoginToken({ ttlSeconds: -1 })];
    for (const token of bad) {
      const answer = await served.ask('GET', `/open?token=${encodeURIComponent(token)}`, { key: null });
      assert.equal(answer.status, 401);
      assert.deepEqual(answer.headers.getSetCookie(), []);
    }
  });

  it('end after their time', async () => {
    let now = Date.now();
    const aging = await serve({ clock: { now: () => now } });
    const cookie = await openSession(aging);
    now += 13 * 60 * 60 * 1_000;
    assert.equal((await aging.ask('GET', '/v1/events', { key: null, headers: { cookie } })).status, 401);
    await aging.close();
  });

  it('end when asked to, wherever the cookie went', async () => {
    const cookie = await openSession(served);
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    assert.equal((await served.ask('DELETE', '/v1/session', { key: null, headers })).status, 204);
    assert.equal((await served.ask('GET', '/v1/events', { key: null, headers })).json['code'], 'SESSION_MISSING');
  });

  it('refuse changed cookies', async () => {
    const cookie = await openSession(served);
    for (const changed of [cookie.replace('s%3A', 's%3AA'), cookie.slice(0, -3), 'tendril_session=s%3AW10.x.y']) {
      assert.equal((await served.ask('GET', '/v1/events', { key: null, headers: { cookie: changed } })).status, 401);
    }
  });

  it('change nothing at the wish of another site', async () => {
    const cookie = await openSession(served);
    const pause = (headers: Record<string, string>) =>
      served.ask('POST', '/v1/governor/pause', { key: null, headers: { cookie, ...headers } });
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      {},
    ]) {
      assert.equal((await pause(headers)).json['code'], 'ORIGIN_REFUSED');
    }
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: served.url }, { 'x-tendril-csrf': '1' }]) {
      assert.equal((await pause(headers)).status, 200);
    }
  });

  it('have Secure cookies behind https', async () => {
    const secure = await serve({ publicUrl: 'https://hub.example' });
    const answer = await secure.ask('GET', `/open?token=${secure.server.createLoginToken()}`, { key: null });
    // Over plain http the cookie is not even sent; the proxy that ended TLS says so.
    assert.deepEqual(answer.headers.getSetCookie(), []);
    const proxied = await secure.ask('GET', `/open?token=${secure.server.createLoginToken()}`, {
      key: null,
      headers: { 'x-forwarded-proto': 'https' },
    });
    assert.match(proxied.headers.getSetCookie()[0] ?? '', /; Secure/i);
    assert.match(proxied.headers.get('strict-transport-security') ?? '', /max-age/);
    await secure.close();
  });
});

describe('the unsubscribe page', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  it('asks first, says whom it is about, and never acts on looking', async () => {
    const answer = await served.ask('GET', '/u/acme.good', { key: null, headers: page });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /a…@example\.invalid&lt;b&gt;/);
    assert.match(answer.text, /<form method="post"><button type="submit"/);
    assert.ok(!answer.text.includes('<script'));
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.deepEqual(served.hub.unsubscribed, []);
  });

  it('acts on one click of a mail provider and on its own button, as often as sent', async () => {
    for (const raw of ['List-Unsubscribe=One-Click', 'confirm=yes']) {
      const answer = await served.ask('POST', '/u/acme.good', {
        key: null,
        raw,
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://mail.example' },
      });
      assert.equal(answer.status, 200);
      assert.match(answer.text, /You are unsubscribed/);
    }
    assert.deepEqual(served.hub.unsubscribed, ['acme.good', 'acme.good']);
  });

  it('says so when a link is not known', async () => {
    for (const token of ['acme.bad', 'nobody.x', 'x', '%3Cscript%3E']) {
      for (const method of ['GET', 'POST']) assert.equal((await served.ask(method, `/u/${token}`, { key: null })).status, 404);
    }
  });

  it('is not there to be tried often', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 40 }, () => served.ask('GET', '/u/acme.bad', { key: null }).then(({ status }) => status)),
    );
    assert.ok(statuses.includes(429));
  });

  it('counts by the address that the last known proxy saw, not by what the client says', async () => {
    const proxied = await serve({ proxyHops: 1 });
    const ask = (forwarded: string) => proxied.ask('GET', '/u/acme.bad', { key: null, headers: { 'x-forwarded-for': forwarded } });
    const liar = await Promise.all(
      Array.from({ length: 40 }, (_, index) => ask(`10.0.0.${String(index)}, 1.1.1.1`).then(({ status }) => status)),
    );
    assert.ok(liar.includes(429));
    assert.equal((await ask('2.2.2.2')).status, 404);
    await proxied.close();
  });
});

describe('health and figures', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  it('say that the process answers and whether it takes work', async () => {
    assert.deepEqual((await served.ask('GET', '/healthz', { key: null })).json, { status: 'ok' });
    assert.equal((await served.ask('GET', '/readyz', { key: null })).status, 200);
    served.hub.currentHealth = { ...served.hub.currentHealth, isReady: false, reasons: ['the log store cannot be reached'] };
    const answer = await served.ask('GET', '/readyz', { key: null });
    assert.equal(answer.status, 503);
    assert.deepEqual(answer.json, { isReady: false, reasons: ['the log store cannot be reached'], faultCount: 1 });
  });

  it('name faults of plugins to a key or session only', async () => {
    assert.equal((await served.ask('GET', '/readyz', { key: null })).json['faults'], undefined);
    assert.equal((await served.ask('GET', '/readyz', { key: 'sk_unknown' })).json['faults'], undefined);
    assert.equal(((await served.ask('GET', '/readyz', { key: KEYS.reader })).json['faults'] as unknown[]).length, 1);
  });

  it('render the figures of server, process and hub for Prometheus', async () => {
    await served.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u' } });
    await served.ask('GET', '/v1/runs/run-1');
    const { text } = await served.ask('GET', '/metrics', { key: null });
    assert.match(text, /tendril_http_requests_total\{route="\/v1\/track",method="POST",status="200"\} 1/);
    assert.match(text, /tendril_http_request_duration_seconds_bucket\{le="0.01",route="\/v1\/runs\/:id"/);
    assert.match(text, /tendril_events_accepted_total\{tenant="acme"\} 1/);
    assert.match(text, /nodejs_eventloop_lag_seconds/);
    assert.match(text, /process_resident_memory_bytes/);
  });

  it('are all that a process answers that only works', async () => {
    const worker = await serve({ answersOnlyHealth: true });
    assert.equal((await worker.ask('GET', '/healthz', { key: null })).status, 200);
    assert.equal((await worker.ask('GET', '/readyz', { key: null })).status, 200);
    assert.equal((await worker.ask('GET', '/metrics', { key: null })).status, 200);
    assert.equal((await worker.ask('GET', '/v1/runs/run-1')).status, 404);
    assert.equal((await worker.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u' } })).status, 404);
    await worker.close();
  });

  it('keep figures to keys in production', async () => {
    const production = await serve({ isProduction: true });
    assert.equal((await production.ask('GET', '/metrics', { key: null })).status, 401);
    assert.equal((await production.ask('GET', '/metrics', { key: KEYS.reader })).status, 200);
    // Figures are of all tenants: a customer's key does not show them.
    assert.equal((await production.ask('GET', '/metrics', { key: KEYS.otherAdmin })).status, 403);
    await production.close();
  });

  it('explain codes of the catalogue', async () => {
    assert.equal((await served.ask('GET', '/errors/KEY_INVALID', { key: null })).json['status'], 401);
    assert.equal((await served.ask('GET', '/errors/constructor', { key: null })).status, 404);
  });
});

describe('the dashboard', () => {
  let folder: string;
  let served: Awaited<ReturnType<typeof serve>>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dashboard-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>Dashboard</title>');
    await writeFile(join(folder, 'assets', 'main-1.js'), '1;');
    await writeFile(join(folder, 'icon.svg'), '<svg/>');
    served = await serve({ dashboardFolder: folder });
  });
  after(async () => {
    await served.close();
    await rm(folder, { recursive: true });
  });

  it('answers addresses of screens with its page, to sessions', async () => {
    const cookie = await openSession(served);
    for (const path of ['/', '/leads', '/runs/run-1']) {
      const answer = await served.ask('GET', path, { key: null, headers: { ...page, cookie } });
      assert.equal(answer.status, 200);
      assert.match(answer.text, /Dashboard/);
      assert.match(answer.headers.get('content-security-policy') ?? '', /script-src 'self';style-src 'self'/);
    }
  });

  it('tells others how to open it', async () => {
    const answer = await served.ask('GET', '/leads', { key: null, headers: page });
    assert.equal(answer.status, 401);
    assert.match(answer.text, /tendril start/);
  });

  it('serves its files, keeps those with a hash for ever, and leaves the API alone', async () => {
    const script = await served.ask('GET', '/assets/main-1.js', { key: null });
    assert.match(script.headers.get('cache-control') ?? '', /immutable/);
    assert.equal((await served.ask('GET', '/icon.svg', { key: null })).status, 200);
    assert.equal((await served.ask('GET', '/assets/none.js', { key: null, headers: page })).status, 404);
    assert.equal((await served.ask('GET', '/v1/nothing', { headers: page })).json['code'], 'ROUTE_UNKNOWN');
  });
});
