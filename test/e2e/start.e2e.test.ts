import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import { runTendril, startTendril } from '../support/tendril.ts';
import type { CommandResult } from '../support/tendril.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function sandboxesOf(home: string): number | undefined {
  const file = join(home, 'sandbox', 'sandboxes.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid : undefined;
}

describe('starting a hub', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-start-'));
  const homes: string[] = [];
  after(() => {
    for (const home of homes) removeDataDir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  function newHome(name: string): string {
    const home = join(folder, name);
    homes.push(home);
    return home;
  }

  const start = (
    home: string,
    environment: Readonly<Record<string, string>> = {},
    flags: readonly string[] = ['--empty'],
  ): Promise<CommandResult> => runTendril(['start', '--json', ...flags], { home, environment: { PORT: '0', ...environment } });

  function messageOf({ code, stdout }: CommandResult, exit = 3): string {
    assert.equal(code, exit, stdout);
    const { error } = JSON.parse(stdout) as { error: { message: string; details?: object } };
    return `${error.message} ${JSON.stringify(error.details ?? {})}`;
  }

  it('by `npm start` prints one line for programs, and one Ctrl-C of the terminal stops all of it', async () => {
    const home = newHome('npm');
    const child = spawn('node', ['tools/start.mjs', '--empty', '--json'], {
      cwd: root,
      env: { ...process.env, PORT: '0', TENDRIL_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    await eventually(
      async () => stdout,
      (text) => text.includes('\n'),
      90_000,
    );
    const ready = JSON.parse(stdout) as Readonly<Record<string, string>>;
    assert.deepEqual(Object.keys(ready).toSorted(), ['dataDir', 'roles', 'secretKey', 'tenant', 'url', 'writeKey']);
    assert.equal(ready['dataDir'], home);
    assert.equal((await fetch(`${ready['url'] ?? ''}/readyz`)).status, 200);
    const sandboxes = sandboxesOf(home) ?? 0;
    assert.ok(isAlive(sandboxes));
    // A terminal signals the whole group; the wrapper forwards as well: the hub gets it twice and must still end in good order.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    assert.equal(await ended, 0, stderr);
    assert.equal(stdout.trim().split('\n').length, 1);
    assert.ok(!existsSync(join(home, 'hub.json')));
    await eventually(
      async () => isAlive(sandboxes),
      (alive) => !alive,
    );
  });

  it('leaves nothing behind when it is asked to end while it starts', async () => {
    const home = newHome('early');
    const hub = startTendril(['start', '--empty', '--json'], { home, environment: { PORT: '0' } });
    await eventually(
      async () => existsSync(join(home, 'sandbox', 'sandboxes.json')),
      (isThere) => isThere,
    );
    const sandboxes = sandboxesOf(home) ?? 0;
    hub.process.kill('SIGINT');
    assert.equal((await hub.ended).code, 0);
    await eventually(
      async () => isAlive(sandboxes),
      (alive) => !alive,
    );
    assert.ok(!existsSync(join(home, 'hub.json')));
  });

  it('is refused beside another hub on the same folder, also while that one starts', async () => {
    const home = newHome('shared');
    const both = [
      startTendril(['start', '--empty', '--json'], { home, environment: { PORT: '0' } }),
      startTendril(['start', '--empty', '--json'], { home, environment: { PORT: '0' } }),
    ];
    await eventually(
      async () => both.filter((one) => one.stdout().includes('"url"')).length,
      (running) => running === 1,
      60_000,
    );
    const loser = await Promise.race(both.map(({ ended }) => ended));
    assert.match(messageOf(loser), /A hub (runs|is being started) on .*TENDRIL_HOME/);
    const third = await start(home);
    assert.match(messageOf(third), /A hub runs on .* already: process \d+, at http/);
    for (const one of both) one.process.kill('SIGINT');
    await Promise.all(both.map(({ ended }) => ended));
  });

  it('says that the port is taken, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const home = newHome('port');
    const result = await start(home, { PORT: String(port) });
    other.close();
    assert.match(messageOf(result), new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken`));
    const sandboxes = sandboxesOf(home);
    if (sandboxes !== undefined)
      await eventually(
        async () => isAlive(sandboxes),
        (alive) => !alive,
      );
    assert.ok(!existsSync(join(home, 'hub.json')));
  });

  it('goes on after kill -9, whatever the dead one left', async () => {
    const home = newHome('killed');
    const first = await startHub({ dataDir: home, flags: ['--empty'] });
    assert.equal(await first.send([{ type: 'track', userId: 'u', event: 'Kept', messageId: 'kept' }]), 200);
    await first.kill();
    assert.ok(existsSync(join(home, 'hub.json')));
    // The process id of the dead hub may belong to somebody else by now: here, to this test.
    writeFileSync(join(home, 'hub.json'), JSON.stringify({ url: 'http://127.0.0.1:1', pid: process.pid }));
    const second = await startHub({ dataDir: home, flags: ['--empty'] });
    const { items } = await second.api<{ items: { id: string }[] }>('GET', '/v1/events?name=Kept');
    assert.deepEqual(
      items.map(({ id }) => id),
      ['kept'],
    );
    await second.kill();
    writeFileSync(join(home, 'hub.json'), '{"url":"htt');
    const third = await startHub({ dataDir: home, flags: ['--empty'] });
    await third.stop();
    assert.equal(third.process.exitCode, 0);

    writeFileSync(join(home, 'master.key'), `${Buffer.alloc(32, 1).toString('base64')}\n`);
    assert.match(messageOf(await start(home)), /not the one that sealed this data/);
    rmSync(join(home, 'master.key'));
    assert.match(messageOf(await start(home)), /there is data, but no .*master\.key/);
  });

  it('is refused where it cannot write, and with settings that mean nothing', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    assert.match(messageOf(await start(file)), /TENDRIL_HOME/);
    assert.match(messageOf(await start(newHome('odd-port'), { PORT: 'abc' })), /0 to 65535/);
    assert.match(messageOf(await start(newHome('odd-url'), { TENDRIL_PUBLIC_URL: 'hub.example' })), /https:\/\/hub\.example/);
    assert.match(messageOf(await start(newHome('odd-key'), { TENDRIL_MASTER_KEY: 'short' })), /32 bytes/);
    assert.match(messageOf(await start(newHome('odd-plugin'), { TENDRIL_PLUGINS: folder })), /plugin\.json/);
  });

  it('in production asks for a master key, refuses what is for trying out, and shows keys once', async () => {
    const home = newHome('production');
    assert.match(messageOf(await start(home, {}, ['--production'])), /TENDRIL_MASTER_KEY/);
    const environment = { NODE_ENV: 'production', TENDRIL_MASTER_KEY: Buffer.alloc(32, 3).toString('base64') };
    assert.match(messageOf(await start(home, { ...environment, TENDRIL_PLUGINS: folder }, [])), /TENDRIL_PLUGINS/);
    const first = await startHub({ dataDir: home, environment });
    assert.match(first.secretKey, /^ts_/);
    assert.match(first.url, /^http:\/\/127\.0\.0\.1:/);
    assert.ok(!existsSync(join(home, 'local.json')) && !existsSync(join(home, 'keys-main.json')) && !existsSync(join(home, 'sandbox')));
    await first.stop();
    const second = await startHub({ dataDir: home, environment });
    assert.equal(second.secretKey, undefined);
    await second.stop();

    const demo = newHome('demo');
    const trial = await startHub({ dataDir: demo, flags: ['--demo', '--demo-records', '100'] });
    await trial.stop();
    const key = readFileSync(join(demo, 'master.key'), 'utf8').trim();
    assert.match(messageOf(await start(demo, { ...environment, TENDRIL_MASTER_KEY: key }, [])), /demo/);
  });
});
