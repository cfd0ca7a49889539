import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPlugin, PLUGIN_KINDS, TAKEN_IDS } from 'create-tendril-plugin';
import type { PluginKind } from 'create-tendril-plugin';
import { readAuthorFolder } from '../../src/authoring/author-folder.ts';
import { checkFolder } from '../../src/authoring/check-folder.ts';
import { faultLines } from '../../src/authoring/faults.ts';
import type { AuthorFault } from '../../src/authoring/faults.ts';
import { FIRST_PARTY } from '../../src/wiring/plugin-sources.ts';

describe('checkFolder', function () {
  this.timeout(30_000);
  const root = mkdtempSync(join(tmpdir(), 'tendril-check-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  let count = 0;

  /** A new plugin, changed by text. */
  async function changed(file: string, change: (text: string) => string): Promise<string> {
    count += 1;
    const { dir } = await createPlugin({ kind: 'action', id: 'acme_names', dir: join(root, String(count)) });
    writeFileSync(join(dir, file), change(readFileSync(join(dir, file), 'utf8')));
    return dir;
  }

  async function faultsOf(dir: string, isRun = false): Promise<readonly AuthorFault[]> {
    return (await checkFolder(readAuthorFolder(dir), { isRun })).faults;
  }

  for (const kind of Object.keys(PLUGIN_KINDS) as PluginKind[]) {
    it(`finds nothing in a new ${kind}, run or not`, async () => {
      const { dir } = await createPlugin({ kind, id: 'acme_one', dir: join(root, kind) });
      assert.deepEqual(await faultsOf(dir), []);
      assert.deepEqual(await faultsOf(dir, true), []);
    });
  }

  it('tells where a manifest is no JSON', async () => {
    const dir = await changed('plugin.json', (text) => text.replace('"title": "Acme names",', '"title": "Acme names"'));
    const [fault] = await faultsOf(dir);
    assert.deepEqual(fault, {
      severity: 'fault',
      file: 'plugin.json',
      line: 5,
      column: 3,
      message: 'is not JSON: a comma is missing before this name',
    });
    assert.deepEqual(faultLines(dir, [fault]), [
      'plugin.json:5:3  is not JSON: a comma is missing before this name.',
      '      "categories": ["people"],',
      '      ^',
    ]);
  });

  it('tells of a misspelt name with its place and the nearest one', async () => {
    const dir = await changed('plugin.json', (text) => text.replace('"effect": "read"', '"effct": "read"'));
    const faults = await faultsOf(dir);
    assert.ok(faults.some(({ pointer, message }) => pointer === '/contributes/actions/split_name/effect' && message === 'is missing'));
    assert.deepEqual(faults.at(-1), {
      severity: 'fault',
      file: 'plugin.json',
      line: 14,
      column: 9,
      pointer: '/contributes/actions/split_name/effct',
      message: 'is not allowed here',
      suggestion: 'effect',
    });
  });

  it('tells of a value that is none of those to choose from', async () => {
    const dir = await changed('plugin.json', (text) => text.replace('"people"]', '"poeple"]'));
    const [fault] = await faultsOf(dir);
    assert.deepEqual([fault?.pointer, fault?.suggestion], ['/categories/0', 'people']);
  });

  it('tells of a keyword that a schema in another file misspells', async () => {
    const dir = await changed('schema/split-name.input.schema.json', (text) => text.replace('"maxLength"', '"maxLenght"'));
    const [fault] = await faultsOf(dir);
    assert.equal(fault?.file, 'schema/split-name.input.schema.json');
    assert.equal(fault.suggestion, 'maxLength');
    assert.ok((fault.line ?? 0) > 5);
  });

  it('tells where a schema in another file is no JSON, and which reference names it', async () => {
    const dir = await changed('schema/settings.schema.json', (text) => text.replace('{', '{,'));
    const faults = await faultsOf(dir);
    assert.ok(faults.some(({ file, line }) => file === 'schema/settings.schema.json' && line === 1));
    assert.ok(faults.some(({ file, pointer }) => file === 'plugin.json' && pointer === '/config/$ref'));
  });

  it('tells of a schema that is not there', async () => {
    const dir = await changed('schema/settings.schema.json', (text) => text);
    rmSync(join(dir, 'schema/settings.schema.json'));
    const [fault] = await faultsOf(dir);
    assert.equal(fault?.pointer, '/config/$ref');
    assert.match(fault.message, /names schema\/settings\.schema\.json, which cannot be read/);
  });

  it('holds examples of manifest and schemas against the schemas', async () => {
    const inManifest = await changed('plugin.json', (text) => text.replace('"fullName": "Ada" }', '"fullName": "" }'));
    assert.match((await faultsOf(inManifest))[0]?.pointer ?? '', /examples\/1\/input\/fullName/);
    const inSchema = await changed('schema/settings.schema.json', (text) => text.replace('[{}, {', '[7, {'));
    const [fault] = await faultsOf(inSchema);
    assert.deepEqual([fault?.file, fault?.pointer], ['schema/settings.schema.json', '/config/examples/0']);
    const counter = await changed('schema/settings.schema.json', (text) => text.replace('"yes"', 'true'));
    assert.match((await faultsOf(counter))[0]?.message ?? '', /matches the schema, and should not/);
  });

  it('tells of a name that stands twice', async () => {
    const dir = await changed('plugin.json', (text) => text.replace('"title": "Acme names",', '"title": "A", "title": "B",'));
    assert.equal((await faultsOf(dir))[0]?.pointer, '/title');
  });

  it('places what is wrong with the package in package.json', async () => {
    const named = await changed('package.json', (text) => text.replace('tendril-plugin-acme_names', 'acme'));
    assert.deepEqual(
      (await faultsOf(named)).map(({ file, pointer }) => [file, pointer]),
      [['package.json', '/name']],
    );
    const versioned = await changed('package.json', (text) => text.replace('"0.1.0"', '"one"'));
    assert.deepEqual(
      (await faultsOf(versioned)).map(({ file, pointer }) => [file, pointer]),
      [['package.json', '/version']],
    );
    const missing = await changed('package.json', (text) => text);
    rmSync(join(missing, 'package.json'));
    assert.ok((await faultsOf(missing)).some(({ file, message }) => file === 'package.json' && message === 'is missing'));
  });

  describe('of the code, without running it', () => {
    for (const [name, file, change, expected] of [
      ['a syntax error', 'src/index.ts', (text: string) => text.replace('setup(host) {', 'setup(host) {{'), /src\/index\.ts:\d+:\d+ {2}/],
      [
        'an import that is not there',
        'src/index.ts',
        (text: string) => text.replace('./actions/split-name.ts', './actions/split-nam.ts'),
        /Could not resolve .*Is the file there/,
      ],
      [
        'a package that is not installed',
        'src/index.ts',
        (text: string) => `import 'left-pad-of-acme';\n${text}`,
        /src\/index\.ts:1:8 .*npm install --save-dev left-pad-of-acme/,
      ],
      [
        'a package of Tendril that is for tests',
        'src/index.ts',
        (text: string) => `import '@tendril/testkit';\n${text}`,
        /is for tests only/,
      ],
      ['a native addon', 'src/index.ts', (text: string) => `import './addon.node';\n${text}`, /native addon/],
      ['a loader of native addons', 'src/index.ts', (text: string) => `import 'bindings';\n${text}`, /native addons/],
      [
        'no default export',
        'src/index.ts',
        (text: string) => text.replace('export default', 'export const plugin ='),
        /has no default export \(it exports plugin\)/,
      ],
      ['a name that the other module lacks', 'src/index.ts', (text: string) => text.replaceAll('splitName', 'splitNam'), /splitNam/],
    ] as const) {
      it(`finds ${name}`, async () => {
        const dir = await changed(file, change);
        const { faults, isSound } = await checkFolder(readAuthorFolder(dir));
        assert.equal(isSound, false);
        assert.match(faultLines(dir, faults).join('\n'), expected);
      });
    }

    it('finds that there is none', async () => {
      const dir = await changed('src/index.ts', (text) => text);
      rmSync(join(dir, 'src'), { recursive: true });
      assert.match((await faultsOf(dir))[0]?.message ?? '', /is missing, and the manifest declares what code has to answer/);
    });
  });

  describe('of the code, run', () => {
    it('finds what is not registered, and what is without being declared', async () => {
      const dir = await changed('src/index.ts', (text) => text.replace("'split_name'", "'join_name'"));
      assert.deepEqual(await faultsOf(dir), []);
      const [fault] = await faultsOf(dir, true);
      assert.equal(fault?.pointer, '/contributes');
      assert.match(fault.message, /does not implement .*split_name.*implements without declaring .*join_name/);
    });

    it('finds modules that need one another before they are there', async () => {
      const dir = await changed('src/index.ts', (text) => `${text}\nexport class Names {}\n`);
      writeFileSync(
        join(dir, 'src/actions/split-name.ts'),
        "import { Names } from '../index.ts';\nclass Split extends Names {}\nexport const splitName = async () => new Split();\n",
      );
      assert.match((await faultsOf(dir, true))[0]?.message ?? '', /failed while it was loaded: Class extends value undefined/);
    });

    it('finds code that throws', async () => {
      const dir = await changed('src/index.ts', (text) => `${text}\nthrow new Error('no key');\n`);
      assert.match((await faultsOf(dir, true))[0]?.message ?? '', /no key/);
    });
  });

  it('warns of habits, and keeps a plugin sound with them', async () => {
    const dir = await changed('plugin.json', (text) =>
      text
        .replace(/ {2}"\$schema".*\n/, '')
        .replace('"permissions": {', '"permissions": { "hosts": ["*.example.com"],')
        .replace(/ {8}"description".*\n/, '')
        .replace('"effect": "read"', '"effect": "write", "idempotency": "none"')
        .replace(/,\s*"examples": \[[\s\S]*?\n {8}\]/, ''),
    );
    rmSync(join(dir, 'README.md'));
    const { faults, isSound } = await checkFolder(readAuthorFolder(dir));
    assert.equal(isSound, true);
    assert.deepEqual(
      faults.map(({ severity, file, pointer }) => [severity, file, pointer]),
      [
        ['warning', 'README.md', undefined],
        ['warning', 'plugin.json', ''],
        ['warning', 'plugin.json', '/permissions/hosts/0'],
        ['warning', 'plugin.json', '/contributes/actions/split_name'],
        ['warning', 'plugin.json', '/contributes/actions/split_name'],
        ['warning', 'plugin.json', '/contributes/actions/split_name/idempotency'],
      ],
    );
  });

  it('says what to do where there is no plugin', () => {
    assert.throws(() => readAuthorFolder(join(root, 'nowhere')), /`tendril plugins create` makes a plugin/);
    assert.throws(() => readAuthorFolder(root), /holds no plugin: there is no plugin\.json/);
    assert.throws(() => readAuthorFolder(import.meta.filename), /is a file/);
  });

  it('keeps the ids of the plugins that come with the command', () => {
    assert.deepEqual(
      FIRST_PARTY.filter((id) => !TAKEN_IDS.has(id)),
      [],
    );
  });
});
