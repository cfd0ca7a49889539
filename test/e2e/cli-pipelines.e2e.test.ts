import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { runTendril } from '../support/tendril.ts';
import type { CommandOptions, CommandResult } from '../support/tendril.ts';

const WELCOME = `pipeline: welcome
trigger: { event: Signup Completed, where: event.properties.plan != "free" }
steps:
  - id: mail
    action: email.send
    with: { person: "\${{ profile.id }}", template: welcome }
`;
const ASKING = `pipeline: asking
input: { type: object, properties: { plan: { type: string }, email: { type: string } }, required: [plan] }
trigger: { manual: {} }
steps:
  - id: told
    set: { plan: "\${{ input.plan }}", email: "\${{ default(input.email, 'nobody') }}" }
  - id: loop
    forEach: "\${{ ['a', 'b'] }}"
    do:
      - set: { letter: "\${{ each.item }}" }
  - id: word
    approve: { by: sales, title: Really?, timeout: 2d }
output: { plan: "\${{ steps.told.output.plan }}" }
`;
const NEWS = `pipeline: news
trigger: { broadcast: {} }
steps:
  - set: { hello: "\${{ profile.id }}" }
`;
const HOOK = `pipeline: hook
trigger: { webhook: {} }
steps:
  - stop: {}
`;
const CASES = `cases:
  - name: welcomes
    event: { event: Signup Completed, properties: { plan: pro } }
    expect: { state: succeeded, calls: [{ action: email.send, with: { template: welcome } }] }
`;

interface Items {
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

describe('the commands for pipelines without a hub', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-offline-'));
  before(() => {
    mkdirSync(join(folder, 'flows', 'node_modules'), { recursive: true });
    for (const [name, text] of Object.entries({ 'welcome.yaml': WELCOME, 'welcome.test.yaml': CASES }))
      writeFileSync(join(folder, 'flows', name), text);
    writeFileSync(join(folder, 'flows', 'node_modules', 'other.test.yaml'), 'not ours');
  });
  after(() => rmSync(folder, { recursive: true }));
  const run = (words: readonly string[], options: CommandOptions = {}): Promise<CommandResult> =>
    runTendril(['pipelines', ...words], { home: join(folder, 'nothing'), cwd: folder, ...options });

  it('play all cases below the folder, and say what was expected where one fails', async () => {
    const passed = await run(['test', '--verbose']);
    assert.equal(passed.code, 0, passed.stderr);
    assert.match(
      passed.stdout,
      /flows\/welcome\.test\.yaml\n {2}✓ welcomes \([\d.]+ ms\)\n {6}AT .*\n.* email\.send .*"template":"welcome"/,
    );
    assert.match(passed.stdout, /^1 passed\.$/m);
    writeFileSync(
      join(folder, 'flows', 'bad.test.yaml'),
      `pipeline: welcome.yaml\n${CASES.replace('template: welcome', 'template: other')}`,
    );
    const failed = await run(['test', 'flows/bad.test.yaml']);
    assert.equal(failed.code, 1);
    assert.match(failed.stdout, /✗ welcomes/);
    assert.match(failed.stdout, /\/expect\/calls\/0\/with\/template: .*\n +expected "other"\n +actual {3}"welcome"/);
    const asJson = JSON.parse((await run(['test', '--json'])).stdout) as {
      isPassed: boolean;
      files: { file: string; cases: { isPassed: boolean; calls: { at: string }[] }[] }[];
    };
    assert.deepEqual([asJson.isPassed, asJson.files.map(({ cases }) => cases[0]?.isPassed)], [false, [false, true]]);
    assert.match(asJson.files[1]?.cases[0]?.calls[0]?.at ?? '', /^2026-01-05T09:00:00/);
    rmSync(join(folder, 'flows', 'bad.test.yaml'));
  });

  it('tell faults of cases, and that there are none', async () => {
    writeFileSync(join(folder, 'lost.test.yaml'), CASES);
    const lost = await run(['test', 'lost.test.yaml']);
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /lost\.test\.yaml:1:1 {2}There is no file `lost\.yaml`/);
    rmSync(join(folder, 'lost.test.yaml'));
    mkdirSync(join(folder, 'empty'));
    const none = await run(['test'], { cwd: join(folder, 'empty') });
    assert.deepEqual([none.code, /There is no .*\.test\./.test(none.stderr)], [1, true]);
    assert.equal((await run(['test', 'nowhere.test.yaml'])).code, 3);
  });

