import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askForPlugin, checkPluginId, createPlugin, nearestPluginId, PLUGIN_KINDS } from 'create-tendril-plugin';
import type { PluginKind } from 'create-tendril-plugin';

describe('createPlugin', () => {
  const root = mkdtempSync(join(tmpdir(), 'tendril-create-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  for (const kind of Object.keys(PLUGIN_KINDS) as PluginKind[]) {
    it(`fills every placeholder of a ${kind}`, async () => {
      const { dir, files, packageName } = await createPlugin({ kind, id: 'acme_one', title: 'Acme "One"', dir: join(root, kind) });
      assert.equal(packageName, 'tendril-plugin-acme_one');
      for (const file of files) {
        const text = readFileSync(join(dir, file), 'utf8');
        assert.doesNotMatch(text, /\{\{[a-zA-Z]/, file);
        if (file.endsWith('.json')) JSON.parse(text);
      }
      for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'plugin.json', 'package.json', '.gitignore'])
        assert.ok(files.includes(file), `${file} is missing`);
      assert.ok(
        files.some((file) => file.startsWith('test/')),
        'there are tests',
      );
    });
  }

  it('takes licence, author, scope and year', async () => {
    const { dir, packageName } = await createPlugin({
      kind: 'action',
      id: 'licensed',
      dir: join(root, 'licensed'),
      license: 'MIT',
      author: 'Acme Ltd',
      scope: '@acme',
      year: 2031,
    });
    assert.equal(packageName, '@acme/tendril-plugin-licensed');
    assert.match(readFileSync(join(dir, 'LICENSE'), 'utf8'), /^MIT License\n\nCopyright \(c\) 2031 Acme Ltd\n/);
    const packageJson = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as object;
    assert.deepEqual({ ...packageJson, name: packageName, license: 'MIT', author: 'Acme Ltd' }, packageJson);
  });

  it('refuses a folder that holds something, and leaves it as it was', async () => {
    const dir = join(root, 'full');
    mkdirSync(dir);
    writeFileSync(join(dir, 'mine.txt'), 'mine');
    await assert.rejects(createPlugin({ kind: 'action', id: 'full', dir }), /is not empty: it has mine\.txt/);
    await assert.rejects(createPlugin({ kind: 'action', id: 'full', dir: join(dir, 'mine.txt') }), /is a file/);
  });

  it('takes a folder with nothing but a repository in it', async () => {
    mkdirSync(join(root, 'cloned/.git'), { recursive: true });
    await createPlugin({ kind: 'action', id: 'cloned', dir: join(root, 'cloned') });
  });

  it('names the place that it cannot write', async () => {
    const file = join(root, 'plain');
    writeFileSync(file, '');
    await assert.rejects(createPlugin({ kind: 'action', id: 'inner', dir: join(file, 'inner') }), { name: 'CannotCreate' });
  });

  it('makes nothing for an id, a scope or a title that will not do', async () => {
    const dir = join(root, 'never');
    await assert.rejects(createPlugin({ kind: 'action', id: 'Acme CRM', dir }), /`acme_crm` would do/);
    await assert.rejects(createPlugin({ kind: 'action', id: 'hubspot', dir }), /is taken.*`my_hubspot` would do/);
    await assert.rejects(createPlugin({ kind: 'action', id: 'acme', scope: 'acme', dir }), /is no scope of npm/);
    await assert.rejects(createPlugin({ kind: 'action', id: 'acme', title: ' ', dir }), /1 to 80 characters/);
    assert.throws(() => readFileSync(dir), { code: 'ENOENT' });
  });
});

describe('nearestPluginId', () => {
  for (const [text, id] of [
    ['AcmeCRM', 'acme_crm'],
    ['acme__crm', 'acme_crm'],
    ['@acme/crm-v2', 'acme_crm_v2'],
    ['42nd Street', 'nd_street'],
    ['Café Müller', 'cafe_muller'],
    ['__', 'my_plugin'],
    ['', 'my_plugin'],
    ['email', 'my_email'],
    ['a'.repeat(80), 'a'.repeat(60)],
  ] as const) {
    it(`makes ${id.slice(0, 20)} of ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(nearestPluginId(text), id);
      assert.equal(checkPluginId(nearestPluginId(text)), undefined);
    });
  }
});

describe('askForPlugin', () => {
  it('says which flag is missing where nobody can be asked', async () => {
    await assert.rejects(askForPlugin({ id: 'acme' }, false), /--kind /);
    await assert.rejects(askForPlugin({ kind: 'action' }, false), /--id acme_crm/);
    assert.equal((await askForPlugin({ kind: 'action', id: 'acme' }, false)).dir, './acme');
  });
});
