import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import type { Hub, PluginSource, Rehearsal, Simulation, TenantHub } from '../../../src/index.ts';
import { source } from '../../plugins/fixture.ts';
import { hubOver, sendAs, until } from '../../support/hub-scenario.ts';

const PEOPLE: Readonly<Record<string, { readonly email?: string; readonly plan: string }>> = {
  ada: { email: 'ada@example.com', plan: 'pro' },
  bob: { plan: 'pro' },
  cleo: { email: 'cleo@example.com', plan: 'free' },
};

/** People and a mailer. Counts what really went out. */
function crm(sent: string[]): PluginSource {
  const object = { type: 'object', additionalProperties: true };
  return source(
    {
      id: 'crm',
      permissions: { actions: [], data: ['personal'] },
      contributes: {
        channels: { mail: { title: 'Mail', action: 'send', address: '/traits/email' } },
        actions: {
          get: { title: 'Get', effect: 'read', implements: 'people.get@1', input: object, output: object },
          resolve: { title: 'Resolve', effect: 'read', implements: 'people.resolve@1', input: object, output: object },
          score: {
            title: 'Score',
            effect: 'read',
            input: { type: 'object', properties: { key: { type: 'string', writeOnly: true } }, additionalProperties: true },
            output: { type: 'object', properties: { score: { type: 'number' } } },
          },
          send: {
            title: 'Send',
            effect: 'send',
            idempotency: 'key',
            input: { type: 'object', properties: { person: { type: 'string' }, text: { type: 'string' } }, required: ['person'] },
            output: object,
            send: { person: '/person', channel: 'mail', address: '/traits/email' },
            examples: [{ input: { person: 'p-ada' }, output: { messageId: 'example' } }],
          },
        },
      },
    },
    (host) => {
      host.action('get', async (input) => {
        const { id } = input as { readonly id: string };
        const person = PEOPLE[id.replace('p-', '')];
        return { id, traits: person ?? {}, identities: [`userId:${id.replace('p-', '')}`] };
      });
      host.action('resolve', async (input) => ({
        ids: (input as { readonly people: readonly { readonly userId?: string }[] }).people.map(({ userId }) =>
          userId === undefined ? null : `p-${userId}`,
        ),
      }));
      host.action('score', async (input) => ({ score: (input as { readonly person: string }).person === 'p-ada' ? 0.9 : 0.2 }));
      host.action('send', async (input) => {
        sent.push((input as { readonly person: string }).person);
        return { messageId: 'real' };
      });
    },
  );
}

const WELCOME = `
pipeline: welcome
trigger: { event: Signed Up, where: event.properties.age >= 18 && profile.traits.plan == "pro" }
steps:
  - { id: score, action: crm.score, with: { person: "\${{ profile.id }}" } }
  - wait: 2d
  - if: steps.score.output.score > 0.1
    then:
      - { id: mail, action: crm.send, with: { person: "\${{ profile.id }}", text: "\${{ string(steps.score.output.score) }}" } }
output: { score: "\${{ steps.score.output.score }}" }
`;

const signUp = (userId: string, messageId: string, age = 30): object => ({
  type: 'track',
  event: 'Signed Up',
  userId,
  messageId,
  properties: { age },
});