  it('format, compare and draw files', async () => {
    const file = join(folder, 'messy.yaml');
    const messy = `steps: [{ stop: {} }]\n# why\ntrigger:   { manual: {} }\npipeline: messy\n`;
    writeFileSync(file, messy);
    const check = await run(['fmt', '--check', file]);
    assert.equal(check.code, 1);
    assert.match(check.stderr, /is not formatted/);
    assert.equal(readFileSync(file, 'utf8'), messy);
    const fromInput = await run(['fmt', '-'], { input: messy });
    assert.match(fromInput.stdout, /^pipeline: messy\n/);
    assert.equal((await run(['fmt', file])).code, 0);
    assert.equal(readFileSync(file, 'utf8'), fromInput.stdout);
    assert.equal((await run(['fmt', '--check', file])).code, 0);
    const broken = await run(['fmt', '-'], { input: 'pipeline: [' });
    assert.deepEqual([broken.code, broken.stdout], [3, '']);

    const diff = await run(['diff', join(folder, 'flows', 'welcome.yaml'), file]);
    assert.match(diff.stdout, /- step `mail` 0: action email\.send \(removed\)/);
    assert.match((await run(['diff', file, file])).stdout, /No difference/);
    assert.match((await run(['graph', file])).stdout, /flowchart TD/);
    const drawn = JSON.parse((await run(['graph', file, '--json'])).stdout) as { pipeline: string };
    assert.equal(drawn.pipeline, 'messy');
    assert.equal((await run(['graph', 'nowhere.yaml'])).code, 3);
    assert.equal((await run(['graph', 'deployed_one'])).code, 4);
  });
});

