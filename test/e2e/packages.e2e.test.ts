import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeDataDir } from '../support/start-hub.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the published packages', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-packages-'));
  after(() => removeDataDir(folder));

  it('install from their tarballs in an empty folder and start', async () => {
    execFileSync(process.execPath, ['tools/build.mjs'], { cwd: root, stdio: 'pipe' });
    mkdirSync(join(folder, 'tarballs'));
    execFileSync('npm', ['pack', '--workspaces', '--pack-destination', join(folder, 'tarballs'), '--loglevel=error'], {
      cwd: root,
      stdio: 'pipe',
    });
    const tarballs = readdirSync(join(folder, 'tarballs'))
      .filter((name) => !name.startsWith('tendril-tools'))
      .map((name) => `./tarballs/${name}`);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true, allowScripts: { node: true } }));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], { cwd: folder, stdio: 'pipe' });

    const environment = { ...process.env, PORT: '0', TENDRIL_HOME: join(folder, 'data') };
    const hub = spawn('npx', ['tendril', 'start', '--empty', '--json'], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let errors = '';
    hub.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    try {
      const line = await new Promise<string>((resolve, reject) => {
        let text = '';
        hub.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
        });
        hub.once('exit', () => reject(new Error(`It ended before it was ready:\n${errors}`)));
      });
      const { url } = JSON.parse(line) as { url: string };
      assert.equal((await fetch(`${url}/readyz`)).status, 200);
      // Without the session of the printed link there is no page; its files are there.
      assert.match(await (await fetch(url, { headers: { accept: 'text/html' } })).text(), /Open the page by the link/);
      assert.match(readFileSync(join(folder, 'node_modules/@tendril/dashboard/dist/index.html'), 'utf8'), /<div id="root">/);
      const npx = (...words: readonly string[]) =>
        execFileSync('npx', ['tendril', ...words], { cwd: folder, env: environment, encoding: 'utf8' });
      assert.match(npx('events', 'send', 'Hello', '--user', 'u'), /^Sent as /);
      assert.match(npx('actions', 'run', 'salesforce.test'), /{/);
      writeFileSync(join(folder, 'p.yaml'), 'pipeline: p\ntrigger: { event: Hello }\nsteps: [{ stop: {} }]\n');
      assert.match(npx('pipelines', 'validate', 'p.yaml'), /is sound/);
      // A plugin is made, tested and packed with nothing but the command; and made on the machine's own Node by `npm create`.
      npx('plugins', 'create', '--kind', 'connector', '--id', 'acme_crm', '--yes');
      assert.match(npx('plugins', 'validate', 'acme_crm', '--run', '--strict'), /acme_crm is sound/);
      assert.match(npx('plugins', 'types', 'acme_crm', '--check'), /is up to date/);
      assert.match(npx('plugins', 'test', 'acme_crm'), /\n\d+ passed/);
      assert.match(npx('plugins', 'pack', 'acme_crm'), /tendril-plugin-acme_crm-0\.1\.0\.tgz/);
      const created = execFileSync('npx', ['create-tendril-plugin', 'acme_names', '--kind', 'action', '--yes'], {
        cwd: folder,
        encoding: 'utf8',
      });
      assert.match(created, /tendril-plugin-acme_names is in /);
    } finally {
      if (hub.pid !== undefined) process.kill(-hub.pid, 'SIGKILL');
      removeDataDir(join(folder, 'data'));
    }
  });
});
