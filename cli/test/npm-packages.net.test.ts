import assert from 'node:assert/strict';
import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { integrityOf, writeTarball } from '@tendril/registry';
import { fetchFromNpm, fetchNpmVersion } from '../src/operator/npm-packages.ts';

const NAME = 'tendril-plugin-acme_crm';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const KEY_ID = 'SHA256:test';

function tarballOf(version: string): Buffer {
  const files = {
    'package.json': JSON.stringify({ name: NAME, version, type: 'module', exports: './dist/index.js', scripts: { postinstall: 'exit 1' } }),
    'plugin.json': JSON.stringify({ id: 'acme_crm', title: 'Acme', engines: { tendril: '^0.1.0' }, contributes: {} }),
  };
  return writeTarball(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));
}

function sign(version: string, integrity: string, key = privateKey): object {
  return { keyid: KEY_ID, sig: createSign('SHA256').update(`${NAME}@${version}:${integrity}`).sign(key, 'base64') };
}

describe('a package of npm', () => {
  let server: Server;
  let cache: string;
  let environment: Readonly<Record<string, string>>;
  let served: Buffer;
  const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

  before(async () => {
    cache = mkdtempSync(join(tmpdir(), 'tendril-npm-'));
    served = tarballOf('1.2.0');
    server = createServer((request, response) => {
      const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      const dist = (version: string, more: object = {}): object => {
        const bytes = tarballOf(version);
        return {
          name: NAME,
          version,
          dist: {
            tarball: `${origin}/${version}.tgz`,
            integrity: integrityOf(bytes),
            shasum: createHash('sha1').update(bytes).digest('hex'),
            ...more,
          },
        };
      };
      if (request.url === `/${NAME}`) {
        const versions = {
          '1.0.0': dist('1.0.0'),
          '1.1.0': dist('1.1.0', { signatures: [sign('1.1.0', integrityOf(tarballOf('1.1.0')))] }),
          '1.1.1': dist('1.1.1', { signatures: [sign('1.1.1', integrityOf(tarballOf('1.1.1')), other)] }),
          '1.2.0': dist('1.2.0'),
        };
        response.end(JSON.stringify({ name: NAME, 'dist-tags': { latest: '1.2.0' }, versions }));
      } else if (request.url === '/-/npm/v1/keys')
        response.end(
          JSON.stringify({
            keys: [{ keyid: KEY_ID, expires: null, key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') }],
          }),
        );
      else if (request.url === '/1.2.0.tgz') response.end(served);
      else if (request.url?.endsWith('.tgz') === true) response.end(tarballOf(request.url.slice(1, -4)));
      else response.writeHead(404).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    environment = { TENDRIL_NPM_REGISTRY: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, npm_config_cache: cache };
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(cache, { recursive: true, force: true });
  });

  it('is the newest one in the range, pinned by its bytes, and none of its scripts run', async () => {
    const latest = await fetchFromNpm({ package: NAME }, environment);
    assert.equal(latest.content.version, '1.2.0');
    assert.equal(latest.integrity, integrityOf(tarballOf('1.2.0')));
    assert.deepEqual(latest.content.ignoredScripts, ['postinstall']);
    assert.equal(latest.provenance, 'none');
    assert.equal((await fetchFromNpm({ package: NAME, range: '~1.0' }, environment)).content.version, '1.0.0');
    assert.deepEqual(Buffer.from(await fetchNpmVersion(NAME, '1.0.0', 100_000, environment)), tarballOf('1.0.0'));
  });

  it('says whether its signature holds', async () => {
    const signed = await fetchFromNpm({ package: NAME, range: '1.1.0' }, environment);
    assert.equal(signed.provenance, 'none');
    assert.match(signed.notes.join(), /signature of npm/);
    const forged = await fetchFromNpm({ package: NAME, range: '1.1.1' }, environment);
    assert.equal(forged.provenance, 'failed');
    assert.match(forged.notes.join(), /invalid registry signature/);
  });

  it('that is not there, or larger than it may be, is refused', async () => {
    await assert.rejects(fetchFromNpm({ package: 'tendril-plugin-none' }, environment), { code: 'NOT_FOUND' });
    await assert.rejects(fetchFromNpm({ package: NAME, range: '^9' }, environment), { code: 'NOT_FOUND' });
    await assert.rejects(fetchNpmVersion(NAME, '1.1.0', 10, environment), { code: 'PACKAGE_INVALID' });
    await assert.rejects(fetchFromNpm({ package: NAME }, { ...environment, TENDRIL_NPM_REGISTRY: 'ftp://x' }), { name: 'CommandFault' });
    await assert.rejects(fetchFromNpm({ package: NAME }, { ...environment, TENDRIL_NPM_REGISTRY: 'http://127.0.0.1:1' }), {
      code: 'REGISTRY_UNREACHABLE',
    });
  });

  it('with other bytes than the registry names is refused', async () => {
    rmSync(cache, { recursive: true, force: true });
    served = tarballOf('1.0.0');
    await assert.rejects(fetchFromNpm({ package: NAME }, environment), { code: 'PACKAGE_INTEGRITY' });
  });
});
