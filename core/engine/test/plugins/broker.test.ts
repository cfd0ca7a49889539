import assert from 'node:assert/strict';
import { systemTimers } from '../../src/environment.ts';
import { isPublicAddress, literalAddress } from '../../src/plugins/broker/addresses.ts';
import { createLimiter } from '../../src/plugins/broker/limiter.ts';
import { compilePermittedHosts } from '../../src/plugins/broker/permitted-hosts.ts';
import { readRetryAfterMs } from '../../src/plugins/broker/retry-after.ts';
import { TestClock } from './fixture.ts';

describe('addresses', () => {
  it('are public or not, however they are written', () => {
    for (const address of ['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '::ffff:8.8.8.8', '64:ff9b::808:808']) {
      assert.equal(isPublicAddress(address), true, address);
    }
    for (const address of [
      '127.0.0.1',
      '127.255.255.254',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.0.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      'fe80::1%eth0',
      'fd00::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:169.254.169.254',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '::7f00:1',
      'not an address',
    ]) {
      assert.equal(isPublicAddress(address), false, address);
    }
  });

  it('are recognised in the spellings that resolvers take', () => {
    for (const spelling of [
      '127.0.0.1',
      '2130706433',
      '0x7f000001',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
      '[::ffff:127.0.0.1]',
      '::ffff:7f00:1',
    ]) {
      assert.equal(literalAddress(spelling), '127.0.0.1', spelling);
    }
    for (const name of ['example.com', 'localhost', '127.0.0.1.example.com', '']) assert.equal(literalAddress(name), undefined, name);
  });
});

describe('permitted hosts', () => {
  const context = {
    connection: { url: 'https://eu.example:8443/api', host: 'mail.example', place: 'queue.example:5671' },
    input: { to: { url: 'http://hook.example/x' } },
  };
  const hosts = compilePermittedHosts([
    'api.example.com',
    '*.force.example',
    'smtp.example:587',
    { connectionField: 'url' },
    { connectionField: 'host' },
    { connectionField: 'place' },
    { inputField: '/to/url' },
  ]);
  const permits = (host: string, port?: number): boolean => hosts.find(host, port, context) !== undefined;

  it('are names with their ports', () => {
    assert.ok(permits('api.example.com', 443) && permits('API.example.com.', 80) && permits('api.example.com'));
    assert.ok(permits('a.force.example', 443) && permits('a.b.force.example', 443));
    assert.ok(permits('smtp.example', 587));
    for (const [host, port] of [
      ['api.example.com', 22],
      ['api.example.com.evil.example', 443],
      ['force.example', 443],
      ['evilforce.example', 443],
      ['smtp.example', 25],
    ] as const) {
      assert.equal(permits(host, port), false, host);
    }
  });

  it('are places of the connection and the input', () => {
    assert.ok(
      permits('eu.example', 8443) && permits('mail.example', 2525) && permits('queue.example', 5671) && permits('hook.example', 80),
    );
    assert.ok(!permits('eu.example', 443) && !permits('queue.example', 443) && !permits('hook.example', 443));
    assert.equal(hosts.find('hook.example', 80, context)?.mayHoldCredentials, false);
    assert.equal(hosts.find('eu.example', 8443, context)?.mayHoldCredentials, true);
    const empty = { connection: {}, input: {} };
    const given = (pattern: string, port: number): boolean | undefined =>
      compilePermittedHosts([pattern]).find('api.example', port, empty)?.mayHoldCredentials;
    assert.deepEqual([given('api.example', 443), given('api.example', 80), given('api.example:80', 80)], [true, false, true]);
    const ofAccount = compilePermittedHosts(['api.example', { connectionField: 'url' }]);
    assert.equal(ofAccount.find('api.example', 80, { ...empty, connection: { url: 'http://api.example' } })?.mayHoldCredentials, true);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  const read = (headers: Readonly<Record<string, string>>, declared: readonly string[] = []): number | undefined =>
    readRetryAfterMs((name) => headers[name], declared, now);

  it('is seconds, a date, or what the declared headers say', () => {
    assert.equal(read({ 'retry-after': '3' }), 3_000);
    assert.equal(read({ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }), 10_000);
    assert.equal(read({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }), 0);
    assert.equal(read({ 'x-reset': String(now / 1_000 + 7) }, ['x-reset']), 7_000);
    assert.equal(read({ 'x-reset': String(now + 7) }, ['x-reset']), 7);
    assert.equal(read({ 'retry-after': 'soon' }), undefined);
    for (const endless of ['300000000', '1e300', 'Infinity', 'Fri, 01 Jan 2100 00:00:00 GMT']) {
      assert.equal(read({ 'retry-after': endless }), 86_400_000, endless);
    }
    assert.equal(read({}), undefined);
  });
});

describe('the limiter', () => {
  const { signal } = new AbortController();
  const impatient = { patienceMs: 0, signal };

  it('keeps a rate in every window, not only on average', async () => {
    const clock = new TestClock();
    const limiter = createLimiter({ clock, timers: systemTimers });
    const rate = { limit: 2, perMs: 1_000 };
    await limiter.acquire('a', rate, impatient);
    clock.advance(900);
    await limiter.acquire('a', rate, impatient);
    await assert.rejects(
      limiter.acquire('a', rate, impatient),
      (error: { details: object }) => JSON.stringify(error.details) === '{"retryAfterMs":100,"by":"hub"}',
    );
    await limiter.acquire('b', rate, impatient);
    clock.advance(100);
    await limiter.acquire('a', rate, impatient);
    await assert.rejects(limiter.acquire('a', rate, impatient), { code: 'UPSTREAM_THROTTLED' });
  });

  it('keeps concurrency, and gives a place back once', async () => {
    const limiter = createLimiter({ clock: new TestClock(), timers: systemTimers });
    const rate = { limit: 100, perMs: 1_000, concurrency: 1 };
    const leave = await limiter.acquire('a', rate, impatient);
    await assert.rejects(limiter.acquire('a', rate, impatient), { code: 'UPSTREAM_THROTTLED' });
    leave();
    leave();
    await limiter.acquire('a', rate, impatient);
    await assert.rejects(limiter.acquire('a', rate, impatient), { code: 'UPSTREAM_THROTTLED' });
  });
});
