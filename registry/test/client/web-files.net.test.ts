import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { createRegistryClient, fetchFirstRoot } from '@tendril/registry';
import type { RegistryClient } from '@tendril/registry';
import { openRegistryFiles } from '../../src/client/open-files.ts';
import { NOW, sampleFolder, sampleIndex, sampleKeys, samplePackage, sampleRoot } from '../support/sample-registry.ts';
import type { SampleFolder } from '../support/sample-registry.ts';

const LIMITS = { mostBytes: 1000, timeoutMs: 20_000 };
const fetchWeb = (url: URL, options: RequestInit): Promise<Response> => fetch(url, options);

const fails = (code: ErrorCode, details: RegExp) => (error: unknown) => {
  assert.ok(TendrilError.is(error), String(error));
  assert.equal(error.code, code, JSON.stringify(error.details));
  assert.match(JSON.stringify(error.details), details);
  return true;
};

describe('a registry on a web server', () => {
  let server: Server;
  let base: string;
  let answer: RequestListener;
  const asked: string[] = [];

  before(async () => {
    server = createServer((req, res) => {
      asked.push(req.url ?? '');
      answer(req, res);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked.length = 0;
  });

  const read = (path: string, limits = LIMITS): Promise<Buffer | undefined> =>
    openRegistryFiles(`${base}/registry`, fetchWeb).read(path, limits);

  it('is read below its address, with or without a slash at the end', async () => {
    answer = (_req, res) => res.end('content');
    assert.equal(String(await read('index.json')), 'content');
    await openRegistryFiles(`${base}/registry/?x=1#y`, fetchWeb).read('plugins/a/b.tgz', LIMITS);
    assert.deepEqual(asked, ['/registry/index.json', '/registry/plugins/a/b.tgz']);
  });

  it('has no file where it answers 404, and is unreachable where it answers anything else', async () => {
    answer = (_req, res) => res.writeHead(404).end('nothing');
    assert.equal(await read('2.root.json'), undefined);
    answer = (_req, res) => res.writeHead(503).end();
    await assert.rejects(read('index.json'), fails('REGISTRY_UNREACHABLE', /503/));
  });

  it('is read no further than the limit, packed or without an end', async () => {
    answer = (_req, res) => res.end(Buffer.alloc(1001));
    await assert.rejects(read('index.json'), fails('REGISTRY_INVALID', /larger than 1000/));
    answer = (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)));
    await assert.rejects(read('index.json'), fails('REGISTRY_INVALID', /larger than 1000/));
    let isClosed = false;
    answer = (_req, res) => {
      const more = (): void => {
        if (!isClosed && res.write(Buffer.alloc(64))) setImmediate(more);
      };
      res.on('drain', more);
      res.on('close', () => {
        isClosed = true;
      });
      more();
    };
    await assert.rejects(read('index.json'), fails('REGISTRY_INVALID', /larger than 1000/));
  });

  it('is given up when it does not answer, does not end or breaks off', async () => {
    answer = () => undefined;
    await assert.rejects(read('index.json', { ...LIMITS, timeoutMs: 50 }), fails('REGISTRY_UNREACHABLE', /no answer within 50 ms/));
    answer = (_req, res) => res.write('half');
    await assert.rejects(read('index.json', { ...LIMITS, timeoutMs: 200 }), fails('REGISTRY_UNREACHABLE', /no answer within 200 ms/));
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': '500' });
      res.write('half');
      res.socket?.end();
    };
    await assert.rejects(read('index.json'), fails('REGISTRY_UNREACHABLE', /index\.json/));
  });

  it('may redirect on this machine, but not to where no registry may lie, nor for ever', async () => {
    answer = (req, res) => (req.url === '/moved' ? res.end('there') : res.writeHead(302, { location: '/moved' }).end());
    assert.equal(String(await read('index.json')), 'there');
    for (const location of ['http://example.com/index.json', 'file:///etc/passwd', 'http://[', 'http://user:secret@127.0.0.1/x']) {
      answer = (_req, res) => res.writeHead(301, { location }).end();
      await assert.rejects(read('index.json'), fails('REGISTRY_UNREACHABLE', /redirects to where no registry may lie/));
    }
    answer = (_req, res) => res.writeHead(302, { location: '/again' }).end();
    await assert.rejects(read('index.json'), fails('REGISTRY_UNREACHABLE', /redirects/));
  });

  it('is never taken down from https, whatever it redirects to', async () => {
    const redirecting = (): Promise<Response> =>
      Promise.resolve(new Response(null, { status: 302, headers: { location: 'http://127.0.0.1/x' } }));
    await assert.rejects(
      openRegistryFiles('https://plugins.example.org', redirecting).read('root.json', LIMITS),
      fails('REGISTRY_UNREACHABLE', /redirects/),
    );
  });

  it('lies at no other address than https, this machine or a folder', () => {
    for (const address of [
      'http://plugins.example.org',
      'ftp://x',
      'plugins',
      './plugins',
      'https://user:secret@x.example',
      'file://host/share',
      'http://127.0.0.1.evil.example',
    ])
      assert.throws(() => openRegistryFiles(address, fetchWeb), fails('INPUT_INVALID', /https:\/\//));
    assert.throws(
      () => openRegistryFiles('https://user:secret@x.example', fetchWeb),
      (error) => TendrilError.is(error) && !JSON.stringify(error.details).includes('secret'),
    );
    for (const address of [
      'https://plugins.example.org/a',
      'http://localhost:1',
      'http://[::1]:1/x',
      'file:///srv/plugins',
      '/srv/plugins',
    ])
      assert.doesNotThrow(() => openRegistryFiles(address, fetchWeb));
  });

  describe('with an index', () => {
    const keys = sampleKeys();
    const root = sampleRoot(keys);
    let folder: SampleFolder;
    let files: Map<string, string | Buffer>;

    before(async () => {
      folder = await sampleFolder();
      const entry = await folder.publish({}, keys.author);
      files = new Map<string, string | Buffer>([
        ['/registry/root.json', JSON.stringify(root)],
        ['/registry/index.json', JSON.stringify(sampleIndex({ root, keys: [keys.index], entries: { acme_crm: entry } }))],
        ['/registry/plugins/acme_crm/acme_crm-1.0.0.tgz', samplePackage()],
      ]);
    });
    after(() => folder.remove());
    beforeEach(() => {
      answer = (req, res) => {
        const content = files.get(req.url ?? '');
        res.writeHead(content === undefined ? 404 : 200).end(content);
      };
    });

    const client = (): RegistryClient =>
      createRegistryClient({
        name: 'main',
        address: `${base}/registry`,
        fetch: fetchWeb,
        rootPinned: root,
        contractVersion: '0.1.0',
        now: () => NOW.getTime(),
      });

    it('is added, refreshed, searched and downloaded from', async () => {
      const offered = await fetchFirstRoot(`${base}/registry`, fetchWeb, NOW.getTime());
      assert.deepEqual(offered.root, root);
      const registry = client();
      await registry.refresh();
      assert.deepEqual(asked, ['/registry/root.json', '/registry/2.root.json', '/registry/index.json']);
      assert.deepEqual(
        registry.search('acme').map(({ id }) => id),
        ['acme_crm'],
      );
      const { version } = registry.resolve('acme_crm');
      assert.deepEqual(Buffer.from(await registry.download('acme_crm', version.version)), samplePackage());
    });

    it('does not deliver other bytes than it has signed', async () => {
      const registry = client();
      await registry.refresh();
      files.set('/registry/plugins/acme_crm/acme_crm-1.0.0.tgz', Buffer.concat([samplePackage(), Buffer.alloc(1)]));
      await assert.rejects(registry.download('acme_crm', '1.0.0'), fails('REGISTRY_INVALID', /larger than/));
      files.set('/registry/plugins/acme_crm/acme_crm-1.0.0.tgz', samplePackage().fill(0, 20, 21));
      await assert.rejects(registry.download('acme_crm', '1.0.0'), fails('PACKAGE_INTEGRITY', /sha512/));
    });

    it('says so where there is none', async () => {
      await assert.rejects(
        fetchFirstRoot(`${base}/elsewhere`, fetchWeb, NOW.getTime()),
        fails('REGISTRY_UNREACHABLE', /no root\.json at this address/),
      );
    });
  });
});
