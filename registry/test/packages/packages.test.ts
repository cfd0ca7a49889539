import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { LockFile, PinnedPlugin } from '@tendril/schemas';
import {
  examinePackage,
  folderHash,
  lockText,
  parseLock,
  readFolder,
  readLock,
  removeInstalled,
  removeUnnamed,
  unpackPlugin,
  verifyInstalled,
  withPlugin,
  writeLock,
} from '@tendril/registry';
import type { PackageFiles } from '@tendril/registry';

const MANIFEST = {
  id: 'acme_crm',
  title: 'Acme CRM',
  engines: { tendril: '^0.1.0' },
  permissions: { hosts: ['api.acme.example'] },
  contributes: {
    actions: {
      ping: {
        title: 'Ping',
        description: 'Says hello.',
        effect: 'read',
        input: { type: 'object', additionalProperties: false },
        output: { type: 'object', additionalProperties: false },
      },
    },
  },
};
const PACKAGE = { name: 'tendril-plugin-acme_crm', version: '1.2.0', type: 'module', exports: './dist/index.js' };

function packageFiles(packageJson: object = {}, manifest: object = {}, more: Readonly<Record<string, string>> = {}): PackageFiles {
  const files = {
    'package.json': JSON.stringify({ ...PACKAGE, ...packageJson }),
    'plugin.json': JSON.stringify({ ...MANIFEST, ...manifest }),
    'dist/index.js': 'export default {};',
    ...more,
  };
  return new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
}

async function detailsOf(files: PackageFiles, code = 'PACKAGE_INVALID'): Promise<string> {
  try {
    await examinePackage(files);
  } catch (error) {
    assert.ok(TendrilError.is(error) && error.code === code, String(error));
    return JSON.stringify(error.details);
  }
  return assert.fail('it was taken');
}

describe('a package of a plugin', () => {
  it('is known by its manifest, without running its code', async () => {
    const found = await examinePackage(packageFiles({}, {}, { 'dist/index.js': 'throw new Error("run");' }));
    assert.equal(found.id, 'acme_crm');
    assert.equal(found.version, '1.2.0');
    assert.match(found.manifestHash, /^[0-9a-f]{64}$/);
    assert.deepEqual(found.ignoredScripts, []);
    assert.deepEqual((await examinePackage(packageFiles({ scripts: { postinstall: 'curl evil', test: 'mocha' } }))).ignoredScripts, [
      'postinstall',
    ]);
  });

  it('has a manifest with the files inside that its schemas refer to', async () => {
    const { ping } = MANIFEST.contributes.actions;
    const input = { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } };
    const manifest = { contributes: { actions: { ping: { ...ping, input: { $ref: './schema/input.json' } } } } };
    const found = await examinePackage(packageFiles({}, manifest, { 'schema/input.json': JSON.stringify(input) }));
    assert.deepEqual(found.manifest.contributes.actions?.['ping']?.input, { $ref: './schema/input.json' });
    assert.deepEqual(found.resolvedManifest.contributes.actions?.['ping']?.input, input);
    assert.deepEqual(found.resolvedManifest.permissions, MANIFEST.permissions);
  });

  it('needs package.json, plugin.json and the entry module', async () => {
    const without = (path: string): PackageFiles => new Map([...packageFiles()].filter(([each]) => each !== path));
    assert.match(await detailsOf(without('package.json')), /package\.json/);
    assert.match(await detailsOf(without('plugin.json')), /plugin\.json/);
    assert.match(await detailsOf(without('dist/index.js')), /entry module.*dist\/index\.js/);
    assert.match(await detailsOf(packageFiles({}, {}, { 'package.json': '{' })), /not JSON/);
    assert.match(await detailsOf(packageFiles({}, {}, { 'plugin.json': '[]' })), /no JSON object/);
  });

  it('is refused when it needs what is not in it, or is native code', async () => {
    assert.match(await detailsOf(packageFiles({ dependencies: { lodash: '^4' } })), /lodash.*tendril plugins pack/);
    assert.match(await detailsOf(packageFiles({ peerDependencies: { react: '^19' } })), /react/);
    assert.match(await detailsOf(packageFiles({ dependencies: { lodash: '^4' }, bundleDependencies: ['lodash'] })), /lodash/);
    assert.match(await detailsOf(packageFiles({}, {}, { 'build/a.node': '' })), /native/);
    assert.match(await detailsOf(packageFiles({}, {}, { 'binding.gyp': '' })), /native/);
    await examinePackage(
      packageFiles(
        {
          dependencies: { lodash: '^4', '@tendril/plugin-api': '^0.1.0' },
          bundleDependencies: ['lodash'],
          peerDependencies: { '@tendril/plugin-api': '^0.1.0', pg: '*' },
          peerDependenciesMeta: { pg: { optional: true } },
        },
        {},
        { 'node_modules/lodash/package.json': '{}' },
      ),
    );
  });

  it('is refused with every fault of its manifest', async () => {
    const told = await detailsOf(packageFiles({ version: 'one' }, { engines: { tendril: '^99.0.0' } }), 'MANIFEST_INVALID');
    assert.match(told, /semantic version/);
    assert.match(told, /contract/);
    assert.match(await detailsOf(packageFiles({}, { id: '../evil' }), 'MANIFEST_INVALID'), /pattern|id/);
  });
});

