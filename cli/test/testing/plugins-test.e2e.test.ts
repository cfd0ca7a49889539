import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../bin/tendril.mjs', import.meta.url));

interface Ran {
  readonly code: number;
  readonly output: string;
}

describe('tendril plugins test', function () {
  this.timeout(180_000);
  const root = mkdtempSync(join(tmpdir(), 'tendril-plugins-test-'));
  const folder = join(root, 'acme_crm');
  after(() => rmSync(root, { recursive: true, force: true }));

  function tendril(...words: readonly string[]): Promise<Ran> {
    const environment = { ...process.env, TENDRIL_HOME: join(root, 'home') };
    return new Promise((resolve) => {
      execFile(process.execPath, [COMMAND, 'plugins', ...words], { cwd: root, env: environment }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
      });
    });
  }

  it('is green for a new plugin in an empty folder, in both processes, with its own tests', async () => {
    assert.equal((await tendril('create', '--kind', 'connector', '--id', 'acme_crm', '--dir', folder, '--yes')).code, 0);
    const junit = join(root, 'results.xml');
    const { code, output } = await tendril('test', folder, '--junit', junit);
    assert.equal(code, 0, output);
    assert.match(output, /In the process of the hub:[^]*In a process of its own:[^]*Its own tests:[^]*pass 3/);
    assert.match(readFileSync(junit, 'utf8'), /<testsuite name="acme_crm \(child\)" tests="\d+" failures="0"/);
  });

  it('tells what is broken, where, and how to mend it', async () => {
    const file = join(folder, 'test/recordings/create_contact/created.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"output": {', '"output": { "more": 1,'));
    const only = ['--only', 'recordings/create_contact/created', '--in', 'process'];
    const { code, output } = await tendril('test', folder, ...only);
    assert.equal(code, 1);
    assert.match(output, /✗ .*\n.*recordings\/create_contact\/created\n.*created.json\/output\/more: .*\n.*mend: /);
    const asJson = await tendril('test', folder, '--json', ...only);
    assert.equal(asJson.code, 1);
    assert.equal((JSON.parse(asJson.output) as { readonly isPassed: boolean }).isPassed, false);
  });

  it('says when no check is asked for, and when there is no plugin', async () => {
    const none = await tendril('test', folder, '--only', 'nothing-of-this-name');
    assert.equal(none.code, 1);
    assert.match(none.output, /no check whose id holds nothing-of-this-name/);
    assert.equal((await tendril('test', root)).code, 3);
  });
});