describe('the commands for pipelines, against one hub', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-pipelines-'));
  let hub: RunningHub;
  before(async () => {
    for (const [name, text] of Object.entries({ welcome: WELCOME, asking: ASKING, news: NEWS, hook: HOOK }))
      writeFileSync(join(folder, `${name}.yaml`), text);
    hub = await startHub({ flags: ['--empty'] });
    await hub.send([
      { type: 'identify', userId: 'u1', traits: { email: 'u1@example.invalid' } },
      { type: 'track', userId: 'u1', event: 'Signup Completed', messageId: 'm1', properties: { plan: 'pro' } },
      { type: 'track', userId: 'u2', event: 'Signup Completed', messageId: 'm2', properties: { plan: 'free' } },
    ]);
    await eventually(
      () => hub.api<Items>('GET', '/v1/people'),
      ({ items }) => items.length === 2,
    );
  });
  after(async () => {
    await hub.stop();
    removeDataDir(hub.dataDir);
    rmSync(folder, { recursive: true });
  });

  const run = (...words: readonly string[]): Promise<CommandResult> => runTendril(words, { home: hub.dataDir, cwd: folder });

  async function answer<Answer>(...words: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await run(...words, '--json');
    assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as Answer;
  }

  async function refusal(exit: number, ...words: readonly string[]): Promise<string> {
    const { code, stdout } = await run(...words, '--json');
    assert.equal(code, exit, `${words.join(' ')}: ${stdout}`);
    return (JSON.parse(stdout) as { error: { code: string } }).error.code;
  }

  it('rehearse, play and explain before and after anything is deployed', async () => {
    const rehearsed = await run('pipelines', 'rehearse', 'welcome.yaml', '--last', '1d');
    assert.match(rehearsed.stdout, /2 events of its trigger, 1 would have started a run/, rehearsed.stderr);
    assert.match(rehearsed.stdout, /^email\.send +send +1 +1/m);
    assert.match(rehearsed.stdout, /^Note: /m);
    const { rehearsal } = await answer<{ rehearsal: { matched: number } }>('pipelines', 'rehearse', 'welcome.yaml');
    assert.equal(rehearsal.matched, 1);
    assert.equal(await refusal(3, 'pipelines', 'rehearse', 'welcome'), 'PIPELINE_UNKNOWN');
    assert.equal(await refusal(2, 'pipelines', 'rehearse', 'welcome.yaml', '--last', 'long'), 'COMMAND_LINE_INVALID');
    writeFileSync(join(folder, 'typo.yaml'), WELCOME.replace('email.send', 'email.sned'));
    const typo = await run('pipelines', 'rehearse', 'typo.yaml');
    assert.deepEqual([typo.code, /typo\.yaml:5:\d+ .*nothing was played/s.test(typo.stderr)], [3, true], typo.stderr);

    const event = JSON.stringify({ event: 'Signup Completed', userId: 'u1', properties: { plan: 'pro' } });
    const dry = await run('pipelines', 'dry-run', 'welcome.yaml', '--event', event);
    assert.match(dry.stdout, /It would end succeeded/, dry.stderr);
    assert.match(dry.stdout, /email\.send +send +not done/);
    assert.equal((await run('pipelines', 'dry-run', 'typo.yaml', '--event', event)).code, 3);
    assert.equal(await refusal(2, 'pipelines', 'dry-run', 'welcome.yaml', '--event', '{bad'), 'COMMAND_LINE_INVALID');
    assert.deepEqual((await hub.api<Items>('GET', '/v1/runs')).items, []);

    await answer('pipelines', 'deploy', 'welcome.yaml');
    assert.match((await run('pipelines', 'why', 'm2')).stdout, /✗ welcome version 1.*\n.*\n +✗ event\.properties\.plan != "free"/);
    assert.equal(await refusal(3, 'pipelines', 'why', 'no-such-event'), 'NOT_FOUND');
    assert.match((await run('pipelines', 'explain', 'userId:u2', 'welcome')).stdout, /m2/);
    assert.equal(await refusal(3, 'pipelines', 'explain', 'userId:nobody', 'welcome'), 'NOT_FOUND');
    assert.equal(await refusal(3, 'pipelines', 'explain', 'userId:u1', 'nothing'), 'PIPELINE_UNKNOWN');
  });

  it('start runs for past events when asked, dry first', async () => {
    await answer('pipelines', 'deploy', 'welcome.yaml');
    const dry = await run('pipelines', 'backfill', 'welcome', '--since', '1d', '--dry');
    assert.match(dry.stdout, /2 events of its trigger, 1 would start a run/, dry.stderr);
    const { id } = await answer<{ id: string }>('pipelines', 'backfill', 'welcome', '--since', '1d');
    await eventually(
      () => answer<Items>('backfills', 'list'),
      ({ items }) => items[0]?.['state'] === 'done' && items[0]['started'] === 1,
    );
    assert.match((await run('backfills', 'list')).stdout, /welcome +done .* 100 % +2 +1/);
    assert.equal((await answer<{ state: string }>('backfills', 'cancel', id)).state, 'done');
    assert.equal(await refusal(3, 'backfills', 'cancel', 'none'), 'NOT_FOUND');
    assert.equal(await refusal(2, 'pipelines', 'backfill', 'welcome', '--since', 'soon'), 'COMMAND_LINE_INVALID');
    assert.equal(await refusal(3, 'pipelines', 'backfill', 'nothing', '--since', '1d'), 'PIPELINE_UNKNOWN');
  });

  it('keep versions and environments apart', async () => {
    writeFileSync(join(folder, 'two.yaml'), 'pipeline: two\ntrigger: { manual: {} }\nsteps:\n  - stop: {}\n');
    assert.match((await run('pipelines', 'deploy', 'two.yaml', '-e', 'staging')).stdout, /Pipeline two deployed as version 1 in staging/);
    assert.equal(await refusal(3, 'pipelines', 'show', 'two'), 'PIPELINE_UNKNOWN');
    assert.match((await run('pipelines', 'show', 'two', '-e', 'staging', '--source')).stdout, /^pipeline: two\n/);
    await answer('pipelines', 'promote', 'two', 'staging', 'production');
    writeFileSync(join(folder, 'two.yaml'), 'pipeline: two\ntrigger: { manual: {} }\nsteps:\n  - stop: { reason: enough }\n');
    assert.match((await run('pipelines', 'diff', 'two.yaml')).stdout, /enough[^]*Runs in flight keep version 1/);
    assert.equal((await answer<{ version: number }>('pipelines', 'deploy', 'two.yaml')).version, 2);
    assert.match((await run('pipelines', 'versions', 'two')).stdout, /^2 .* production\n1 .* staging$/m);
    const list = (await run('pipelines', 'list')).stdout;
    for (const line of [/^two +1 +active +staging/m, /^two +2 +active +production/m]) assert.match(list, line);
    assert.equal((await answer<{ version: number }>('pipelines', 'rollback', 'two')).version, 1);
    assert.equal((await answer<{ version: number }>('pipelines', 'rollback', 'two', '--to', '2')).version, 2);
    await answer('pipelines', 'undeploy', 'two', '-e', 'staging');
    assert.equal(await refusal(3, 'pipelines', 'undeploy', 'two', '-e', 'staging'), 'PIPELINE_UNKNOWN');
    assert.equal(await refusal(2, 'pipelines', 'promote', 'two', 'staging', 'moon'), 'COMMAND_LINE_INVALID');
    assert.equal((await answer<{ environment: string }>('apps', 'create', 'Stage', '-e', 'staging')).environment, 'staging');
    assert.match((await run('apps', 'list')).stdout, / Stage +test +staging/);
  });

  it('start a run by hand, and decide on what it waits for', async () => {
    await answer('pipelines', 'deploy', 'asking.yaml');
    const input = '{"plan":"pro","email":"ada@example.invalid"}';
    const waited = await run('pipelines', 'run', 'asking', '--input', input, '--idempotency-key', 'once', '--wait');
    assert.equal(waited.code, 1, waited.stderr);
    assert.match(waited.stdout, /needs approval\nIt goes on once somebody decides: `tendril approvals approve \w+\/2`/);
    assert.match(waited.stdout, /^1 loop +forEach .*\n {2}1\.0 .*\n {4}1\.0\.0 +set/m);
    assert.doesNotMatch(waited.stdout, /ada@/);
    const again = await answer<{ runId: string; isNew: boolean }>(
      'pipelines',
      'run',
      'asking',
      '--input',
      input,
      '--idempotency-key',
      'once',
    );
    assert.equal(again.isNew, false);
    assert.match((await run('runs', 'show', again.runId, '--unmasked')).stdout, /ada@example/);
    const id = `${again.runId}/2`;
    assert.match((await run('approvals', 'list')).stdout, new RegExp(`^${id} +asking +sales .* Really\\?`, 'm'));
    assert.equal(await refusal(2, 'approvals', 'approve', again.runId), 'COMMAND_LINE_INVALID');
    assert.equal(await refusal(3, 'approvals', 'approve', 'none/2'), 'NOT_FOUND');
    await answer('approvals', 'approve', id, '--by', 'Ada', '--comment', 'go');
    assert.equal(await refusal(5, 'approvals', 'reject', id), 'CONFLICT');
    await eventually(
      () => answer<{ state: string; output: unknown }>('runs', 'show', again.runId),
      ({ state, output }) => state === 'succeeded' && JSON.stringify(output) === '{"plan":"pro"}',
    );
    assert.equal(await refusal(3, 'pipelines', 'run', 'asking', '--input', '{}'), 'INPUT_INVALID');
    assert.equal(await refusal(3, 'pipelines', 'run', 'nothing'), 'PIPELINE_UNKNOWN');
    await answer('pipelines', 'pause', 'asking', '--hold-runs');
    assert.equal(await refusal(3, 'pipelines', 'run', 'asking', '--input', input), 'PIPELINE_PAUSED');
    await answer('pipelines', 'resume', 'asking');
  });

  it('cancel runs and do them again, one or many', async () => {
    await answer('pipelines', 'deploy', 'asking.yaml');
    const { runId } = await answer<{ runId: string }>('pipelines', 'run', 'asking', '--input', '{"plan":"basic"}');
    await answer('runs', 'cancel', runId, '--reason', 'a mistake');
    await eventually(
      () => run('runs', 'show', runId),
      ({ stdout }) => stdout.includes('asking version 1: cancelled: a mistake'),
    );
    assert.equal(await refusal(3, 'runs', 'cancel', runId), 'RUN_ENDED');
    assert.equal(await refusal(3, 'runs', 'cancel', 'none'), 'RUN_UNKNOWN');
    const again = await answer<{ runId: string }>('runs', 'replay', runId, '--from-step', 'loop', '--current');
    assert.match((await run('runs', 'show', again.runId)).stdout, new RegExp(`Does run ${runId} again`));
    const filter = ['--pipeline', 'asking', '--state', 'cancelled', '--from', '1d'];
    assert.equal((await answer<Items>('runs', 'list', ...filter)).items.length, 1);
    assert.match((await run('runs', 'replay', ...filter, '--dry')).stdout, /1 run would be meant, 1 of them done again/);
    assert.equal((await answer<{ started: number }>('runs', 'replay', ...filter)).started, 1);
    assert.equal(await refusal(2, 'runs', 'replay'), 'COMMAND_LINE_INVALID');
    assert.equal(await refusal(2, 'runs', 'replay', runId, '--dry'), 'COMMAND_LINE_INVALID');
    assert.equal(await refusal(2, 'runs', 'list', '--from', 'yesterday'), 'COMMAND_LINE_INVALID');
    assert.equal(await refusal(3, 'runs', 'replay', 'none'), 'RUN_UNKNOWN');
  });

  it('send a pipeline to many people', async () => {
    await answer('pipelines', 'deploy', 'news.yaml');
    const people = (await hub.api<Items>('GET', '/v1/people')).items.map(({ id }) => String(id));
    writeFileSync(join(folder, 'people.txt'), `${people.join('\n')}\n`);
    const sent = await run(
      'broadcasts',
      'send',
      'news',
      '--people',
      'people.txt',
      '--per-minute',
      '6000',
      '--test',
      '--idempotency-key',
      'one',
    );
    assert.match(sent.stdout, /^Broadcast \w+ to 2 people has begun/, sent.stderr);
    const [, id = ''] = /^Broadcast (\w+)/.exec(sent.stdout) ?? [];
    await eventually(
      () => answer<{ state: string; succeeded: number }>('broadcasts', 'show', id),
      ({ state, succeeded }) => state === 'done' && succeeded === 2,
    );
    assert.match((await run('broadcasts', 'show', id)).stdout, /done +2 of 2 \(100 %\)\nruns +2 started, 2 succeeded, 0 failed, 0 others/);
    assert.match((await run('broadcasts', 'list', '--pipeline', 'news')).stdout, /news +done .* 2 of 2 \(100 %\)/);
    assert.equal((await answer<Items>('runs', 'list', '--broadcast', id)).items.length, 2);
    for (const verb of ['pause', 'resume', 'cancel']) assert.equal((await answer<{ state: string }>('broadcasts', verb, id)).state, 'done');
    assert.equal(await refusal(3, 'broadcasts', 'show', 'none'), 'NOT_FOUND');
    assert.equal(await refusal(3, 'broadcasts', 'send', 'welcome'), 'INPUT_INVALID');
    assert.equal(await refusal(2, 'broadcasts', 'send', 'news', '--people', 'people.txt', '--segment', 's'), 'COMMAND_LINE_INVALID');
  });

  it('show, prove and change the address of a webhook', async () => {
    const deployed = await run('pipelines', 'deploy', 'hook.yaml');
    assert.match(deployed.stdout, /It is called at http:.*\/hooks\/main\//, deployed.stderr);
    const { url } = await answer<{ url: string }>('pipelines', 'webhook', 'info', 'hook');
    assert.equal((await fetch(url, { method: 'POST' })).status, 202);
    const rotated = await answer<{ url: string }>('pipelines', 'webhook', 'rotate', 'hook');
    assert.notEqual(rotated.url, url);
    assert.equal((await fetch(url, { method: 'POST' })).status, 404);
    const secret = await runTendril(['pipelines', 'webhook', 'secret', 'hook', '-'], { home: hub.dataDir, input: 'hush\n' });
    assert.equal(secret.code, 0, secret.stderr);
    assert.doesNotMatch(secret.stdout, /hush/);
    await answer('pipelines', 'deploy', 'news.yaml');
    assert.equal(await refusal(3, 'pipelines', 'webhook', 'info', 'news'), 'REFUSED');
    assert.equal(await refusal(3, 'pipelines', 'webhook', 'rotate', 'news'), 'PIPELINE_UNKNOWN');
  });
});