describe('an installed package', () => {
  let home: string;
  let plugins: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tendril-installed-'));
    plugins = join(home, 'plugins');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('lies in a folder of its version, as it was packed', async () => {
    const found = await examinePackage(packageFiles());
    const folder = await unpackPlugin(plugins, found);
    assert.equal(folder, join(plugins, 'acme_crm', '1.2.0'));
    assert.equal(await folderHash(folder), found.filesHash);
    assert.equal(await unpackPlugin(plugins, found), folder);
    assert.deepEqual(await readdir(plugins), ['acme_crm']);
    await removeInstalled(plugins, 'acme_crm', '1.2.0');
    await removeInstalled(plugins, 'acme_crm', '1.2.0');
    assert.deepEqual(await readdir(plugins), []);
  });

  it('is cleared away when no lock names it any more', async () => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await unpackPlugin(plugins, await examinePackage(packageFiles({ version })));
    await mkdir(join(plugins, 'gone', '1.0.0', 'dist'), { recursive: true });
    await mkdir(join(plugins, 'empty'));
    await mkdir(join(plugins, `.unpacking-${String(process.pid)}-abc`));
    const pinned = {
      version: '1.2.0',
      source: { kind: 'npm' as const, package: 'acme' },
      integrity: 'sha512-a',
      files: 'a',
      manifest: 'a',
      grants: {},
    };
    const lock = { lockVersion: 1 as const, plugins: { acme_crm: { ...pinned, previous: { ...pinned, version: '1.1.0' } } } };
    assert.deepEqual((await removeUnnamed(plugins, lock)).toSorted(), ['acme_crm/1.0.0', 'gone/1.0.0']);
    assert.deepEqual((await readdir(join(plugins, 'acme_crm'))).toSorted(), ['1.1.0', '1.2.0']);
    assert.deepEqual((await readdir(plugins)).toSorted(), [`.unpacking-${String(process.pid)}-abc`, 'acme_crm']);
    assert.deepEqual(await removeUnnamed(plugins, lock), []);
    assert.deepEqual(await removeUnnamed(join(home, 'nowhere'), lock), []);
  });

  it('replaces other bytes of the same version, and clears away what an install that died left', async () => {
    await mkdir(join(plugins, '.unpacking-999999999-abc', 'dist'), { recursive: true });
    await mkdir(join(plugins, `.unpacking-${String(process.ppid)}-abc`), { recursive: true });
    await unpackPlugin(plugins, await examinePackage(packageFiles()));
    const other = await examinePackage(packageFiles({}, {}, { 'dist/index.js': 'export default 2;' }));
    const folder = await unpackPlugin(plugins, other);
    assert.equal(await readFile(join(folder, 'dist/index.js'), 'utf8'), 'export default 2;');
    assert.deepEqual((await readdir(plugins)).toSorted(), [`.unpacking-${String(process.ppid)}-abc`, 'acme_crm']);
  });

  it('is at fault when a byte, a file or a link is more or less than the lock says', async () => {
    const found = await examinePackage(packageFiles());
    const folder = await unpackPlugin(plugins, found);
    const pinned: PinnedPlugin = {
      version: '1.2.0',
      source: { kind: 'tarball', file: 'a.tgz' },
      integrity: `sha512-${'a'.repeat(86)}==`,
      files: found.filesHash,
      manifest: found.manifestHash,
      grants: {},
    };
    assert.equal(await verifyInstalled(plugins, 'acme_crm', pinned), undefined);
    assert.equal((await verifyInstalled(plugins, 'acme_crm', { ...pinned, manifest: '0'.repeat(64) }))?.kind, 'changed');
    const entry = join(folder, 'dist/index.js');
    await writeFile(entry, 'export default 3;;');
    assert.equal((await verifyInstalled(plugins, 'acme_crm', pinned))?.kind, 'changed');
    await writeFile(entry, 'export default {};');
    assert.equal(await verifyInstalled(plugins, 'acme_crm', pinned), undefined);
    await symlink('/etc/hostname', join(folder, 'link'));
    assert.equal((await verifyInstalled(plugins, 'acme_crm', pinned))?.kind, 'changed');
    await rm(join(folder, 'link'));
    await writeFile(join(folder, 'more.js'), '');
    assert.equal((await verifyInstalled(plugins, 'acme_crm', pinned))?.kind, 'changed');
    await rm(folder, { recursive: true });
    assert.equal((await verifyInstalled(plugins, 'acme_crm', pinned))?.kind, 'missing');
  });

  it('of a folder holds what belongs into a package', async () => {
    for (const path of [
      'dist/index.js',
      'plugin.json',
      'node_modules/a/index.js',
      'test/a.js',
      '.env',
      '.git/config',
      'old.tgz',
      'schema/test/a.json',
    ]) {
      await mkdir(join(home, 'source', path, '..'), { recursive: true });
      await writeFile(join(home, 'source', path), 'x');
    }
    await symlink('/etc/hostname', join(home, 'source', 'link.js'));
    assert.deepEqual([...(await readFolder(join(home, 'source'))).keys()].toSorted(), [
      'dist/index.js',
      'plugin.json',
      'schema/test/a.json',
    ]);
  });
});

