import assert from 'node:assert/strict';
import http from 'node:http';
import { KEYS } from './fake-hub.ts';
import { serve } from './served.ts';

function statusOf(url: string, headers: http.OutgoingHttpHeaders): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
  });
}

/** A name of another site that leads to this machine (DNS rebinding) makes its pages the same site to the browser. */
describe('a name that is not ours', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  it('shows nothing that needs no key', async () => {
    for (const path of ['/metrics', '/openapi.json', '/v1/overview', '/open?token=x', '/'])
      assert.equal(await statusOf(served.url + path, { host: 'evil.example' }), 403, path);
    assert.equal(await statusOf(`${served.url}/metrics`, { host: 'evil.example', authorization: 'Bearer x' }), 403);
    for (const host of ['127.0.0.1.evil.example', 'a"b[', '[', 'localhost.evil.example:80', 'x@localhost'])
      assert.equal(await statusOf(`${served.url}/metrics`, { host }), 403, host);
  });

  it('is no hindrance to a key', async () => {
    assert.equal(await statusOf(`${served.url}/v1/overview`, { host: 'hub.internal', authorization: `Bearer ${KEYS.admin}` }), 200);
  });

  it('is told from names that are', async () => {
    for (const host of ['localhost', 'localhost:4000', '127.0.0.1', '127.0.0.1:80', '[::1]:4000', 'hub.localhost:1', '10.0.0.7:4000'])
      assert.equal(await statusOf(`${served.url}/healthz`, { host }), 200, host);
  });

  it('is ours when it is the public one, or a proxy of ours stands before', async () => {
    const publicly = await serve({ publicUrl: 'https://hub.example' });
    const behindProxy = await serve({ proxyHops: 1 });
    try {
      assert.equal(await statusOf(`${publicly.url}/healthz`, { host: 'Hub.example' }), 200);
      assert.equal(await statusOf(`${publicly.url}/healthz`, { host: 'evil.example' }), 403);
      assert.equal(await statusOf(`${behindProxy.url}/healthz`, { host: 'hub.example' }), 200);
    } finally {
      await publicly.close();
      await behindProxy.close();
    }
  });
});
