import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { Client } from '@hubspot/api-client';
import { Analytics } from '@segment/analytics-node';
import jsforce from 'jsforce';
import nodemailer from 'nodemailer';
import { createMemoryStores } from '@tendril/testkit/stores';
import { systemTimers } from '@tendril/engine';
import { createPluginHost } from '@tendril/engine/plugins';
import type { PluginHost, PluginSource } from '@tendril/engine/plugins';
import type { ActionHandler, Call, JsonObject } from '@tendril/plugin-api';

/** Uses a vendor's library as a careless connector would: with sockets of its own. */
type Use = (place: { readonly host: string; readonly port: number }, call: Call) => Promise<unknown>;

const LIBRARIES: Readonly<Record<string, Use>> = {
  jsforce: async ({ host, port }) =>
    new jsforce.Connection({ instanceUrl: `http://${host}:${port}`, accessToken: 't', version: '60.0' }).request('/services/data'),
  'the HubSpot client': async ({ host, port }) =>
    new Client({ accessToken: 't', basePath: `http://${host}:${port}`, numberOfApiCallRetries: 0 }).crm.contacts.basicApi.getPage(1),
  'the Segment client': ({ host, port }) =>
    new Promise((resolve, reject) => {
      const analytics = new Analytics({ writeKey: 'w', host: `http://${host}:${port}`, maxRetries: 0, flushAt: 1 });
      const refuse = (cause: unknown): void => reject(new Error('not acknowledged', { cause }));
      analytics.on('error', ({ reason }) => refuse(reason));
      analytics.track({ userId: 'u', event: 'Tried' }, (error) => (error === undefined ? resolve(null) : refuse(error)));
    }),
  nodemailer: async ({ host, port }) => {
    const transport = nodemailer.createTransport({ host, port, connectionTimeout: 5_000 });
    try {
      return await transport.verify();
    } finally {
      transport.close();
    }
  },
};

const manifest = {
  id: 'vendor',
  title: 'Vendor',
  engines: { tendril: '^0.1.0' },
  connections: { account: { type: 'custom', title: 'Account', schema: { type: 'object' } } },
  permissions: { hosts: [{ connectionField: 'place' }], connections: ['account'] },
  contributes: {
    actions: Object.fromEntries(
      Object.keys(LIBRARIES).map((_, index) => [`use_${index}`, { title: 'Use', effect: 'read', input: { type: 'object' }, output: true }]),
    ),
  },
};

function vendorPlugin(place: { readonly host: string; readonly port: number }): PluginSource {
  return {
    folder: 'vendor',
    file: 'vendor/plugin.json',
    packageJson: { name: '@tendril/plugin-vendor', version: '1.0.0' },
    manifest,
    read: () => Promise.reject(new Error('no files')),
    load: async () => ({
      default: {
        setup: (host: { action(id: string, handler: ActionHandler): void }) => {
          for (const [index, use] of Object.values(LIBRARIES).entries()) {
            host.action(`use_${index}`, async (_, call) => {
              await use(place, call);
              return {};
            });
          }
        },
      },
    }),
  };
}

async function startHost(source: PluginSource, allow: readonly string[]): Promise<PluginHost> {
  const stores = createMemoryStores();
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const tenants = {
    ids: async () => ['acme', 'globex'],
    open: async (tenantId: string) => {
      const keys = { tenantId, currentKeyId: 1, dataKeys: { 1: new Uint8Array(32) }, indexKey: new Uint8Array(32) };
      return {
        tenant: { id: tenantId, name: tenantId, timeZone: 'UTC', createdAt: 0 },
        keys,
        log: stores.log.tenant(keys),
        state: stores.state.tenant(keys),
      };
    },
  };
  const host = createPluginHost({
    sources: [source],
    tenants,
    clock: { now: () => Date.now() },
    timers: systemTimers,
    log,
    callAction: () => Promise.reject(new Error('not used')),
    network: { allow },
  });
  await host.start();
  assert.deepEqual(host.catalogue.faults(), []);
  await stores.state.defineTables(host.tables());
  return host;
}

describe('egress of vendor libraries', () => {
  let connections = 0;
  let server: net.Server;
  let place: { readonly host: string; readonly port: number };
  let host: PluginHost;

  beforeEach(async () => {
    connections = 0;
    server = createMixedServer(() => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    place = { host: 'localhost', port: (server.address() as AddressInfo).port };
    host = await startHost(vendorPlugin(place), [`${place.host}:${place.port}`]);
  });
  afterEach(async () => {
    await host.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  function use(index: number, tenantId: string, permitted: string): Promise<unknown> {
    const action = host.action(`vendor.use_${index}`);
    assert.ok(action);
    const connection = { name: 'account', kind: 'account', isSandbox: true, values: { place: permitted } as JsonObject };
    return host.runAction(tenantId, action, {}, { isTest: false, idempotencyKey: 'k', attempt: 1, connection });
  }

  for (const [index, name] of Object.keys(LIBRARIES).entries()) {
    it(`refuses ${name} a host that is not declared`, async () => {
      await assert.rejects(use(index, 'acme', 'elsewhere.example'), { code: 'EGRESS_DENIED' });
      assert.equal(connections, 0);
    });

    it(`lets ${name} reach what one tenant's call permits, while another tenant's is refused`, async () => {
      const permitted = `${place.host}:${place.port}`;
      const results = await Promise.allSettled(
        [0, 1, 2, 3].map((call) => (call % 2 === 0 ? use(index, 'acme', permitted) : use(index, 'globex', 'elsewhere.example'))),
      );
      assert.deepEqual(
        results.map((result) => (result.status === 'fulfilled' ? 'reached' : (result.reason as { code: string }).code)),
        ['reached', 'EGRESS_DENIED', 'reached', 'EGRESS_DENIED'],
      );
      assert.ok(connections > 0);
    });
  }
});

/** Speaks HTTP to whoever speaks first, and SMTP to whoever waits for a greeting. */
function createMixedServer(onConnection: () => void): net.Server {
  const web = http.createServer((_req, res) => {
    res.setHeader('content-type', 'application/json');
    res.end('{"results":[]}');
  });
  return net.createServer((socket) => {
    onConnection();
    socket.on('error', () => undefined);
    const greeting = setTimeout(() => speakSmtp(socket), 30);
    socket.once('readable', () => {
      clearTimeout(greeting);
      if (!socket.destroyed && socket.listenerCount('data') === 0) web.emit('connection', socket);
    });
    socket.once('close', () => clearTimeout(greeting));
  });
}

function speakSmtp(socket: net.Socket): void {
  socket.on('data', (line: Buffer) => {
    const command = line.toString().slice(0, 4).toUpperCase();
    socket.write(command === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
    if (command === 'QUIT') socket.end();
  });
  socket.write('220 mail.example ESMTP\r\n');
}