describe('tendril.lock', () => {
  const acme: PinnedPlugin = {
    version: '1.2.0',
    source: { kind: 'registry', registry: 'main' },
    integrity: `sha512-${'a'.repeat(86)}==`,
    files: 'a'.repeat(64),
    manifest: 'b'.repeat(64),
    grants: { hosts: ['b.example', 'a.example'], events: { write: ['x'], read: ['y'] } },
  };
  const lock: LockFile = { lockVersion: 1, plugins: { zeta: acme, acme } };

  function problemOf(text: string): string {
    try {
      parseLock(text, 'tendril.lock');
    } catch (error) {
      assert.ok(TendrilError.is(error) && error.code === 'LOCK_INVALID', String(error));
      return JSON.stringify(error.details);
    }
    return assert.fail('it was read');
  }

  it('is written in one order, and read as it was written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tendril-lock-'));
    const file = join(folder, 'tendril.lock');
    try {
      assert.deepEqual(await readLock(file), { lockVersion: 1, plugins: {} });
      await writeLock(file, lock);
      assert.deepEqual(await readLock(file), lock);
      const text = await readFile(file, 'utf8');
      assert.equal(text, lockText({ lockVersion: 1, plugins: { acme, zeta: acme } }));
      assert.ok(text.indexOf('"acme"') < text.indexOf('"zeta"'));
      await assert.rejects(writeLock(file, withPlugin(lock, '../evil', acme)), { code: 'LOCK_INVALID' });
      assert.equal(await readFile(file, 'utf8'), text);
      assert.deepEqual(await readdir(folder), ['tendril.lock']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('that is none says in which line', () => {
    const text = lockText(lock);
    assert.match(problemOf('<<<<<<< HEAD\n'), /line 1/);
    assert.match(problemOf(text.slice(0, -3)), /line \d+/);
    assert.match(problemOf(text.replace('"1.2.0"', '"../../1"')), /line 5: .*pattern/);
    assert.match(problemOf(text.replace('"zeta"', '"acme"')), /line \d+: .*unique/i);
    assert.match(problemOf(text.replace('"a.example"', '"http://a.example/"')), /plugins\/acme\/grants\/hosts\/1.*line \d+/);
    assert.match(problemOf(text.replace('"hosts"', '"everything"')), /everything/);
    assert.match(problemOf(text.replace('"lockVersion": 1', '"lockVersion": 7')), /line 2: is 7; a newer Tendril wrote it/);
  });
});
