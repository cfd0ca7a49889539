import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { PluginIncident } from '@tendril/engine/plugins';
import { startServer } from '../../engine/test/plugins/local-server.ts';
import { fixtureSource, startHarness } from './harness.ts';
import type { Harness } from './harness.ts';

describe('a hostile plugin', function () {
  this.timeout(60_000);
  let harness: Harness;
  let printed = '';
  before(async () => {
    harness = await startHarness({
      place: 'child',
      sources: [fixtureSource('hostile')],
      isolation: {
        hangLimitMs: 1_500,
        abortLimitMs: 500,
        heapLimitMiB: 80,
        memoryLimitMiB: 192,
        mostChanges: 500,
        printLimitBytes: 200_000,
        unreadLimitBytes: 8 * 1024 * 1024,
        onPrint: (_plugin, _tenant, text) => void (printed += text.slice(0, 100)),
      },
    });
  });
  after(() => harness.stop());

  const go = async (what: string, input: JsonObject = {}, about: object = {}): Promise<Json> =>
    (
      await harness.run('hostile', (runner, call) => runner.action('go')?.({ do: what, ...input }, call) as Promise<Json>, {
        timeoutMs: 30_000,
        ...about,
      })
    ).output;

  /** What it does is contained, told with its name, and touches nobody else. */
  async function contained(what: string, kind: PluginIncident['kind'], code = 'PLUGIN_CRASHED', about: object = {}): Promise<void> {
    const before = harness.incidents.length;
    assert.equal(await go('well', {}, { tenantId: 'globex' }), 'well');
    await assert.rejects(go(what, {}, about), { code }, what);
    while (harness.incidents.length === before) await new Promise((resolve) => setTimeout(resolve, 20));
    const incidents = harness.incidents.slice(before);
    assert.deepEqual(
      incidents.map(({ plugin, tenantId, kind: seen }) => [plugin, tenantId, seen]),
      [['hostile', 'acme', kind]],
      `${what}: ${JSON.stringify(incidents)}`,
    );
    assert.doesNotMatch(JSON.stringify(incidents), /secret/);
    assert.equal(await go('well'), 'well', what);
    assert.equal(await go('well', {}, { tenantId: 'globex' }), 'well', what);
  }

  it('reads and writes no files, and has no environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tendril-hostile-'));
    const database = join(folder, 'hub.db');
    const hub = fileURLToPath(new URL('../../engine/package.json', import.meta.url));
    const got = (await go('reads', { hub, database })) as JsonObject;
    for (const [name, code] of Object.entries(got)) assert.equal(typeof code, 'string', `${name}: ${JSON.stringify(code)}`);
    assert.equal(got['/etc/passwd'], 'ERR_ACCESS_DENIED');
    assert.equal(got['the hub'], 'ERR_ACCESS_DENIED');
    assert.equal(existsSync(database), false);
    await rm(folder, { recursive: true });
    assert.deepEqual(((await go('environment')) as JsonObject)['env'], {});
  });

  it('finds no way out, and does not reach the hub', async () => {
    const server = await startServer();
    const addon = createRequire(import.meta.url)
      .resolve('better-sqlite3/package.json')
      .replace('package.json', 'build/Release/better_sqlite3.node');
    const got = (await go('waysOut', { port: server.port, addon })) as JsonObject;
    for (const [name, code] of Object.entries(got)) assert.equal(typeof code, 'string', `${name}: ${JSON.stringify(code)}`);
    assert.equal(server.requests.length, 0);
    await server.close();
  });

  for (const what of ['exit', 'abort', 'signal', 'uncaught', 'unhandled']) it(`dies: ${what}`, () => contained(what, 'crashed'));

  it('closes its own pipes', async () => {
    await assert.rejects(go('closeStdin', {}, { timeoutMs: 4_000 }));
    assert.equal(await go('well'), 'well');
  });

  it('blocks its event loop', () => contained('spin', 'hung'));

  it('blocks its event loop past its time', () => contained('spin', 'hung', 'ACTION_TIMEOUT', { timeoutMs: 100 }));

  it('blocks its event loop past its time, and goes on asking', () =>
    contained('spinAsking', 'hung', 'ACTION_TIMEOUT', { timeoutMs: 100 }));

  it('blocks its event loop behind the end of its handler', async () => {
    const before = harness.incidents.length;
    await go('spinLater');
    while (harness.incidents.length === before) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(harness.incidents[before]?.kind, 'hung');
    assert.equal(await go('well'), 'well');
  });

  it('never ends, though its time is up', async () => {
    await assert.rejects(go('ignore', {}, { timeoutMs: 50 }), { code: 'ACTION_TIMEOUT' });
    assert.equal(await go('well'), 'well');
    const before = harness.incidents.length;
    const ignored = Array.from({ length: 64 }, () => go('ignore', {}, { timeoutMs: 50 }));
    for (const { status } of await Promise.allSettled(ignored)) assert.equal(status, 'rejected');
    while (harness.incidents.length === before) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(harness.incidents[before]?.kind, 'hung');
    assert.equal(await go('well'), 'well');
  });

  it('fills its heap', () => contained('heap', 'out_of_memory'));

  it('allocates buffers without end', () => contained('buffers', 'out_of_memory'));

  it('prints without end', () => contained('print', 'flooded'));

  it('prints a little, which is no frame', async () => {
    printed = '';
    assert.equal(await go('printLine'), 'printed');
    while (!printed.includes('another')) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(printed, /a line\n/);
  });

  it('logs without end', async () => {
    const before = harness.lines.length;
    assert.equal(await go('logs'), 'logged');
    assert.equal(harness.lines.length - before, 1_000);
  });

  for (const what of ['changes', 'events']) it(`gathers ${what} without end`, () => contained(what, 'flooded', 'PLUGIN_LIMIT_EXCEEDED'));

  it('asks without end and never reads an answer', () => contained('neverReads', 'flooded'));

  it('asks for much at once, as sound plugins do', async () => assert.equal(await go('asks'), 5_000));

  it('answers with what cannot be sent', async () => {
    await assert.rejects(go('huge'), { code: 'PLUGIN_LIMIT_EXCEEDED' });
    await assert.rejects(go('hugeKey'), { code: 'PLUGIN_LIMIT_EXCEEDED' });
    await assert.rejects(go('cyclic'), { code: 'PLUGIN_FAULTY' });
    await assert.rejects(go('bigint'), { code: 'PLUGIN_FAULTY' });
    await assert.rejects(go('getter'), { code: 'PLUGIN_FAULTY' });
    assert.deepEqual(await go('functions'), { a: 1 });
  });

  it('asks with wrong types and for what there is not', async () => {
    for (const code of (await go('wrongTypes')) as readonly Json[]) assert.match(String(code), /^(INPUT_INVALID|PERMISSION_DENIED)$/);
    for (const code of (await go('unknownMember')) as readonly Json[])
      assert.match(String(code), /^(INPUT_INVALID|PERMISSION_DENIED|EGRESS_DENIED)$/);
  });

  it('pollutes prototypes, its own', async () => {
    const got = (await go('pollute', {}, { tenantId: 'acme' })) as JsonObject;
    assert.deepEqual(Object.keys(got), ['a']);
    assert.deepEqual(Object.keys(got['a'] as object), ['constructor']);
    assert.equal(Object.getPrototypeOf(Object.assign({}, got)), Object.prototype);
    assert.equal(({} as JsonObject)['polluted'], undefined);
    await assert.rejects(go('exit'));
  });

  for (const what of [
    'garbage',
    'hugeLength',
    'kind',
    'noJson',
    'list',
    'noType',
    'wrongCall',
    'textCall',
    'sameAsk',
    'manyAsks',
    'manyLines',
    'signsOfLife',
    'late',
    'readies',
    'emptyPieces',
    'wrongLevel',
    'wrongStream',
  ])
    it(`breaks the protocol: ${what}`, () => contained(what, 'broke_protocol'));

  it('answers twice', async () => {
    const before = harness.incidents.length;
    assert.equal(await go('twice'), 'first');
    while (harness.incidents.length === before) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(harness.incidents[before]?.kind, 'broke_protocol');
    assert.equal(await go('well'), 'well');
  });

  it('says again that it is ready', async () => assert.equal(await go('ready'), 'still here'));
});
