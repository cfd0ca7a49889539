import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rawTarball } from '../../registry/test/packages/hostile-archive.ts';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { runTendril } from '../support/tendril.ts';
import type { CommandResult } from '../support/tendril.ts';

const ID = 'acme_crm';

interface Version {
  readonly version: string;
  readonly hosts: readonly string[];
  readonly answer: string;
}

/** A plugin as an author has packed it. */
function packed(folder: string, { version, hosts, answer }: Version): string {
  const manifest = {
    id: ID,
    title: 'Acme CRM',
    engines: { tendril: '^0.1.0' },
    config: {
      type: 'object',
      additionalProperties: false,
      required: ['region'],
      properties: { region: { enum: ['eu', 'us'], title: 'Region', description: 'Where the account is.' } },
    },
    permissions: { hosts, storage: ['kv'] },
    contributes: {
      actions: {
        count: {
          title: 'Count',
          description: 'Counts its calls.',
          effect: 'write',
          idempotency: 'natural',
          input: { type: 'object', additionalProperties: false, properties: {} },
          output: {
            type: 'object',
            additionalProperties: false,
            required: ['answer', 'count', 'pid', 'region'],
            properties: {
              answer: { type: 'string', description: 'Of which version it is.' },
              count: { type: 'integer', description: 'How often it was called.' },
              pid: { type: 'integer', description: 'Its process.' },
              region: { type: 'string', description: 'As set.' },
            },
          },
        },
      },
    },
  };
  const code = `import { definePlugin } from '@tendril/plugin-api';
export default definePlugin({
  setup(host) {
    host.action('count', async (_input, call) => {
      const count = ((await call.kv.get('count')) ?? 0) + 1;
      await call.kv.set('count', count);
      return { answer: ${JSON.stringify(answer)}, count, pid: process.pid, region: call.settings.region };
    });
  },
});
`;
  const packageJson = {
    name: `tendril-plugin-${ID}`,
    version,
    description: 'Counts',
    license: 'MIT',
    type: 'module',
    exports: './dist/index.js',
    scripts: { postinstall: 'touch /tmp/was-run' },
  };
  const file = join(folder, `${ID}-${version}.tgz`);
  writeFileSync(
    file,
    rawTarball([
      { path: 'package/package.json', content: JSON.stringify(packageJson) },
      { path: 'package/plugin.json', content: JSON.stringify(manifest) },
      { path: 'package/dist/index.js', content: code },
    ]),
  );
  return file;
}

