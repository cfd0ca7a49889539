import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { examinePackage, readTarball } from '@tendril/registry';
import { createPlugin } from 'create-tendril-plugin';
import type { PluginKind } from 'create-tendril-plugin';
import { loadBundle } from '../../src/authoring/load-bundle.ts';
import { CannotPack, packPlugin } from '../../src/authoring/pack.ts';

describe('packPlugin', function () {
  this.timeout(30_000);
  const root = mkdtempSync(join(tmpdir(), 'tendril-pack-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  let count = 0;

  async function created(kind: PluginKind = 'action'): Promise<string> {
    count += 1;
    return (await createPlugin({ kind, id: 'acme_one', year: 2026, dir: join(root, String(count)) })).dir;
  }

  function write(folder: string, files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }

  function change(folder: string, file: string, edit: (text: string) => string): void {
    writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), 'utf8')));
  }

  async function unpack(folder: string): Promise<ReadonlyMap<string, string>> {
    const { tarball } = await packPlugin(folder);
    const { files } = await readTarball(tarball);
    return new Map([...files].map(([path, content]) => [path, content.toString('utf8')]));
  }

  const refusal = async (folder: string): Promise<string> => {
    try {
      await packPlugin(folder);
    } catch (error) {
      assert.ok(error instanceof CannotPack, String(error));
      return error.lines.join('\n');
    }
    throw new Error('it was packed');
  };

  it('gives what can be installed, with the code as one module', async () => {
    const folder = await created('connector');
    const { tarball, integrity, packageJson, manifest, fileName } = await packPlugin(folder);
    const read = await readTarball(tarball);
    assert.equal(read.integrity, integrity);
    assert.equal(fileName, 'tendril-plugin-acme_one-0.1.0.tgz');
    assert.equal(manifest.id, 'acme_one');
    const { id, ignoredScripts } = await examinePackage(read.files);
    assert.deepEqual([id, ignoredScripts], ['acme_one', []]);
    for (const name of ['scripts', 'devDependencies', 'dependencies']) assert.equal(packageJson[name], undefined, name);
    assert.deepEqual(packageJson['files'], ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'plugin.json', 'schema']);
    assert.equal([...read.files.keys()].filter((path) => /\.ts$|^test\/|^src\//.test(path)).length, 0);
  });

  it('gives the same bytes for the same folder at another place and time', async () => {
    const [one, other] = [await created('connector'), await created('connector')];
    utimesSync(join(other, 'plugin.json'), 1, 1);
    assert.deepEqual(Buffer.from((await packPlugin(one)).tarball), Buffer.from((await packPlugin(other)).tarball));
    change(other, 'src/client.ts', (text) => text.replace('/v1', '/v2'));
    assert.notEqual((await packPlugin(one)).integrity, (await packPlugin(other)).integrity);
  });

  it('takes no files from outside of the folder, whoever wrote it', async () => {
    const outside = join(root, 'outside');
    write(root, { 'outside/keys.json': '{"key":"hush"}', 'outside/id_rsa': 'hush', 'outside/shared.ts': 'export const shared = 1;' });
    const imports: Readonly<Record<string, string>> = {
      '../../outside/keys.json': "import keys from '../../outside/keys.json';",
      [`${outside}/keys.json`]: `import keys from '${outside}/keys.json';`,
      'a link': "import keys from './linked.json';",
      'any file as text': "import keys from '../../outside/id_rsa' with { type: 'text' };",
    };
    for (const [what, line] of Object.entries(imports)) {
      const folder = await created();
      if (what === 'a link') symlinkSync(join(outside, 'keys.json'), join(folder, 'src/linked.json'));
      change(folder, 'src/index.ts', (text) => `${line}\nexport const held = keys;\n${text}`);
      assert.match(await refusal(folder), /outside of the plugin's folder/, what);
    }
    const linking = await created();
    rmSync(join(linking, 'README.md'));
    symlinkSync(join(outside, 'id_rsa'), join(linking, 'README.md'));
    assert.match(await refusal(linking), /README\.md.*outside of the plugin's folder/s);
    const sharing = await created();
    change(sharing, 'src/index.ts', (text) => `export { shared } from '../../outside/shared.ts';\n${text}`);
    assert.match((await unpack(sharing)).get('dist/index.js') ?? '', /shared/);
  });

  it('has no code for a plugin that needs none', async () => {
    const files = await unpack(await created('declarative'));
    assert.ok(!files.has('dist/index.js'));
    assert.deepEqual(Object.keys((JSON.parse(files.get('package.json') ?? '') as { exports: object }).exports), [
      './plugin.json',
      './package.json',
    ]);
  });

  it('takes in the code of npm packages, of CommonJS too, with their licences', async () => {
    const folder = await created();
    write(folder, {
      'node_modules/@acme/words/package.json': '{"name":"@acme/words","version":"2.0.0","license":"MIT","main":"index.js"}',
      'node_modules/@acme/words/LICENSE': 'Copyright Acme',
      'node_modules/@acme/words/index.js':
        "/*! (c) Acme */\nconst { sep } = require('node:path');\nexports.words = (text) => text.split(sep).length;\n",
    });
    change(
      folder,
      'src/actions/split-name.ts',
      (text) => `import { words } from '@acme/words';\nif (words('a') !== 1) throw new Error();\n${text}`,
    );
    const { bundled } = await packPlugin(folder);
    assert.deepEqual(bundled, ['@acme/words']);
    const files = await unpack(folder);
    assert.match(files.get('dist/index.js') ?? '', /\(c\) Acme/);
    assert.match(files.get('THIRD-PARTY-NOTICES.txt') ?? '', /@acme\/words 2\.0\.0 \(MIT\)\n=+\n\nCopyright Acme/);
    const loaded = await loadBundle(Buffer.from(files.get('dist/index.js') ?? ''), 'acme_one');
    assert.equal(typeof (loaded.default as { setup?: unknown }).setup, 'function');
  });

  it('takes in files that the manifest names, and schemas that schemas name', async () => {
    const folder = await created('connector');
    write(folder, { 'images/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>', 'notes.txt': 'mine' });
    change(folder, 'plugin.json', (text) => text.replace('"categories"', '"icon": "images/icon.svg",\n  "categories"'));
    const files = await unpack(folder);
    assert.ok(files.has('images/icon.svg'));
    assert.ok(files.has('schema/contact.schema.json'));
    assert.ok(!files.has('notes.txt'));
    rmSync(join(folder, 'images'), { recursive: true });
    assert.match(await refusal(folder), /images\/icon\.svg {2}is missing, and the manifest names it/);
  });

  it('refuses native addons by the package that brings them', async () => {
    const folder = await created();
    write(folder, {
      'node_modules/fast/package.json': '{"name":"fast","version":"1.0.0","main":"index.js"}',
      'node_modules/fast/index.js': "module.exports = require('./build/fast.node');\n",
    });
    change(folder, 'src/index.ts', (text) => `import 'fast';\n${text}`);
    assert.match(await refusal(folder), /node_modules\/fast\/index\.js:1:\d+ {2}\.\/build\/fast\.node is a native addon/);
  });

  it('refuses what is broken, and types that are behind', async () => {
    const folder = await created();
    change(folder, 'schema/settings.schema.json', (text) =>
      text.replace('isFamilyNameFirst": {', 'isOther": { "type": "string" },\n    "isFamilyNameFirst": {'),
    );
    assert.match(await refusal(folder), /src\/gen\/manifest\.gen\.ts {2}is behind plugin\.json\. Run `tendril plugins types`/);
    change(folder, 'plugin.json', (text) => text.replace('"effect": "read"', '"effect": "reed"'));
    assert.match(await refusal(folder), /plugin\.json:14:\d+ .*must be one of .*Did you mean `read`\?/);
  });
});