describe('asking pipelines', () => {
  let hub: Hub;
  let tenant: TenantHub;
  let writeKey: string;
  let sent: string[];

  beforeEach(async () => {
    sent = [];
    hub = await hubOver(createMemoryStores(), [crm(sent)], { createScratchStores: ({ clock }) => createMemoryStores({ clock }) });
    await hub.admin.create({ id: 'acme', name: 'Acme' });
    tenant = await hub.tenant('acme');
    assert.deepEqual(hub.plugins.faults(), []);
    await tenant.plugins.enable('crm');
    const app = await tenant.apps.create({ name: 'Shop', isTest: false });
    ({ secret: writeKey } = await tenant.keys.create({ kind: 'write', appId: app.id }));
  });

  afterEach(() => hub.stop());

  async function simulate(...asked: Parameters<TenantHub['ask']['dryRun']>): Promise<Simulation> {
    const answer = await tenant.ask.dryRun(...asked);
    assert.ok('simulation' in answer, JSON.stringify(answer));
    return answer.simulation;
  }

  async function rehearse(lastMs = 86_400_000): Promise<Rehearsal> {
    const answer = await tenant.ask.rehearse({ source: WELCOME }, { lastMs });
    assert.ok('rehearsal' in answer, JSON.stringify(answer));
    return answer.rehearsal;
  }

  it('plays a run through: reads are done, effects are shown, waits take no time', async () => {
    const before = performance.now();
    const simulation = await simulate({ source: WELCOME }, { event: signUp('ada', 'm1') as never });
    assert.ok(performance.now() - before < 20_000);
    assert.equal(simulation.state, 'succeeded');
    assert.deepEqual(simulation.output, { score: 0.9 });
    assert.deepEqual(
      simulation.calls.map(({ action, path, effect, answeredBy, input }) => [action, path, effect, answeredBy, input]),
      [
        ['crm.score', '0', 'read', 'action', { person: 'p-ada' }],
        ['crm.send', '2.then.0', 'send', 'example', { person: 'p-ada', text: '0.9' }],
      ],
    );
    assert.equal((simulation.endedAt ?? 0) - simulation.startedAt, 2 * 86_400_000);
    assert.deepEqual(sent, []);
    assert.deepEqual(await tenant.runs.count(), []);
  });

  it('tells what the governor would hold back, and takes a person as given', async () => {
    const held = await simulate({ source: WELCOME }, { event: signUp('bob', 'm1') as never });
    assert.equal(held.state, 'failed');
    assert.equal(held.calls.at(-1)?.heldBack, 'no_address');
    await tenant.governor.suppress('mail', 'ada@example.com', 'bounced');
    assert.equal((await simulate({ source: WELCOME }, { event: signUp('ada', 'm1') as never })).calls.at(-1)?.heldBack, 'suppressed');
    const given = { id: 'p-new', traits: { plan: 'pro', email: 'new@example.com' } };
    const simulation = await simulate({ source: WELCOME }, { event: signUp('nobody', 'm1') as never, person: given });
    assert.deepEqual(simulation.calls.at(-1)?.input, { person: 'p-new', text: '0.2' });
  });

  it('says so when nothing would start, when the pipeline is faulty, and when there is none', async () => {
    await assert.rejects(tenant.ask.dryRun({ source: WELCOME }, { event: signUp('ada', 'm1', 3) as never }), (error: unknown) => {
      assert.ok(TendrilError.is(error) && error.code === 'RUN_NOT_STARTED');
      assert.equal(error.details['code'], 'where');
      assert.deepEqual(
        (error.details['conditions'] as readonly { readonly isMet: boolean }[]).map(({ isMet }) => isMet),
        [false, true],
      );
      return true;
    });
    await assert.rejects(tenant.ask.dryRun({ source: WELCOME }, {}), { code: 'INPUT_INVALID' });
    const other = { ...signUp('ada', 'm1'), event: 'Signed Out' };
    await assert.rejects(tenant.ask.dryRun({ source: WELCOME }, { event: other as never }), { code: 'INPUT_INVALID' });
    const faulty = await tenant.ask.dryRun({ source: WELCOME.replace('crm.score', 'crm.scor') }, {});
    assert.ok('faults' in faulty);
    assert.equal(faulty.faults[0]?.code, 'PIPELINE_UNKNOWN_ACTION');
    await assert.rejects(tenant.ask.dryRun({ id: 'missing' }, {}), { code: 'PIPELINE_UNKNOWN' });
  });

  it('rehearses over the stored log: who would have been reached, and who not', async () => {
    await sendAs(hub, writeKey, [signUp('ada', 'm1'), signUp('bob', 'm2'), signUp('cleo', 'm3'), signUp('ada', 'm4', 5)]);
    const rehearsal = await rehearse();
    assert.deepEqual([rehearsal.events, rehearsal.matched], [4, 2]);
    assert.deepEqual(rehearsal.notStarted, { where: 2 });
    assert.deepEqual(rehearsal.byState, { sleeping: 2 });
    assert.deepEqual(
      rehearsal.runs.map(({ eventId, personId, position }) => [eventId, personId, position]),
      [
        ['m1', 'p-ada', 1],
        ['m2', 'p-bob', 2],
      ],
    );
    assert.deepEqual(
      rehearsal.actions.map(({ action, calls, people }) => [action, calls, people]),
      [['crm.score', 2, 2]],
    );
    assert.deepEqual((await rehearse(0)).events, 0);
    assert.deepEqual(sent, []);
  });

  it('explains why something did or did not happen, for an event and for a person', async () => {
    await tenant.pipelines.deploy(WELCOME);
    await hub.start();
    await sendAs(hub, writeKey, [
      signUp('ada', 'm1'),
      signUp('cleo', 'm2'),
      signUp('ada', 'm3', 5),
      { ...signUp('ada', 'm4'), event: 'Other' },
    ]);
    await until(async () => (await tenant.runs.list({ pipeline: 'welcome' })).items.length === 1);
    const [started] = await tenant.ask.why('m1');
    assert.deepEqual([started?.code, started?.isStarted, started?.runState], ['started', true, 'sleeping']);
    const [free] = await tenant.ask.why(2);
    assert.deepEqual([free?.code, free?.isStarted], ['where', false]);
    assert.match(free?.reason ?? '', /profile\.traits\.plan == "pro"/);
    assert.deepEqual(
      free?.conditions.map(({ isMet }) => isMet),
      [true, false],
    );
    assert.deepEqual(await tenant.ask.why('m4'), []);
    await assert.rejects(tenant.ask.why('m99'), { code: 'NOT_FOUND' });
    const explanation = await tenant.ask.explain('userId:ada', 'welcome');
    assert.deepEqual(
      explanation.starts.map(({ eventId, code }) => [eventId, code]),
      [
        ['m3', 'where'],
        ['m1', 'started'],
      ],
    );
    assert.match(explanation.summary, /started nothing: `event\.properties\.age >= 18` is not true/);
    await assert.rejects(tenant.ask.explain('userId:ada', 'missing'), { code: 'PIPELINE_UNKNOWN' });
  });

  it('starts runs for past events when asked, each once, and none for events that have started one', async () => {
    await sendAs(hub, writeKey, [signUp('ada', 'm1'), signUp('bob', 'm2'), signUp('cleo', 'm3')]);
    const { receivedAt } = (await tenant.events.list({ limit: 1 })).items[0] ?? { receivedAt: 0 };
    await tenant.pipelines.deploy(WELCOME.replace('trigger: {', 'trigger: { maxAge: 1ms,'));
    const dry = await tenant.ask.backfill('welcome', { from: receivedAt - 1_000, to: receivedAt + 1_000, isDry: true });
    assert.deepEqual([dry.events, dry.started, dry.state], [3, 2, 'done']);
    await hub.start();
    for (const attempt of [1, 2]) {
      const { id } = await tenant.ask.backfill('welcome', { from: receivedAt - 1_000 });
      await until(async () => (await tenant.ask.backfills()).find((backfill) => backfill.id === id)?.state === 'done');
      const done = (await tenant.ask.backfills()).find((backfill) => backfill.id === id);
      assert.equal(done?.started, attempt === 1 ? 2 : 0);
    }
    assert.equal((await tenant.runs.list({ pipeline: 'welcome' })).items.length, 2);
    await assert.rejects(tenant.ask.backfill('missing', { from: 0 }), { code: 'PIPELINE_UNKNOWN' });
  });

  it('starts no run of a version that is tried out for past events of live apps, nor of production for those of its own environment', async () => {
    await sendAs(hub, writeKey, [signUp('ada', 'm1')]);
    const { receivedAt } = (await tenant.events.list({ limit: 1 })).items[0] ?? { receivedAt: 0 };
    const range = { from: receivedAt - 1_000, to: receivedAt + 60_000, isDry: true };
    await tenant.pipelines.deploy(WELCOME, { environment: 'development' });
    const started = async (environment: 'development' | 'production'): Promise<number> =>
      (await tenant.ask.backfill('welcome', { ...range, environment })).started;
    assert.equal(await started('development'), 0);
    const app = await tenant.apps.create({ name: 'Trial', isTest: true });
    const { secret } = await tenant.keys.create({ kind: 'write', appId: app.id });
    await sendAs(hub, secret, [signUp('bob', 'm2')]);
    await tenant.pipelines.deploy(WELCOME);
    assert.deepEqual([await started('development'), await started('production')], [1, 1]);
    await tenant.pipelines.undeploy('welcome', 'development');
    assert.equal(await started('production'), 2);
  });

  it('shows personal values to those who may see them, and secrets to nobody', async () => {
    const text = WELCOME.replace(
      'person: "${{ profile.id }}" }',
      'person: "${{ profile.id }}", key: s3cret, to: "${{ profile.traits.email }}" }',
    );
    const asked = { event: signUp('ada', 'm1') as never };
    const masked = await simulate({ source: text }, asked);
    assert.deepEqual(masked.calls[0]?.input, { person: 'p-ada', key: '[secret]', to: '[personal]' });
    const whole = await simulate({ source: text }, { ...asked, unmasked: true });
    assert.deepEqual(whole.calls[0]?.input, { person: 'p-ada', key: '[secret]', to: 'ada@example.com' });
    await sendAs(hub, writeKey, [signUp('ada', 'm1')]);
    const answer = await tenant.ask.rehearse({ source: text }, { lastMs: 86_400_000 });
    assert.ok('rehearsal' in answer);
    assert.deepEqual(answer.rehearsal.runs[0]?.calls[0]?.input, { person: 'p-ada', key: '[secret]', to: '[personal]' });
  });

  it('plays only so much at once', async () => {
    const asked = { event: signUp('ada', 'm1') as never };
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => tenant.ask.dryRun({ source: WELCOME }, asked)));
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 3);
    const [refused] = answers.filter((answer) => answer.status === 'rejected');
    assert.equal((refused?.reason as { readonly code: string }).code, 'OVERLOADED');
    assert.equal((await simulate({ source: WELCOME }, asked)).state, 'succeeded');
  });
});
