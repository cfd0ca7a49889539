import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Json, JsonObject } from '@tendril/plugin-api';
import { startServer } from '../../engine/test/plugins/local-server.ts';
import type { LocalServer } from '../../engine/test/plugins/local-server.ts';
import { fixtureSource, PLACES, startHarness } from './harness.ts';

/** A plugin that uses the libraries of two vendors as their documentation has it, without the hub's `fetch`. */
const CODE = `
import { Client } from '@hubspot/api-client';
import { Connection } from 'jsforce/lib/connection.js';

export default {
  setup(host) {
    host.action('go', async ({ url, library }) => {
      if (library === 'hubspot') {
        const client = new Client({ accessToken: 'token', basePath: url, numberOfApiCallRetries: 0 });
        const { id, properties } = await client.crm.contacts.basicApi.getById('7', ['email']);
        return { id, properties };
      }
      const connection = new Connection({ instanceUrl: url, accessToken: 'token', version: '63.0' });
      const { records } = await connection.query('SELECT Id FROM Lead');
      return { records };
    });
  },
};
`;

describe('libraries of vendors', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tendril-vendor-'));
    await build({
      stdin: { contents: CODE, resolveDir: fileURLToPath(new URL('../../../', import.meta.url)), loader: 'js' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(folder, 'index.mjs'),
      external: ['@tendril/plugin-api'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'error',
    });
    await writeFile(join(folder, 'package.json'), '{ "name": "tendril-plugin-vendors", "type": "module" }');
  });
  after(() => rm(folder, { recursive: true }));

  for (const place of PLACES)
    describe(place, () => {
      let server: LocalServer;
      before(async () => {
        server = await startServer((req, res) => {
          res.setHeader('content-type', 'application/json');
          if (req.url?.startsWith('/crm/') === true)
            res.end(
              JSON.stringify({
                id: '7',
                properties: { email: 'a@b.c' },
                createdAt: '2026-01-01T00:00:00Z',
                updatedAt: '2026-01-01T00:00:00Z',
              }),
            );
          else res.end(JSON.stringify({ totalSize: 1, done: true, records: [{ Id: '1', attributes: { type: 'Lead' } }] }));
        });
      });
      after(async () => {
        await server.close();
      });

      const call = async (library: string, hosts: readonly string[]): Promise<Json> => {
        const manifest: JsonObject = {
          id: 'vendors',
          title: 'Vendors',
          engines: { tendril: '^0.1.0' },
          permissions: { hosts },
          contributes: { actions: { go: { title: 'Go', effect: 'read', input: { type: 'object' }, output: true } } },
        };
        const entry = join(folder, 'index.mjs');
        const harness = await startHarness({
          place,
          sources: [
            {
              ...fixtureSource('probe', manifest),
              folder: 'vendors',
              packageJson: { name: 'tendril-plugin-vendors', version: '1.0.0', description: 'Of a test.' },
              location: { folder, entry },
              load: async () => (await import(entry)) as { readonly default?: unknown },
            },
          ],
          network: { allow: [`localhost:${server.port}`] },
        });
        try {
          const input = { url: `http://localhost:${server.port}`, library };
          return (await harness.run('vendors', (runner, handed) => runner.action('go')?.(input, handed))).output as Json;
        } finally {
          await harness.stop();
        }
      };

      it('reach what is permitted', async () => {
        const hosts = [`localhost:${server.port}`];
        assert.deepEqual(await call('hubspot', hosts), { id: '7', properties: { email: 'a@b.c' } });
        assert.deepEqual(await call('jsforce', hosts), { records: [{ Id: '1', attributes: { type: 'Lead' } }] });
        assert.equal(server.requests.at(0)?.headers.authorization, 'Bearer token');
      });

      it('reach nothing else', async () => {
        const before = server.requests.length;
        for (const library of ['hubspot', 'jsforce']) await assert.rejects(call(library, []), { code: 'EGRESS_DENIED' });
        assert.equal(server.requests.length, before);
      });
    });
});
