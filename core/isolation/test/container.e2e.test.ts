import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChildCode } from '../src/host/child-code.ts';
import { fixtureSource, startHarness } from './harness.ts';
import type { Harness } from './harness.ts';

const FOLDER = fileURLToPath(new URL('../../../deploy/plugin-container/', import.meta.url));
const dockerfile = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8');
const instructions = dockerfile
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const script = readFileSync(join(FOLDER, 'run.sh'), 'utf8');

/** Words of the image's entry point. */
function entryPoint(): readonly string[] {
  const line = instructions.find((each) => each.startsWith('ENTRYPOINT '));
  return JSON.parse(line?.slice('ENTRYPOINT '.length) ?? '[]') as readonly string[];
}

describe('the container of a plugin', function () {
  this.timeout(60_000);

  it('is built on a base that is named with its digest, from files of the repository', () => {
    assert.deepEqual(
      instructions.filter((line) => /^(ARG|FROM) /.test(line)),
      ['ARG NODE_IMAGE', 'FROM ${NODE_IMAGE}'],
    );
    assert.doesNotMatch(dockerfile, /^(ADD|RUN)|:latest|https?:/m);
    for (const base of ['', 'node:26-slim', 'node:latest'])
      assert.throws(() => execFileSync(join(FOLDER, 'build.sh'), [base], { stdio: 'pipe' }), /digest/);
  });

  it('runs as nobody, and copies what nobody can change', () => {
    assert.ok(instructions.includes('USER 65534:65534'));
    const copies = instructions.filter((line) => line.startsWith('COPY '));
    assert.equal(copies.length, 4);
    for (const copy of copies) assert.match(copy, /^COPY --chown=0:0 --chmod=0[45][45][45] \S+ \/tendril\/\S+$/);
    assert.deepEqual(
      copies.map((copy) => copy.split(' ').slice(-1)[0]),
      ['/tendril/child', '/tendril/protocol', '/tendril/plugin-api', '/tendril/package.json'],
    );
  });

  it('starts Node with the flags of a process without a container', () => {
    const flags = entryPoint().filter((word) => word.startsWith('--'));
    assert.deepEqual(flags.toSorted(), [
      '--allow-fs-read=/plugin/*',
      '--allow-fs-read=/tendril/*',
      '--max-old-space-size=128',
      '--max-semi-space-size=1',
      '--no-experimental-sqlite',
      '--no-warnings',
      '--permission',
      '--single-threaded',
    ]);
  });

  it('is run without network, rights and room', () => {
    const flags = script.match(/"\$docker" run ([^&]*)</)?.[1]?.replaceAll(/\\\n\s*/g, '') ?? '';
    for (const flag of [
      '--rm',
      '--interactive',
      '--network none',
      '--read-only',
      '--user 65534:65534',
      '--cap-drop ALL',
      '--security-opt no-new-privileges',
      '--pids-limit 32',
      '--memory 256m',
      '--memory-swap 256m',
      '--cpus 1',
      '--ipc none',
      '--volume "$folder:/plugin:ro"',
    ])
      assert.ok(flags.includes(flag), flag);
    assert.doesNotMatch(flags, /privileged|unconfined|--publish|-p |docker\.sock|--env|--tmpfs|--volume (?!"\$folder:\/plugin:ro")|--tty/);
    assert.equal([...flags.matchAll(/--volume/g)].length, 1);
  });

  describe('without a container around it', () => {
    const code = findChildCode();
    const root = dirname(dirname(code.bootstrap));
    let harness: Harness | undefined;
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'tendril-container-'));
      assert.equal(existsSync(join(root, 'plugin-api', 'index.js')), true);
    });
    afterEach(async () => {
      await harness?.stop();
      harness = undefined;
    });
    after(() => {
      code.dispose();
      rmSync(folder, { recursive: true });
    });

    /** The entry point with the image's folders in their places here. */
    function words(plugin: string): readonly string[] {
      return entryPoint().map((word) =>
        word === 'node' ? process.execPath : word.replace('/tendril/', `${root}/`).replace(/\/plugin(?=\/\*|$)/, plugin),
      );
    }

    it('serves a plugin from the entry point of the image, over a plain pipe', async () => {
      harness = await startHarness({ place: 'child', sources: [fixtureSource('probe')], isolation: { command: words('{folder}') } });
      assert.deepEqual((await harness.go('echo', { input: { a: 1 } })).output, { do: 'echo', a: 1 });
      assert.equal(((await harness.go('kv')).output as { isGone: boolean }).isGone, true);
    });

    it('serves it through the script, and ends what that started', async () => {
      const docker = join(folder, 'docker');
      const plugin = realpathSync(fileURLToPath(new URL('./fixtures/probe', import.meta.url)));
      const started = join(folder, 'started');
      const killed = join(folder, 'killed');
      // Plays docker: remembers the process of the "container" and kills it when it is told to.
      writeFileSync(
        docker,
        `#!/bin/sh
if [ "$1" = kill ]; then echo "$2" >> ${killed}; kill -9 $(cat ${started}); exit 0; fi
echo $$ > ${started}
exec ${words(plugin)
          .map((word) => `'${word}'`)
          .join(' ')}
`,
      );
      chmodSync(docker, 0o755);
      harness = await startHarness({
        place: 'child',
        sources: [fixtureSource('probe')],
        isolation: {
          command: [join(FOLDER, 'run.sh'), '{folder}'],
          commandEnvironment: { PATH: process.env['PATH'] ?? '', TENDRIL_CONTAINER_CLI: docker },
          hangLimitMs: 1_000,
          abortLimitMs: 500,
        },
      });
      assert.equal((await harness.go('counter')).output, 1);
      await assert.rejects(harness.go('spin'), { code: 'PLUGIN_CRASHED' });
      assert.deepEqual(
        harness.incidents.map(({ kind }) => kind),
        ['hung'],
      );
      assert.match(readFileSync(killed, 'utf8'), /^tendril-plugin-\d+-[0-9a-f]{12}\n$/);
      assert.equal((await harness.go('counter')).output, 1);
    });
  });
});
