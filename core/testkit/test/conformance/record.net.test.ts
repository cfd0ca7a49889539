import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { recordAction, runConformance } from '../../src/conformance/index.ts';
import { pluginFolder, removePluginFolders, SOUND } from './plugin-folder.ts';

const URL_FIELD = {
  type: 'object',
  additionalProperties: false,
  properties: { url: { type: 'string' }, apiKey: { type: 'string', writeOnly: true } },
};

describe('recordAction', function () {
  this.timeout(60_000);
  const seen: { authorization: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ authorization: request.headers.authorization, body: Buffer.concat(chunks).toString() });
      response.writeHead(201, {
        'content-type': 'application/json',
        'set-cookie': 'session=tok-very-secret',
        'x-ratelimit-remaining': '7',
      });
      response.end(JSON.stringify({ id: 'c-7', owner: 'owner@acme.example', debug: `Bearer sk_live_1234` }));
    });
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());
  afterEach(removePluginFolders);

  it('asks the real service through the hub and writes what can be played again, without secrets', async () => {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${String(port)}`;
    const folder = pluginFolder({
      recording: null,
      manifest: {
        connections: {
          account: { type: 'apiKey', title: 'Account', schema: URL_FIELD, inject: { headers: { authorization: 'Bearer {apiKey}' } } },
        },
      },
      permissions: { hosts: [{ connectionField: 'url' }] },
      create: SOUND.replace("'https://api.acme.example/contacts'", 'call.connection.values.url'),
    });
    const connection = { kind: 'account', values: { url, apiKey: 'sk_live_1234' } };
    const call = { folder, action: 'create', input: { email: 'ada@lovelace.org' }, connection };
    await assert.rejects(recordAction(call), { code: 'EGRESS_DENIED' });

    const { recording, scrubbed } = await recordAction({ ...call, allow: [`127.0.0.1:${String(port)}`] });
    assert.deepEqual(seen, [{ authorization: 'Bearer sk_live_1234', body: '{"email":"ada@lovelace.org"}' }]);
    assert.deepEqual(recording.exchanges, [
      {
        request: {
          method: 'POST',
          url: 'https://acme.example.invalid/',
          headers: { 'content-type': 'application/json', 'idempotency-key': 'recording' },
          body: { email: 'person-1@example.invalid' },
        },
        response: {
          status: 201,
          headers: { 'x-ratelimit-remaining': '7' },
          body: { id: 'c-7', owner: 'person-2@example.invalid', debug: 'Bearer placeholder-apiKey' },
        },
      },
    ]);
    assert.deepEqual(recording.connection?.values, { url: 'https://acme.example.invalid', apiKey: 'placeholder-apiKey' });
    assert.equal(scrubbed.length, 3);
    assert.ok(!JSON.stringify(recording).includes('secret'));

    mkdirSync(join(folder, 'test/recordings/create'), { recursive: true });
    writeFileSync(join(folder, 'test/recordings/create/recorded.json'), JSON.stringify(recording));
    for await (const { id, state, findings } of runConformance({ folder, only: 'recordings' }))
      assert.deepEqual([id, state, findings], [id, 'passed', []]);
  });

  it('gives nothing when the service cannot be reached and nothing was learnt', async () => {
    const call = { folder: pluginFolder(), action: 'more', input: {} };
    await assert.rejects(recordAction(call), { code: 'ACTION_UNKNOWN' });
  });
});
