import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { runTendril } from '../support/tendril.ts';

const HERO = `
id: home_hero
title: Home page, top
kind: page_slot
fallback: { headline: Welcome }
candidates:
  - id: loyal
    when: '"buyers" in profile.segments'
    content: { headline: Good to see you }
  - id: pricing
    when: context.page == "/pricing"
    content: { headline: Ask us }
`;

describe('people, segments, places and leads on the command line', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-customers-'));
  let hub: RunningHub;
  before(async () => {
    hub = await startHub({ flags: ['--empty'] });
    const traits = { email: 'ada@shop.example', firstName: 'Ada', phone: '+49 30 1234567', plan: 'pro' };
    const order = (id: string): object => ({
      type: 'track',
      messageId: id,
      userId: 'ada',
      event: 'Order Completed',
      properties: { total: 40 },
    });
    const status = await hub.send([
      {
        type: 'identify',
        messageId: 'i1',
        userId: 'ada',
        anonymousId: 'a1',
        traits,
        context: { consent: { categoryPreferences: { Marketing: true } } },
      },
      { type: 'identify', messageId: 'i2', userId: 'bob', traits: { email: 'bob@shop.example' } },
      { type: 'group', messageId: 'g1', userId: 'ada', groupId: 'acme', traits: { name: 'Acme' } },
      order('o1'),
      order('o2'),
    ]);
    assert.equal(status, 200);
    await eventually(
      () => run('people', 'show', 'userId:ada', '--json'),
      ({ stdout }) => stdout.includes('"acme"'),
    );
  });
  after(async () => {
    await hub.stop();
    removeDataDir(hub.dataDir);
    rmSync(folder, { recursive: true });
  });

  const run = (...words: readonly string[]): ReturnType<typeof runTendril> => runTendril(words, { home: hub.dataDir, cwd: folder });

  /** What a command says to people: exit code 0. */
  async function say(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...words);
    assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
    return stdout + stderr;
  }

  async function answer<Answer>(...words: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await run(...words, '--json');
    assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as Answer;
  }

  it('say what there is not, and what to do about it', async () => {
    const [segments, traits, places, nobody, lost] = await Promise.all([
      say('segments', 'list'),
      say('traits', 'list'),
      say('places', 'list'),
      run('people', 'show', 'zoe@shop.example'),
      run('places', 'delete', 'nowhere', '--json'),
    ]);
    assert.match(segments, /tendril segments save/);
    assert.match(traits, /tendril traits save/);
    assert.match(places, /tendril places save/);
    assert.deepEqual([nobody.code, nobody.stderr.trim()], [3, 'Error: Nobody is known as zoe@shop.example.']);
    assert.equal(lost.code, 3);
  });

  it('find people, tell what they did, join two and part them again', async () => {
    const found = await answer<{ person: { id: string } }>('people', 'find', 'ada@shop.example');
    assert.match(await say('people', 'timeline', 'anonymousId:a1'), /Order Completed/);
    assert.match(await say('people', 'show', 'userId:ada'), /known as .*userId:ada[^]*consent +Marketing granted/);
    const merged = await answer<{ link: string; into: string; from: string }>(
      'people',
      'merge',
      'userId:ada',
      'userId:bob',
      '--reason',
      'told us',
    );
    assert.equal(merged.into, found.person.id);
    await eventually(
      () => run('people', 'merges', 'userId:ada'),
      ({ stdout }) => stdout.includes(merged.link),
    );
    await say('people', 'unmerge', merged.link, '--reason', 'a mistake');
    await eventually(
      () => answer<{ person: { id: string } }>('people', 'find', 'userId:bob'),
      ({ person }) => person.id === merged.from,
    );
    assert.equal((await run('people', 'unmerge')).code, 2);
    assert.match(await say('groups', 'show', 'acme'), /Acme \(acme\), 1 people/);
    assert.match(await say('people', 'duplicates'), /Nobody looks like|LEFT/);
  });

  it('work out traits and segments, and say why somebody is in', async () => {
    await say('traits', 'save', 'spent', '--event', 'Order Completed', '--aggregate', 'sum', '--property', 'total');
    const file = join(folder, 'segments.yaml');
    writeFileSync(file, `name: buyers\ncondition: count("Order Completed", "90d") >= 2\n`);
    assert.match(await say('segments', 'preview', 'count("Order Completed", "90d") >= 2'), /1 of 2 people/);
    await say('segments', 'save', file);
    await eventually(
      () => run('segments', 'members', 'buyers'),
      ({ stdout }) => stdout.includes('Ada'),
    );
    assert.match(await say('segments', 'why', 'buyers', 'userId:ada'), /is in buyers[^]*yes {2}count\("Order Completed", "90d"\) >= 2/);
    assert.match(await say('segments', 'why', 'buyers', 'userId:bob'), /is not in buyers[^]*no {3}count/);
    const wrong = await run('segments', 'save', 'broken', 'profil.traits.plan == "pro"');
    assert.equal(wrong.code, 3);
    assert.match(wrong.stderr, /profil/);
    await eventually(
      () => run('people', 'show', 'userId:ada'),
      ({ stdout }) => /spent +80/.test(stdout),
    );
    assert.match(await say('segments', 'show', 'buyers'), /people +1/);
  });

  it('choose what is shown, say why, and count what became of it', async () => {
    const file = join(folder, 'hero.yaml');
    writeFileSync(file, HERO);
    assert.match(await say('places', 'save', file), /home_hero has version 1/);
    assert.match(await say('places', 'save', file), /is version 1 as before/);
    const decided = await answer<{ decision: string; candidate: string; reason: string }>('places', 'decide', 'home_hero', 'userId:ada');
    assert.deepEqual([decided.candidate, decided.reason.includes('"buyers"')], ['loyal', true]);
    assert.match(
      await say('places', 'decide', 'home_hero', 'userId:bob', '--context', '{"page":"/pricing"}'),
      /^pricing: \{"headline":"Ask us"\}/,
    );
    assert.match(await say('places', 'decide', 'home_hero', 'userId:bob'), /^The fallback: /);
    await hub.send([
      { type: 'track', messageId: 'd1', userId: 'ada', event: 'Decision Clicked', properties: { decision: decided.decision } },
    ]);
    await eventually(
      () => run('places', 'results', 'home_hero'),
      ({ stdout }) => /loyal +1 +1 +0 +100\.0 %/.test(stdout),
    );
    const yaml = join(folder, 'edited.yaml');
    writeFileSync(yaml, (await run('places', 'show', 'home_hero', '--yaml')).stdout.replace('Good to see you', 'Welcome back'));
    assert.match(await say('places', 'save', yaml, '--based-on', '1'), /has version 2/);
    assert.equal((await run('places', 'save', yaml.replace('edited', 'hero'), '--based-on', '1')).code, 3);
    writeFileSync(file, HERO.replace('"/pricing"', '"/pricing" &&'));
    const wrong = await run('places', 'save', file);
    assert.deepEqual([wrong.code, wrong.stderr.includes('/candidates/1/when')], [3, true]);
    writeFileSync(file, 'id: [');
    assert.match((await run('places', 'save', file)).stderr, /hero\.yaml:1:\d+ is not YAML/);
  });

  it('list leads, rank them, find out about them and give them to somebody', async () => {
    const list = await eventually(
      () => answer<{ items: readonly { id: string; email?: string }[] }>('leads', 'list'),
      ({ items }) => items.length === 2,
    );
    const ada = list.items.find(({ email }) => email === 'ada@shop.example');
    assert.match(await say('leads', 'show', 'ada@shop.example'), new RegExp(String(ada?.id)));
    assert.match(await say('leads', 'queue'), /ada@shop\.example|Ada/);
    assert.match(await say('leads', 'enrich', 'ada@shop.example'), /emailKind/);
    const assigned = await run('leads', 'assign', String(ada?.id), 'nobody-of-the-settings', '--json');
    assert.equal(assigned.code, 3);
  });
});