describe('an operator of plugins', function () {
  this.timeout(180_000);
  let folder: string;
  let home: string;
  let hub: RunningHub;
  let one: string;
  let two: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tendril-operator-'));
    home = join(folder, 'home');
    mkdirSync(home);
    one = packed(folder, { version: '1.0.0', hosts: ['api.acme.example'], answer: 'one' });
    two = packed(folder, { version: '1.1.0', hosts: ['api.acme.example', 'files.acme.example'], answer: 'two' });
  });
  after(async () => {
    await hub?.kill();
    removeDataDir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  function run(...words: readonly string[]): Promise<CommandResult> {
    return runTendril(words, { home, cwd: folder });
  }

  async function answerOf<Answer>(...words: readonly string[]): Promise<Answer> {
    const result = await run(...words, '--json');
    assert.equal(result.code, 0, `${words.join(' ')}: ${result.stdout}${result.stderr}`);
    return JSON.parse(result.stdout) as Answer;
  }

  async function count(): Promise<{ readonly answer: string; readonly count: number; readonly pid: number; readonly region: string }> {
    return (await answerOf<{ output: { answer: string; count: number; pid: number; region: string } }>('actions', 'run', `${ID}.count`))
      .output;
  }

  it('finds nothing to list, look at or compare in a new home', async () => {
    for (const [command, says] of [
      ['list', /No plugin is installed/],
      ['audit', /No plugin is installed/],
      ['verify', /No plugin is installed/],
      ['upgrade', /nothing to upgrade/],
    ] as const) {
      const result = await run('plugins', command);
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, says);
    }
    assert.deepEqual(await answerOf('plugins', 'audit'), { plugins: [], findings: [] });
    const unknown = await run('plugins', 'remove', ID);
    assert.equal(unknown.code, 3);
    assert.match(unknown.stderr, /plugins list/);
    assert.equal((await run('plugins', 'upgrade', ID)).code, 3);
    assert.match((await run('plugins', 'install', './none')).stderr, /There is no/);
    assert.match((await run('plugins', 'install', 'Acme!')).stderr, /nothing that can be installed/);
  });

  it('sees what a package is before it is installed', async () => {
    const info = await run('plugins', 'info', one);
    assert.match(info.stdout, /Acme CRM \(acme_crm 1\.0\.0\)/);
    assert.match(info.stdout, /May reach api\.acme\.example/);
    assert.match(info.stdout, /actions: count/);
    assert.match(info.stdout, /postinstall would not be run/);
  });

  it('is asked, or says what may be installed unattended', async () => {
    const asked = await run('plugins', 'install', one);
    assert.equal(asked.code, 3);
    assert.match(asked.stderr, /--yes/);
    const narrow = await run('plugins', 'install', one, '--allow-permissions', '{"hosts":["other.example"]}');
    assert.equal(narrow.code, 3);
    assert.match(narrow.stderr, /May reach api\.acme\.example/);
    assert.ok(!existsSync(join(home, 'tendril.lock')) && !existsSync(join(home, 'plugins')));
  });

  it('installs a tarball without running anything of it, before any hub was started', async () => {
    const installed = await answerOf<{ id: string; version: string; ignoredScripts: string[]; isLoaded: boolean }>(
      'plugins',
      'install',
      one,
      '--allow-permissions',
      '{"hosts":["*.acme.example"],"storage":["kv"]}',
    );
    assert.deepEqual(
      [installed.id, installed.version, installed.ignoredScripts, installed.isLoaded],
      [ID, '1.0.0', ['postinstall'], false],
    );
    assert.deepEqual(readdirSync(join(home, 'plugins', ID, '1.0.0')).toSorted(), ['dist', 'package.json', 'plugin.json']);
    assert.match((await run('plugins', 'list')).stdout, /acme_crm\s+1\.0\.0\s+installed\s+file/);
    assert.match((await run('plugins', 'verify')).stdout, /as tendril\.lock says/);
  });

  it('enables it with consent and settings, and runs its action in a process of its own', async () => {
    hub = await startHub({ dataDir: home, flags: ['--empty'] });
    const refused = await run('plugins', 'enable', ID);
    assert.equal(refused.code, 3);
    assert.match(refused.stdout, /May reach api\.acme\.example/);
    assert.match(refused.stderr, /--yes/);
    const unset = await run('plugins', 'enable', ID, '--yes');
    assert.match(unset.stderr, /region/);
    assert.match((await run('plugins', 'enable', ID, '--yes', '--set', 'region=mars')).stderr, /none of eu, us/);
    assert.match((await run('plugins', 'enable', ID, '--yes', '--set', 'regoin=eu')).stderr, /There are: region/);
    await answerOf('plugins', 'enable', ID, '--yes', '--set', 'region=eu');
    const first = await count();
    assert.deepEqual([first.answer, first.count, first.region], ['one', 1, 'eu']);
    assert.notEqual(first.pid, hub.process.pid);
    const { items } = await answerOf<{ items: { id: string; runsIn: string; isEnabled: boolean }[] }>('plugins', 'list');
    const listed = items.find(({ id }) => id === ID);
    assert.deepEqual([listed?.runsIn, listed?.isEnabled], ['child', true]);
  });

  it('sees what an upgrade changes, and has to consent to what is more', async () => {
    const plan = await run('plugins', 'upgrade', two, '--plan');
    assert.equal(plan.code, 0, plan.stderr);
    assert.match(plan.stdout, /1\.0\.0 to 1\.1\.0/);
    assert.match(plan.stdout, /It may do more:\s+May reach files\.acme\.example/);
    assert.doesNotMatch(plan.stdout, /No hub was asked/);
    assert.equal((await count()).answer, 'one');
    assert.equal((await run('plugins', 'upgrade', two)).code, 3);
    const upgraded = await run('plugins', 'upgrade', two, '--yes');
    assert.equal(upgraded.code, 0, upgraded.stderr);
    assert.match(upgraded.stdout, /not called until somebody does/);
    const waiting = await run('actions', 'run', `${ID}.count`);
    assert.match(waiting.stderr, /PLUGIN_CONSENT_NEEDED/);
    await answerOf('plugins', 'enable', ID, '--yes');
    const second = await count();
    assert.deepEqual([second.answer, second.count, second.region], ['two', 3, 'eu']);
  });

  it('goes back to the version before', async () => {
    const back = await answerOf<{ plugins: { from: string; to: string }[] }>('plugins', 'upgrade', ID, '--rollback');
    assert.deepEqual([back.plugins[0]?.from, back.plugins[0]?.to], ['1.1.0', '1.0.0']);
    const again = await count();
    assert.deepEqual([again.answer, again.count], ['one', 4]);
  });

  it('is told when files differ from the lock: the plugin is at fault, the others run', async () => {
    const entry = join(home, 'plugins', ID, '1.0.0', 'dist', 'index.js');
    const code = readFileSync(entry, 'utf8');
    writeFileSync(entry, `${code}// changed`);
    const verified = await run('plugins', 'verify', ID);
    assert.equal(verified.code, 1);
    assert.match(verified.stdout, /not those that the lock pins/);
    const audit = await run('plugins', 'audit', '--ignore', 'unsigned');
    assert.equal(audit.code, 1);
    assert.match(audit.stdout, /integrity/);
    await hub.stop();
    hub = await startHub({ dataDir: home, flags: ['--empty'] });
    const { items } = await answerOf<{ items: { id: string; state: string }[] }>('plugins', 'list');
    assert.deepEqual(
      items.filter(({ state }) => state === 'faulty').map(({ id }) => id),
      [ID],
    );
    // Installed again, it is as it was.
    await answerOf('plugins', 'install', one, '--yes');
    await eventually(count, ({ answer }) => answer === 'one');
    assert.equal((await run('plugins', 'audit', '--ignore', 'unsigned')).code, 0);
  });

  it('takes a lock that is damaged for what it is', async () => {
    const lock = join(home, 'tendril.lock');
    const text = readFileSync(lock, 'utf8');
    writeFileSync(lock, text.replace('"1.0.0"', '"one"'));
    const result = await run('plugins', 'verify');
    assert.equal(result.code, 3);
    assert.match(result.stderr, /LOCK_INVALID/);
    assert.match(result.stderr, /line 5/);
    writeFileSync(lock, text);
  });

  it('refuses hostile packages, and nothing of them is left', async () => {
    const evil = join(folder, 'evil.tgz');
    const before = readdirSync(join(home, 'plugins'));
    for (const entry of [
      { path: 'package/../../../evil.js', content: 'x' },
      { path: 'package/link', type: '2', linkpath: '/etc/passwd' },
      { path: 'package/PLUGIN.json', content: '{}' },
    ]) {
      writeFileSync(evil, rawTarball([{ path: 'package/plugin.json', content: '{}' }, entry]));
      const result = await run('plugins', 'install', evil, '--yes');
      assert.equal(result.code, 3, result.stdout);
      assert.match(result.stderr, /PACKAGE_INVALID/);
    }
    assert.deepEqual(readdirSync(join(home, 'plugins')), before);
    assert.ok(!existsSync(join(folder, 'evil.js')) && !existsSync(join(home, 'evil.js')));
  });

  it('removes it with what it keeps written to a file, then deleted', async () => {
    const file = join(folder, 'kept.ndjson');
    assert.match((await run('plugins', 'remove', ID, '--delete-data')).stderr, /--yes/);
    await answerOf('plugins', 'remove', ID, '--export', file, '--delete-data', '--yes');
    const rows = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
    assert.ok(
      rows.some((row) => row.includes('count')),
      rows.join('\n'),
    );
    assert.ok(!existsSync(join(home, 'plugins', ID)));
    assert.match((await run('actions', 'run', `${ID}.count`)).stderr, /ACTION_UNKNOWN|PLUGIN/);
    assert.doesNotMatch((await run('plugins', 'list')).stdout, /acme_crm/);
  });

  it('keeps data that nobody said to delete, and starts anew where it was deleted', async () => {
    await answerOf('plugins', 'install', one, '--yes');
    await answerOf('plugins', 'enable', ID, '--yes', '--set', 'region=us');
    assert.equal((await count()).count, 1);
    await answerOf('plugins', 'remove', ID);
    await answerOf('plugins', 'install', one, '--yes');
    await answerOf('plugins', 'enable', ID, '--yes', '--set', 'region=us');
    assert.equal((await count()).count, 2);
  });

  it('links a folder for development, which production refuses', async () => {
    const linked = join(folder, 'draft');
    mkdirSync(linked);
    writeFileSync(join(linked, 'package.json'), JSON.stringify({ name: 'tendril-plugin-draft', version: '0.1.0', type: 'module' }));
    writeFileSync(
      join(linked, 'plugin.json'),
      JSON.stringify({ id: 'draft', title: 'Draft', engines: { tendril: '^0.1.0' }, contributes: {} }),
    );
    await answerOf('plugins', 'install', './draft', '--link', '--yes');
    assert.match((await run('plugins', 'audit')).stdout, /linked/);
    await hub.stop();
    const environment = { NODE_ENV: 'production', TENDRIL_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };
    const production = join(folder, 'production');
    mkdirSync(production);
    for (const name of ['tendril.lock', 'plugins']) symlinkSync(join(home, name), join(production, name));
    hub = await startHub({ dataDir: production, environment });
    const faults = await hub.api<{ items: { id: string; state: string; health: { reason?: string } }[] }>('GET', '/v1/plugins');
    const draft = faults.items.find(({ id }) => id === 'draft');
    assert.equal(draft?.state, 'faulty');
    assert.match(String(draft.health.reason), /TENDRIL_ALLOW_LINKED/);
  });
});
