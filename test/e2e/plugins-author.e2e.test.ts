import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTendril } from '../support/tendril.ts';
import type { CommandResult } from '../support/tendril.ts';

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
