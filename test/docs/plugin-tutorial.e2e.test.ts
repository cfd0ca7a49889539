import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeDataDir } from '../support/start-hub.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The port of the service in the tutorial, in place of which the test takes a free one. */
const PORT = '4010';

interface Block {
  readonly info: string;
  readonly text: string;
}

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```\w+ (file=\S+|run(?: background)?)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({
    info,
    text,
  }));
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

describe('the tutorial for plugins', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-tutorial-'));
  const running: ChildProcess[] = [];
  const environment = {
    ...process.env,
    PORT: '0',
    PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
  };
  after(() => {
    for (const { pid } of running) if (pid !== undefined) stop(pid);
    // Each installation of the tutorial has sandboxes of its own.
    for (const home of ['home', 'elsewhere']) removeDataDir(join(folder, home));
    removeDataDir(folder);
  });

  it('works as it stands, from the description to the second installation', async () => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/tendril'), `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'cli/bin/tendril.mjs')}" "$@"\n`);
    chmodSync(join(folder, 'bin/tendril'), 0o755);
    const port = await freePort();
    const markdown = readFileSync(join(root, 'docs/plugins/tutorial.md'), 'utf8').replaceAll(PORT, port);
    const outputs: string[] = [];
    for (const { info, text } of blocksOf(markdown)) {
      if (info.startsWith('file=')) writeFileSync(join(folder, info.slice('file='.length)), text);
      else if (info === 'run') outputs.push(await run(text));
      else await start(text, port);
    }
    const [created, review, tested, used, , published, elsewhere] = outputs;
    assert.match(created ?? '', /2 actions/);
    assert.match(review ?? '', /- \[ \]/);
    assert.match(tested ?? '', /^\d+ passed, \d+ skipped/m);
    assert.match(used ?? '', /May reach 127\.0\.0\.1/);
    assert.match(used ?? '', /"n-1"/);
    assert.match(published ?? '', /acme_notes/);
    assert.match(elsewhere ?? '', /Call Ada back/);
  });

  function run(script: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const shell = spawn('bash', ['-e', '-c', script], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
      shell.once('error', reject);
      shell.once('close', (code) => {
        if (code === 0) resolve(output);
        else reject(new Error(`${script}\nended with ${String(code)}:\n${output}`));
      });
    });
  }

  /** Resolves when it says where it listens, or takes connections at the service's port. */
  async function start(script: string, port: string): Promise<void> {
    const child = spawn('bash', ['-c', `exec env ${script}`], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
    const isService = script.startsWith('node ');
    const giveUpAt = performance.now() + 60_000;
    for (;;) {
      if (isService ? await answers(port) : /http:\/\/127\.0\.0\.1:\d+/.test(output)) return;
      if (child.exitCode !== null || performance.now() > giveUpAt) throw new Error(`${script}\ndid not become ready:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

async function answers(port: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}

function stop(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
