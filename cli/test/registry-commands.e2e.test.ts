import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import { writeTarball } from '@tendril/registry';

const TENDRIL = fileURLToPath(new URL('../bin/tendril.mjs', import.meta.url));

describe('a plugin that goes from its author through a registry to an operator', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-registry-commands-'));
  after(() => rmSync(folder, { recursive: true }));

  interface Outcome {
    readonly status: number | null;
    readonly answer: Readonly<Record<string, unknown>>;
  }
  const tendril = (...words: readonly string[]): Outcome => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning', TENDRIL, ...words, '--json'],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], TENDRIL_HOME: join(folder, 'home') },
      },
    );
    return { status, answer: JSON.parse(stdout) as Readonly<Record<string, unknown>> };
  };
  const codeOf = ({ answer }: Outcome): unknown => (answer['error'] as { readonly code?: string } | undefined)?.code;
  const pack = (version: string, hosts: readonly string[] = ['api.acme.example']): string => {
    const manifest = {
      id: 'acme_crm',
      title: 'Acme CRM',
      categories: ['crm'],
      engines: { tendril: `^${CONTRACT_VERSION}` },
      permissions: { hosts },
      contributes: {},
    };
    const packageJson = {
      name: 'tendril-plugin-acme_crm',
      version,
      description: 'Contacts of Acme.',
      license: 'MIT',
      author: 'Acme Inc. <a@acme.example>',
      type: 'module',
    };
    const texts = {
      'package.json': JSON.stringify(packageJson),
      'plugin.json': JSON.stringify(manifest),
      'README.md': '# Acme',
      LICENSE: 'MIT',
    };
    writeFileSync(
      join(folder, `acme_crm-${version}.tgz`),
      writeTarball(new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]))),
    );
    return `acme_crm-${version}.tgz`;
  };

  it('is signed by a key that is made for it, and only with a key', () => {
    const tarball = pack('1.0.0');
    assert.equal(codeOf(tendril('plugins', 'publish', tarball, '--registry-folder', 'src')), 'SIGNATURE_MISSING');
    const signed = tendril('plugins', 'sign', tarball, '--key', 'author.pem', '--new-key');
    assert.equal(signed.status, 0);
    assert.equal(statSync(join(folder, 'author.pem')).mode & 0o777, 0o600);
    assert.ok(existsSync(join(folder, `${tarball}.sig.json`)));
    assert.equal(codeOf(tendril('plugins', 'sign', tarball, '--key', 'author.pem', '--new-key')), 'KEY_EXISTS');
  });

  it('is published as files of a pull request, once', () => {
    const published = tendril('plugins', 'publish', 'acme_crm-1.0.0.tgz', '--registry-folder', 'src');
    assert.equal(published.status, 0, JSON.stringify(published.answer));
    assert.deepEqual(published.answer['files'], ['src/plugins/acme_crm/entry.json', 'src/plugins/acme_crm/acme_crm-1.0.0.tgz']);
    const entry = JSON.parse(readFileSync(join(folder, 'src/plugins/acme_crm/entry.json'), 'utf8')) as { readonly publisher: unknown };
    assert.deepEqual(entry.publisher, { name: 'Acme Inc.' });
    assert.equal(codeOf(tendril('plugins', 'publish', 'acme_crm-1.0.0.tgz', '--registry-folder', 'src')), 'VERSION_EXISTS');
    const greedy = tendril('plugins', 'publish', pack('1.0.1', ['*.example']), '--registry-folder', 'src', '--key', 'author.pem');
    assert.equal(greedy.status, 3);
    assert.match(JSON.stringify(greedy.answer['faults']), /asks for more than 1\.0\.0/);
    const mended = tendril('plugins', 'publish', pack('1.0.1'), '--registry-folder', 'src', '--key', 'author.pem', '--replace');
    assert.equal(mended.status, 0, JSON.stringify(mended.answer));
  });

  it('is checked and built into a registry, which is not built from faulty submissions', () => {
    assert.equal(
      tendril('registry', 'root', 'src', '--name', 'x.example', '--key', 'root.pem', '--index-key', 'index.pem', '--new-keys').answer[
        'isComplete'
      ],
      true,
    );
    assert.deepEqual(tendril('registry', 'check', 'src').answer, { plugins: 1, faults: [], notices: [] });
    assert.equal(codeOf(tendril('registry', 'build', 'src', '--out', 'public', '--key', 'author.pem')), 'REGISTRY_UNTRUSTED');
    const built = tendril('registry', 'build', 'src', '--out', 'public', '--key', 'index.pem');
    assert.equal(built.status, 0, JSON.stringify(built.answer));
    writeFileSync(join(folder, 'src/plugins/acme_crm/stray'), '');
    assert.equal(codeOf(tendril('registry', 'build', 'src', '--out', 'public', '--key', 'index.pem')), 'REGISTRY_FAULTY');
    const checked = tendril('registry', 'check', 'src');
    assert.equal(checked.status, 3);
    rmSync(join(folder, 'src/plugins/acme_crm/stray'));
  });

  it('is found by an operator who has compared the fingerprint', () => {
    assert.deepEqual(tendril('plugins', 'search', 'acme').answer, { items: [] });
    assert.equal(codeOf(tendril('registry', 'add', 'main', 'public')), 'CONFIRMATION_NEEDED');
    assert.equal(codeOf(tendril('registry', 'add', 'main', 'public', '--key', '0'.repeat(64))), 'REGISTRY_UNTRUSTED');
    assert.deepEqual(tendril('registry', 'list').answer, { items: [] });
    assert.equal(tendril('registry', 'add', 'main', 'public', '--yes').status, 0);
    assert.equal(codeOf(tendril('registry', 'add', 'main', 'public', '--yes')), 'ALREADY_EXISTS');
    const [found] = tendril('plugins', 'search', 'amce', 'contacts').answer['items'] as readonly Readonly<Record<string, unknown>>[];
    assert.equal(found?.['id'], 'acme_crm');
    assert.equal(found['version'], '1.0.1');
    assert.equal(found['registry'], 'main');
  });

  it('is kept from an operator whom somebody serves another index', () => {
    const index = join(folder, 'public/index.json');
    const before = readFileSync(index, 'utf8');
    writeFileSync(index, before.replace('Contacts of Acme.', 'Contacts of Evil.'));
    const refreshed = tendril('registry', 'refresh');
    assert.equal(refreshed.status, 1);
    assert.match(JSON.stringify(refreshed.answer), /REGISTRY_UNTRUSTED/);
    writeFileSync(index, before);
    assert.equal(tendril('registry', 'refresh').status, 0);
    assert.equal(codeOf(tendril('registry', 'remove', 'maim')), 'REGISTRY_UNKNOWN');
    assert.equal(tendril('registry', 'remove', 'main').status, 0);
    assert.equal(existsSync(join(folder, 'home/registries/main')), false);
  });
});
