import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { runTendril, startTendril } from '../support/tendril.ts';
import type { CommandOptions, CommandResult, RunningCommand } from '../support/tendril.ts';

const PIPELINE = `pipeline: qualify
settings: { threshold: { type: number, default: 0.6, title: Threshold } }
trigger: { event: Signup Completed }
steps:
  - if: settings.threshold > 0.5
    then: [{ stop: {} }]
`;

describe('the commands of tendril, against one hub', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-cli-'));
  let hub: RunningHub;
  before(async () => {
    hub = await startHub({ flags: ['--empty'] });
  });
  after(async () => {
    await hub.stop();
    removeDataDir(hub.dataDir);
    rmSync(folder, { recursive: true });
  });

  const run = (words: readonly string[], options: CommandOptions = {}): Promise<CommandResult> =>
    runTendril(words, { home: hub.dataDir, cwd: folder, ...options });

  /** Runs with `--json`: exit code 0 and one document on standard output. */
  async function answer<Answer>(...words: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await run([...words, '--json']);
    assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as Answer;
  }

  /** Runs with `--json` what has to fail: the exit code, and one document that says why. */
  async function refusal(exit: number, words: readonly string[], options: CommandOptions = {}): Promise<{ code: string; message: string }> {
    const { code, stdout } = await run([...words, '--json'], options);
    assert.equal(code, exit, `${words.join(' ')}: ${stdout}`);
    return (JSON.parse(stdout) as { error: { code: string; message: string } }).error;
  }

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  async function until(command: RunningCommand, text: string): Promise<void> {
    await eventually(
      async () => command.stdout() + command.stderr(),
      (said) => said.includes(text),
    );
  }

  it('say what is wrong with a command line, for people and as JSON', async () => {
    const [unknown, flag, missing, json] = await Promise.all([
      run(['runs', 'lst']),
      refusal(2, ['runs', 'list', '--nope']),
      refusal(2, ['keys', 'create']),
      refusal(2, ['actions', 'run', 'leads.list', '--input', '{bad']),
    ]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /Did you mean `tendril runs list`\?/);
    assert.equal(unknown.stdout, '');
    assert.match(flag.message, /--nope/);
    assert.match(missing.message, /--app APP/);
    assert.match(json.message, /--input is not JSON/);
  });

  it('say when no hub answers, when something else does, and which key was refused', async () => {
    const elsewhere = createServer((_req, res) => res.end('<html>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => elsewhere.once('listening', resolve));
    const page = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const [none, gone, other, wrong, foreign] = await Promise.all([
      refusal(4, ['runs', 'list'], { home: join(folder, 'nothing') }),
      refusal(4, ['runs', 'list', '--url', 'http://127.0.0.1:1']),
      refusal(4, ['runs', 'list', '--url', page]),
      refusal(3, ['runs', 'list', '--key', 'ts_wrong']),
      // The local key is not shown to a hub elsewhere.
      refusal(3, ['runs', 'list', '--url', 'http://hub.invalid']),
    ]);
    elsewhere.close();
    assert.match(none.message, /tendril start/);
    assert.equal(gone.code, 'HUB_UNREACHABLE');
    assert.match(other.message, /not a Tendril hub/);
    assert.equal(wrong.code, 'KEY_INVALID');
    assert.equal(foreign.code, 'KEY_MISSING');
  });

  it('make tenants, apps and keys; rotate and revoke them', async () => {
    const { adminKey } = await answer<{ adminKey: { secret: string } }>('tenants', 'create', 'acme', '--name', 'Acme');
    assert.match((await run(['apps', 'create', 'Shop of Acme', '--key', adminKey.secret])).stdout, /created/);
    const reader = (await run(['keys', 'create', '--tenant', 'acme', '--scope', 'read'])).stdout.trim();
    assert.match((await run(['apps', 'list', '--key', reader])).stdout, /Shop of Acme/);
    assert.doesNotMatch((await run(['apps', 'list'])).stdout, /Shop of Acme/);
    assert.equal((await refusal(3, ['tenants', 'create', 'acme'])).code, 'ALREADY_EXISTS');
    assert.match((await run(['tenants', 'list'])).stdout, /^acme +Acme +UTC$/m);
    const app = await answer<{ id: string }>('apps', 'create', 'Shop', '--origin', 'https://shop.example');
    assert.match((await run(['apps', 'list'])).stdout, new RegExp(`${app.id} +Shop +test +development +https://shop.example`));
    const key = await answer<{ id: string; secret: string }>('keys', 'create', '--app', app.id);
    await answer('events', 'send', 'Hello', '--user', 'u-keys', '--write-key', key.secret);
    const successor = await answer<{ id: string; secret: string }>('keys', 'rotate', key.id, '--overlap-seconds', '60');
    assert.match((await run(['keys', 'list'])).stdout, new RegExp(`${key.id} .* until \\d{4}-`));
    await answer('keys', 'revoke', successor.id);
    assert.equal((await refusal(3, ['events', 'send', 'Hello', '--write-key', successor.secret])).code, 'KEY_INVALID');
    await answer('events', 'send', 'Hello', '--user', 'u-keys', '--write-key', key.secret);
    // Only the secret is on standard output, so that it can be piped on.
    assert.match((await run(['keys', 'create', '--scope', 'read'])).stdout, /^ts_\w+\n$/);
  });

  it('show and switch plugins', async () => {
    const { items } = await answer<{ items: { id: string; isEnabled: boolean }[] }>('plugins', 'list');
    assert.deepEqual(
      items.filter(({ isEnabled }) => isEnabled).map(({ id }) => id),
      ['profiles', 'leads', 'duckdb', 'analytics', 'email', 'webhook', 'salesforce', 'hubspot', 'segment'],
    );
    assert.equal((await refusal(3, ['plugins', 'disable', 'profiles'])).code, 'PLUGIN_REQUIRED_BY');
    assert.match((await run(['plugins', 'info', 'leads'])).stdout, /^Leads \(leads [\d.]+\), comes with Tendril\.$/m);
    await answer('plugins', 'disable', 'webhook');
    assert.match((await run(['plugins', 'list'])).stdout, /^webhook .* disabled/m);
    await answer('plugins', 'enable', 'webhook');
    assert.equal((await refusal(3, ['plugins', 'enable', 'nope'])).code, 'PLUGIN_UNKNOWN');
  });

  it('keep connections: values from standard input, tested, forgotten', async () => {
    assert.deepEqual(await answer('connections', 'test', 'hubspot'), { isWorking: true });
    const faulty = await run(['connections', 'add', 'crm', '--plugin', 'hubspot', '--kind', 'private_app', '--values-file', '-'], {
      input: '{"tok":1}',
    });
    assert.equal(faulty.code, 3);
    assert.match(faulty.stderr, /accessToken/);
    const words = ['connections', 'add', 'crm', '--plugin', 'hubspot', '--kind', 'private_app', '--values-file', '-'];
    const added = await run(words, { input: JSON.stringify({ accessToken: 'wrong-and-secret' }) });
    assert.equal(added.code, 0, added.stderr);
    const list = await run(['connections', 'list']);
    assert.match(list.stdout, /^crm +hubspot +private_app +live/m);
    assert.doesNotMatch(list.stdout, /wrong-and-secret/);
    await answer('connections', 'remove', 'crm');
    assert.equal((await refusal(3, ['connections', 'test', 'crm'])).code, 'CONNECTION_UNKNOWN');
  });

  it('do one thing, and the same thing only once', async () => {
    const input = JSON.stringify({ externalId: 'cli-1', email: 'cli@example.invalid', lastName: 'Line', company: 'Command' });
    const words = ['actions', 'run', 'salesforce.upsert_lead', '--input', input, '--idempotency-key', 'once'];
    const first = await answer<{ output: unknown; runId: string }>(...words);
    const second = await answer<{ output: unknown; runId: string }>(...words);
    assert.deepEqual(second, first);
    const other = ['actions', 'run', 'salesforce.upsert_lead', '--input', input.replace('cli-1', 'cli-2'), '--idempotency-key', 'once'];
    assert.equal((await refusal(3, other)).code, 'IDEMPOTENCY_KEY_REUSED');
    const dry = await answer<{ output: { isDryRun: boolean } }>('actions', 'run', 'salesforce.upsert_lead', '--dry-run', '--input', input);
    assert.equal(dry.output.isDryRun, true);
    const effects = await hub.api<{ items: { key: string }[] }>('GET', '/v1/sandbox/effects?service=salesforce');
    assert.equal(effects.items.filter(({ key }) => key.includes('cli-')).length, 1);
    assert.match((await run(['runs', 'show', first.runId])).stdout, /salesforce\.upsert_lead +succeeded +1 +\d+ ms/);
    assert.match((await run(['actions', 'list'])).stdout, /^leads\.list +read +yes/m);
    const fromFile = write('input.json', '{"limit":1}');
    assert.equal((await run(['actions', 'run', 'leads.list', '--input-file', fromFile])).code, 0);
    assert.equal((await refusal(3, ['actions', 'run', 'leads.lst'])).code, 'ACTION_UNKNOWN');
  });

  it('check, deploy, set and pause pipelines', async () => {
    const sound = write('qualify.yaml', PIPELINE);
    const typo = write('typo.yaml', PIPELINE.replace('settings.threshold', 'settings.treshold'));
    const home = join(folder, 'nothing');
    assert.equal((await run(['pipelines', 'validate', sound], { home })).code, 0);
    const faulty = await run(['pipelines', 'validate', sound, typo], { home });
    assert.equal(faulty.code, 3);
    assert.match(faulty.stderr, /typo\.yaml:5:\d+ .*treshold/);
    const asJson = await run(['pipelines', 'validate', typo, '--json'], { home });
    assert.equal((JSON.parse(asJson.stdout) as { files: { faults: { line: number }[] }[] }).files[0]?.faults[0]?.line, 5);
    assert.equal((await refusal(3, ['pipelines', 'validate', 'nowhere.yaml'])).code, 'FILE_UNUSABLE');

    const refused = await run(['pipelines', 'deploy', write('word.yaml', PIPELINE.replace('trigger:', 'trigge:'))]);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /word\.yaml:3:1 .*Did you mean `trigger`\?/);
    assert.match(refused.stderr, /nothing was deployed/);
    assert.equal((await refusal(3, ['pipelines', 'deploy', typo])).code, 'PIPELINE_INVALID');

    assert.match((await run(['pipelines', 'deploy', sound])).stdout, /Pipeline qualify deployed as version 1/);
    assert.match((await run(['pipelines', 'list'])).stdout, /^qualify +1 +active +production +\d+ s ago/m);
    assert.deepEqual(await answer('pipelines', 'settings', 'qualify', 'threshold=0.4'), { settings: { threshold: 0.4 } });
    assert.deepEqual(await answer('pipelines', 'settings', 'qualify'), { settings: { threshold: 0.4 } });
    const wrong = await run(['pipelines', 'settings', 'qualify', 'treshold=0.4']);
    assert.equal(wrong.code, 3);
    assert.match(wrong.stderr, /threshold/);
    await answer('pipelines', 'pause', 'qualify');
    assert.match((await run(['pipelines', 'list'])).stdout, /^qualify +1 +paused/m);
    await answer('pipelines', 'resume', 'qualify');
    await answer('events', 'send', 'Signup Completed', '--user', 'u-pipeline');
    const { items } = await eventually(
      () => answer<{ items: { id: string; state: string }[] }>('runs', 'list', '--pipeline', 'qualify'),
      (list) => list.items.some(({ state }) => state === 'succeeded'),
    );
    assert.equal((await refusal(3, ['runs', 'resolve', items[0]?.id ?? '', 'retry'])).code, 'RUN_NOT_IN_REVIEW');
    assert.match((await run(['runs', 'list', '--pipeline', 'qualify'])).stdout, /succeeded +\d+ s ago +\d+ ms/);
  });

  it('hold everything back and let it go again', async () => {
    assert.equal((await answer<{ isPaused: boolean }>('pause')).isPaused, true);
    assert.equal((await answer<{ isPaused: boolean }>('resume')).isPaused, false);
  });

  it('show the quarantine and replay it', async () => {
    await hub.api('PUT', '/v1/schemas/Priced', { schema: { type: 'object', required: ['price'] } });
    const sent = await run(['events', 'send', 'Priced', '--user', 'u-q']);
    const listed = await run(['events', 'quarantine']);
    assert.match(listed.stdout, /Priced +\d+ s ago +.*price/, sent.stdout + sent.stderr);
    await hub.api('DELETE', '/v1/schemas/Priced');
    assert.deepEqual(await answer('events', 'quarantine', '--replay'), { accepted: 1, stillInvalid: 0 });
    assert.match((await run(['events', 'quarantine'])).stdout, /The quarantine is empty/);
  });

  it('follow the log through a burst, in order, until Ctrl-C', async () => {
    const tail = startTendril(['events', 'tail', '--name', 'Burst', '--json'], { home: hub.dataDir });
    await until(tail, 'Following');
    await hub.send(
      Array.from({ length: 120 }, (_, index) => ({ type: 'track', userId: 'u-tail', event: 'Burst', messageId: `burst-${index}` })),
    );
    await eventually(
      async () => tail.stdout().split('\n').length - 1,
      (lines) => lines === 120,
    );
    tail.process.kill('SIGINT');
    const { code, stdout } = await tail.ended;
    assert.equal(code, 0);
    const positions = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { position: number }).position);
    assert.deepEqual(
      positions,
      positions.toSorted((one, other) => one - other),
    );
  });

  it('bring events to a machine under development, signed', async () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const seen: { id: string; isSigned: boolean; type: string }[] = [];
    const application = createServer((req, res) => {
      let body = '';
      req.on('data', (chunk: Buffer) => (body += chunk.toString()));
      req.on('end', () => {
        const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = req.headers;
        const wanted = createHmac('sha256', Buffer.alloc(24, 7))
          .update(`${String(id)}.${String(at)}.${body}`)
          .digest('base64');
        seen.push({ id: String(id), isSigned: signature === `v1,${wanted}`, type: (JSON.parse(body) as { type: string }).type });
        res.writeHead(204).end();
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => application.once('listening', resolve));
    const target = `http://127.0.0.1:${(application.address() as AddressInfo).port}/hooks`;
    const listen = startTendril(['listen', '--forward-to', target, '--secret', secret, '--events', 'Forwarded', '--limit', '2'], {
      home: hub.dataDir,
    });
    await until(listen, 'Forwarding to');
    await hub.send(['w-1', 'w-2'].map((messageId) => ({ type: 'track', userId: 'u-listen', event: 'Forwarded', messageId })));
    assert.equal((await listen.ended).code, 0);
    application.close();
    assert.deepEqual(seen, [
      { id: 'w-1', isSigned: true, type: 'Forwarded' },
      { id: 'w-2', isSigned: true, type: 'Forwarded' },
    ]);
  });

  it('attach an application and wait for its first event', async () => {
    const application = join(folder, 'flask-app');
    mkdirSync(application);
    writeFileSync(join(application, 'requirements.txt'), 'flask\n');
    writeFileSync(join(application, '.env'), 'SECRET_KEY=keep me\n');
    const init = startTendril(['init', '--json'], { home: hub.dataDir, cwd: application });
    await until(init, 'Waiting for the first event');
    const settings = readFileSync(join(application, '.env'), 'utf8');
    assert.match(settings, /^SECRET_KEY=keep me$/m);
    assert.match(settings, new RegExp(`^TENDRIL_URL=${hub.url}$`, 'm'));
    const writeKey = /^TENDRIL_WRITE_KEY=(.+)$/m.exec(settings)?.[1] ?? '';
    await answer('events', 'send', 'First Steps', '--user', 'u-init', '--write-key', writeKey);
    const { code, stdout } = await init.ended;
    assert.equal(code, 0);
    const done = JSON.parse(stdout) as { kind: string; firstEvent: string; lines: string; appId: string };
    assert.equal(done.kind, 'flask');
    assert.equal(done.firstEvent, 'First Steps');
    assert.match(done.lines, new RegExp(writeKey));
    const again = await answer<{ appId: string; writeKey: string }>('init', '--dir', application, '--no-wait');
    assert.deepEqual([again.appId, again.writeKey], [done.appId, writeKey]);
    for (const kind of ['node', 'web']) assert.equal((await run(['init', '--dir', application, '--no-wait', '--for', kind])).code, 0);
  });

  it('back up under load and restore elsewhere: the same data behind the same master key', async () => {
    let isLoading = true;
    let sent = 0;
    const load = (async () => {
      while (isLoading) {
        await hub.send(Array.from({ length: 20 }, (_, index) => ({ type: 'track', userId: `u-${index}`, event: 'Signup Completed' })));
        sent += 20;
      }
    })();
    await eventually(
      async () => sent,
      (count) => count >= 100,
    );
    const backup = join(folder, 'backup');
    const { code, stderr } = await run(['backup', backup]);
    isLoading = false;
    await load;
    assert.equal(code, 0, stderr);
    assert.match((await refusal(3, ['backup', backup])).message, /not empty/);
    assert.match((await refusal(3, ['restore', backup])).message, /already/);

    const home = join(folder, 'restored');
    assert.equal((await run(['restore', backup], { home })).code, 0);
    const masterKey = readFileSync(join(hub.dataDir, 'master.key'));
    assert.match((await refusal(3, ['start', '--empty'], { home, environment: { PORT: '0' } })).message, /configuration|master key/i);
    assert.ok(!existsSync(join(home, 'master.key')));
    writeFileSync(join(home, 'master.key'), masterKey, { mode: 0o600 });
    const restored = await startHub({ dataDir: home, flags: ['--empty'] });
    try {
      const find = (at: RunningHub) => at.api<{ items: { id: string }[] }>('GET', '/v1/people?userId=u-pipeline');
      assert.deepEqual((await find(restored)).items[0]?.id, (await find(hub)).items[0]?.id);
      const { items } = await restored.api<{ items: { name: string }[] }>('GET', '/v1/events?name=Burst&limit=100');
      assert.equal(items.length, 100);
      await eventually(
        () => restored.api<{ items: { lag: number }[] }>('GET', '/v1/consumers'),
        (consumers) => consumers.items.every(({ lag }) => lag === 0),
      );
    } finally {
      await restored.stop();
      removeDataDir(home);
    }
  });

  it('look at the installation', async () => {
    const { findings } = await answer<{ findings: { check: string; state: string }[] }>('doctor');
    assert.deepEqual(
      findings.filter(({ state }) => state === 'fault'),
      [],
    );
    assert.ok(findings.some(({ check, state }) => check === 'hub' && state === 'ok'));
    const nowhere = write('a-file', '');
    assert.equal((await run(['doctor', '--json'], { home: nowhere })).code, 1);
  });

  it('each explain themselves', async () => {
    const { stdout } = await run(['--help']);
    for (const word of ['start', 'init', 'doctor', 'listen', 'backup', 'restore', 'pause', 'resume', 'pipelines', 'runs', 'events']) {
      assert.match(stdout, new RegExp(`^ {2}${word} `, 'm'));
    }
    const helps = await Promise.all(
      ['start', 'init', 'listen', 'events tail', 'pipelines deploy'].map((words) => run([...words.split(' '), '--help'])),
    );
    for (const { code, stdout: text } of helps) {
      assert.equal(code, 0);
      assert.match(text, /--json/);
    }
  });
});
