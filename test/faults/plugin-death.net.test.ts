import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Run } from '@tendril/engine';
import { findPluginFolders } from '../../cli/src/wiring/plugin-sources.ts';
import { startPluginHub, until } from '../support/plugin-hub.ts';
import type { PluginHub, Side } from '../support/plugin-hub.ts';

const MORTAL = fileURLToPath(new URL('../fixtures/plugins/mortal', import.meta.url));

describe("a plugin's process that ends after the effect and before its answer", function () {
  this.timeout(120_000);
  /** Keys in the order in which they were written. */
  const written: string[] = [];
  let asked = 0;
  let book: Server;
  let address = '';
  let served: PluginHub;
  let side: Side;

  before(async () => {
    book = createServer((request, response) => {
      if (request.method === 'POST') {
        written.push(String(request.headers['idempotency-key']));
        response.writeHead(204).end();
        return;
      }
      asked += 1;
      const key = new URL(request.url ?? '', address).searchParams.get('key') ?? '';
      response.writeHead(written.includes(key) ? 200 : 404).end();
    });
    await new Promise<void>((resolve) => book.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(book.address() as AddressInfo).port}`;
    address = `http://${host}/`;
    const plugins = (await findPluginFolders([MORTAL])).map((source) => ({
      ...source,
      location: { folder: MORTAL, entry: join(MORTAL, 'src/index.ts') },
    }));
    served = await startPluginHub([], 'child', { plugins, allowedEgress: [host] });
    side = await served.side('acme', ['mortal']);
    for (const id of ['once', 'asked', 'keyed', 'settled'])
      await side.tenant.pipelines.deploy(`pipeline: ${id}
trigger: { event: 'Run ${id}' }
steps:
  - id: write
    action: mortal.${id}
    with: { book: '${address}' }
    retry: { attempts: 3, backoff: fixed, initial: 1s }
`);
  });
  after(async () => {
    await served.close();
    book.close();
  });
  beforeEach(() => {
    written.length = 0;
    asked = 0;
  });

  async function run(id: string): Promise<Run> {
    const { app } = await served.hub.keys.authenticate(side.write);
    assert.ok(app !== undefined);
    const event = { type: 'track', event: `Run ${id}`, userId: 'u', messageId: id };
    await side.tenant.ingest.accept(app, [event], { receivedAt: Date.now(), requestId: 'r' });
    const ended = await until(
      async () => {
        const { items } = await side.tenant.runs.list({ pipeline: id });
        return items[0] === undefined ? undefined : side.tenant.runs.get(items[0].id);
      },
      (found) => found !== undefined && ['succeeded', 'failed', 'needs_review'].includes(found.state),
    );
    assert.ok(ended !== undefined);
    return ended;
  }

  it('leaves what may not be repeated to a person', async () => {
    const ended = await run('once');
    assert.equal(ended.state, 'needs_review');
    assert.equal(ended.steps[0]?.error?.['code'], 'PLUGIN_CRASHED');
    assert.equal(written.length, 1);
  });

  it('asks whether it took place, and does not do it again', async () => {
    const ended = await run('asked');
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(ended.steps[0]?.output, { attempt: 0 });
    assert.equal(written.length, 1);
    assert.equal(asked, 1);
  });

  for (const id of ['keyed', 'settled'])
    it(`does it again under the same key: ${id}`, async () => {
      const ended = await run(id);
      assert.equal(ended.state, 'succeeded');
      assert.deepEqual(ended.steps[0]?.output, { attempt: 2 });
      assert.equal(written.length, 2);
      assert.equal(new Set(written).size, 1);
    });
});
