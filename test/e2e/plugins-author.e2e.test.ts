import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { runTendril, startTendril } from '../support/tendril.ts';
import type { CommandOptions, CommandResult } from '../support/tendril.ts';

describe('the tools of plugin authors, in an empty folder without a hub', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-author-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...words: readonly string[]): Promise<CommandResult> =>
    runTendril(['plugins', ...words], { home: join(folder, 'no-hub'), cwd: folder });

  async function answer<Answer>(...words: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await run(...words, '--json');
    assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as Answer;
  }

  for (const kind of ['connector', 'declarative', 'action', 'trigger'] as const) {
    it(`a new ${kind} is sound, passes its tests and packs`, async () => {
      const dir = `new_${kind}`;
      const created = await answer<{ files: readonly string[] }>('create', '--kind', kind, '--id', dir, '--yes');
      assert.ok(created.files.includes('plugin.json'));
      const checked = await answer<{ isSound: boolean; faults: readonly unknown[] }>('validate', dir, '--run', '--strict');
      assert.deepEqual([checked.isSound, checked.faults], [true, []]);
      await answer('types', dir, '--check');
      const tested = await run('test', dir);
      assert.equal(tested.code, 0, `${tested.stdout}${tested.stderr}`);
      const packed = await answer<{ file: string; integrity: string }>('pack', dir, '--out', 'packages');
      assert.ok(existsSync(packed.file));
      assert.match(packed.integrity, /^sha512-/);
      // Nothing is left in the author's folder.
      assert.deepEqual(
        readdirSync(join(folder, dir)).filter((name) => !created.files.some((file) => file.split('/')[0] === name)),
        [],
      );
    });
  }

  it('a folder that is not empty, a bad id and an unknown kind are refused with what would do', async () => {
    const again = await run('create', '--kind', 'action', '--id', 'new_action', '--yes');
    assert.equal(again.code, 3);
    assert.match(again.stderr, /is not empty/);
    const named = await run('create', '--kind', 'action', '--id', 'NewAction', '--yes');
    assert.equal(named.code, 3);
    assert.match(named.stderr, /`new_action` would do/);
    assert.equal((await run('create', '--kind', 'conector', '--id', 'x', '--yes')).code, 2);
    const asked = await run('create');
    assert.equal(asked.code, 3);
    assert.match(asked.stderr, /--kind/);
    assert.ok(!existsSync(join(folder, 'NewAction')));
  });

  it('faults are shown with file, line, column, pointer and remedy, and keep it from being packed', async () => {
    await answer('create', '--kind', 'action', '--id', 'broken', '--yes');
    const manifest = join(folder, 'broken/plugin.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"examples"', '"exampels"'));
    for (const command of ['validate', 'pack']) {
      const { code, stderr, stdout } = await run(command, 'broken');
      assert.equal(code, 3, stdout);
      assert.match(
        stderr,
        /plugin\.json:\d+:9 {2}\/contributes\/actions\/split_name\/exampels is not allowed here\. Did you mean `examples`\?/,
      );
    }
    const { code, stdout } = await run('validate', 'broken', '--json');
    assert.equal(code, 3);
    const { faults } = JSON.parse(stdout) as { faults: readonly { pointer: string; line: number }[] };
    assert.equal(faults[0]?.pointer, '/contributes/actions/split_name/exampels');
  });

  it('dev says that it needs a hub', async () => {
    const { code, stderr } = await run('dev', 'new_action', '--no-watch');
    assert.equal(code, 4);
    assert.match(stderr, /Start one with `tendril start`/);
  });

  it('a folder without a plugin is told how to get one', async () => {
    for (const command of ['validate', 'types', 'pack']) {
      const { code, stderr } = await run(command, 'packages');
      assert.equal(code, 3, command);
      assert.match(stderr, /`tendril plugins create` makes one/);
    }
  });
});

describe('a plugin under development, in a hub that runs', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-author-dev-'));
  let hub: RunningHub;
  before(async () => {
    hub = await startHub({ flags: ['--empty'] });
  });
  after(async () => {
    await hub.stop();
    removeDataDir(hub.dataDir);
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (): CommandOptions => ({ home: hub.dataDir, cwd: folder });
  const split = (): Promise<{ output: { givenName: string } }> =>
    hub.api('POST', '/v1/actions/acme_names.split_name', { input: { fullName: 'Ada Lovelace' } });

  it('runs, is reloaded when it changes, shows its calls and faults, and is gone at the end', async () => {
    await runTendril(['plugins', 'create', '--kind', 'action', '--id', 'acme_names', '--yes'], options());
    const dev = startTendril(['plugins', 'dev', 'acme_names', '--yes', '--json'], options());
    const said = (type: string): readonly Readonly<Record<string, unknown>>[] =>
      dev
        .stdout()
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
        .filter((news) => news['type'] === type);
    try {
      const until = async (type: string, count: number): Promise<void> => {
        await eventually(
          async () => said(type).length,
          (seen) => seen === count,
          60_000,
        );
      };
      await until('watching', 1);
      assert.equal((await split()).output.givenName, 'Ada');
      await until('call', 1);
      assert.deepEqual([said('call')[0]?.['handler'], said('call')[0]?.['outcome']], ['action split_name', 'ok']);

      const source = join(folder, 'acme_names/src/actions/split-name.ts');
      writeFileSync(source, readFileSync(source, 'utf8').replace("words.join(' ')", "`Dear ${words.join(' ')}`"));
      await until('reloaded', 2);
      assert.equal((await split()).output.givenName, 'Dear Ada');

      writeFileSync(source, 'export const splitName = (');
      await until('faults', 1);
      assert.equal((await split()).output.givenName, 'Dear Ada');
    } finally {
      dev.process.kill('SIGINT');
    }
    await dev.ended;
    assert.equal(said('ended').length, 1, dev.stderr());
    assert.deepEqual(JSON.parse(readFileSync(join(hub.dataDir, 'tendril.lock'), 'utf8')), { lockVersion: 1, plugins: {} });
    await assert.rejects(split(), /answered 404/);
  });
});
