import assert from 'node:assert/strict';
import type { AgentDecision, AgentHandler, AgentObservation, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { decodeEvent, hubEvent } from '../../src/events/index.ts';
import type { NestedCall } from '../../src/plugins/index.ts';
import { anyAction, source, startHost as begin, takeUpJobs } from './fixture.ts';
import type { HostFixture, RunDue } from './fixture.ts';

const HOUR = 3_600_000;
const DECISION: AgentDecision = { choice: 'Wait.', evidence: { opened: 3 }, alternatives: ['send'], expected: { clicks: 1 } };

const shop = source(
  {
    id: 'shop',
    permissions: { channels: ['email'], money: { currencies: ['EUR'] } },
    contributes: {
      channels: { email: { title: 'E-mail', action: 'mail', address: '/traits/email' } },
      actions: {
        look: anyAction(),
        tag: anyAction({ effect: 'write', idempotency: 'natural' }),
        mail: anyAction({ effect: 'send', idempotency: 'key', send: { person: '/person', channel: 'email', address: '/traits/email' } }),
        buy: anyAction({ effect: 'spend', idempotency: 'key', spend: { amount: '/amount', currency: '/currency' } }),
      },
    },
  },
  (host) => {
    for (const id of ['look', 'tag', 'mail', 'buy']) host.action(id, async () => ({}));
  },
);

const ACTIONS = ['shop.look', 'shop.tag', 'shop.mail', 'shop.buy'];

const hosts: HostFixture[] = [];

async function startHost(...given: Parameters<typeof begin>): Promise<HostFixture> {
  const fixture = await begin(...given);
  hosts.push(fixture);
  return fixture;
}

interface Started extends HostFixture {
  readonly runDue: RunDue;
  /** The calls that the agent's bounds let through. */
  readonly calls: NestedCall[];
  readonly ticks: AgentObservation[];
  say(name: string, members?: { readonly isTest?: boolean; readonly causeHops?: number }): Promise<void>;
}

async function start(handler: AgentHandler, agent: JsonObject = {}): Promise<Started> {
  const ticks: AgentObservation[] = [];
  const calls: NestedCall[] = [];
  const keeper = source(
    {
      id: 'keeper',
      permissions: {
        events: { read: ['Order Placed'], write: ['Nudged'] },
        actions: ACTIONS,
        channels: ['email'],
        money: { currencies: ['EUR'] },
      },
      contributes: {
        agents: { watch: { title: 'Watch', role: 'Watches orders.', every: '1h', events: ['Order Placed'], actions: ACTIONS, ...agent } },
      },
    },
    (host) =>
      host.agent('watch', async (observation, call) => {
        ticks.push(observation);
        return handler(observation, call);
      }),
  );
  const fixture = await startHost([shop, keeper], {
    callAction: async (nested) => {
      calls.push(nested);
      // As if the action sent a mail in turn.
      if (nested.name === 'shop.tag')
        await nested.bounds?.admit({ name: 'shop.mail', input: {}, key: `${nested.idempotencyKey}-mail`, depth: 1 });
      return { output: {}, changes: [] };
    },
  });
  const runDue = await takeUpJobs(fixture);
  let said = 0;
  const say: Started['say'] = async (name, { isTest = false, causeHops } = {}) => {
    const { log } = await fixture.tenants.open('acme');
    said += 1;
    await log.append([
      hubEvent({ name, cause: String(said), occurredAt: fixture.clock.now(), isTest, ...(causeHops !== undefined && { causeHops }) }),
    ]);
  };
  return { ...fixture, runDue, calls, ticks, say };
}

async function tick({ clock, runDue }: Started): Promise<void> {
  clock.advance(HOUR);
  await runDue('plugins.agent');
}

/** What has been put into the outbox. */
async function emitted({ tenants }: Started): Promise<readonly LoggedEvent[]> {
  const { outbox } = tenants;
  return (await outbox.take(100)).map(({ event }, index) => decodeEvent({ position: index + 1, payload: event.payload }));
}

/** With the bound, where one is named. */
function codeOf(error: unknown): string {
  const { code, details } = error as { readonly code: string; readonly details: { readonly bound?: string } };
  return details.bound === undefined ? code : `${code} ${details.bound}`;
}

describe('agents', () => {
  afterEach(async () => {
    for (const { host } of hosts.splice(0)) await host.stop();
  });

  it('see what happened since their last tick, of the events that they declare', async () => {
    const started = await start(async () => []);
    await started.say('Order Placed');
    await started.say('Something Else');
    await started.say('Order Placed', { isTest: true });
    await tick(started);
    await tick(started);
    await started.say('Order Placed', { causeHops: 14 });
    await started.say('Order Placed', { causeHops: 15 });
    await tick(started);
    assert.deepEqual(
      started.ticks.map(({ events }) => events.map(({ name, hops }) => `${name} ${hops}`)),
      [['Order Placed 0'], [], ['Order Placed 15']],
    );
    assert.deepEqual(
      started.ticks.map(({ lastTickAt }) => lastTickAt === undefined),
      [true, false, false],
    );
  });

  it('have their decisions recorded, once however often a tick is done', async () => {
    let attempts = 0;
    const started = await start(async (_, call) => {
      attempts += 1;
      call.changes.emit({ name: 'Nudged' });
      if (attempts === 1) throw new Error('died');
      return [DECISION];
    });
    started.clock.advance(HOUR);
    await assert.rejects(started.runDue('plugins.agent'), { code: 'PLUGIN_FAULTY' });
    assert.deepEqual(await emitted(started), []);
    started.clock.advance(2_000);
    await started.runDue('plugins.agent');
    const events = await emitted(started);
    assert.deepEqual(
      events.map(({ name }) => name),
      ['Nudged', 'tendril.decision.recorded'],
    );
    assert.deepEqual(events[1]?.properties, { agent: 'keeper.watch', ...DECISION });
    assert.equal(new Set(started.calls.map(({ idempotencyKey }) => idempotencyKey)).size, 0);
  });

  it('call what they declare, as much of it a day as they declare', async () => {
    const outcomes: string[] = [];
    const started = await start(
      async (_, call) => {
        const attempt = async (name: string, input: object = {}): Promise<void> => {
          outcomes.push(
            await call.actions.call(name, input).then(
              () => `${name} ok`,
              (error: unknown) => `${name} ${codeOf(error)}`,
            ),
          );
        };
        await attempt('shop.look');
        await attempt('shop.tag');
        await Promise.all([attempt('shop.mail', { person: 'a' }), attempt('shop.mail', { person: 'b' })]);
        await attempt('shop.buy', { amount: 60, currency: 'EUR' });
        await attempt('shop.buy', { amount: 50, currency: 'EUR' });
        return [];
      },
      { actions: ['shop.look', 'shop.mail', 'shop.buy'], perDay: { sends: 1, spendCents: 100, calls: 10 } },
    );
    await tick(started);
    assert.deepEqual(outcomes.splice(0), [
      'shop.look ok',
      'shop.tag AGENT_BOUND_EXCEEDED actions',
      'shop.mail ok',
      'shop.mail AGENT_BOUND_EXCEEDED perDay.sends',
      'shop.buy ok',
      'shop.buy AGENT_BOUND_EXCEEDED perDay.spendCents',
    ]);
    assert.deepEqual((await started.host.agents.list('acme'))[0]?.remaining, { sends: 0, spendCents: 40, calls: 8 });
    started.clock.advance(24 * HOUR);
    await started.runDue('plugins.agent');
    assert.ok(outcomes.includes('shop.mail ok'), 'another day has its own bounds');
  });

  it('may send and spend nothing unless they say how much', async () => {
    const codes: string[] = [];
    const started = await start(async (_, call) => {
      for (const [name, input] of [
        ['shop.mail', { person: 'a' }],
        ['shop.buy', { amount: 1, currency: 'EUR' }],
      ] as const)
        await call.actions.call(name, input).catch((error: unknown) => codes.push(codeOf(error)));
      return [];
    });
    await tick(started);
    assert.deepEqual(codes, ['AGENT_BOUND_EXCEEDED perDay.sends', 'AGENT_BOUND_EXCEEDED perDay.spendCents']);
    assert.equal(started.calls.length, 0);
  });

  it('count what the actions that they call do in turn', async () => {
    const outcomes: string[] = [];
    const started = await start(
      async (_, call) => {
        for (const round of [1, 2])
          await call.actions.call('shop.tag', { round }).then(
            () => outcomes.push('ok'),
            (error: unknown) => outcomes.push(codeOf(error)),
          );
        return [];
      },
      { perDay: { sends: 1 } },
    );
    await tick(started);
    assert.deepEqual(outcomes, ['ok', 'AGENT_BOUND_EXCEEDED perDay.sends']);
    const [{ bounds } = {}] = started.calls;
    // The tick is over, and with it the lease that its bounds are written under.
    await assert.rejects(async () => bounds?.admit({ name: 'shop.buy', input: {}, key: 'late', depth: 1 }), { code: 'LEASE_LOST' });
  });

  it('count a call once, also when the tick is done again', async () => {
    let attempts = 0;
    const started = await start(
      async (_, call) => {
        await call.actions.call('shop.mail', { person: 'a' });
        attempts += 1;
        if (attempts === 1) throw new Error('died');
        return [];
      },
      { perDay: { sends: 1 } },
    );
    started.clock.advance(HOUR);
    await assert.rejects(started.runDue('plugins.agent'));
    started.clock.advance(2_000);
    await started.runDue('plugins.agent');
    assert.equal(attempts, 2);
    assert.equal(new Set(started.calls.map(({ idempotencyKey }) => idempotencyKey)).size, 1);
  });

  it('leave what needs approval to a person', async () => {
    const codes: string[] = [];
    const started = await start(
      async (_, call) => {
        await call.actions.call('shop.tag', {}).catch((error: unknown) => codes.push(codeOf(error)));
        return [];
      },
      { approval: ['shop.tag'] },
    );
    await tick(started);
    assert.deepEqual(codes, ['AGENT_NEEDS_APPROVAL']);
  });

  it('are refused decisions that are none', async () => {
    const circle: Record<string, unknown> = { choice: 'x' };
    circle['evidence'] = circle;
    for (const decisions of [
      null,
      {},
      ['x'],
      [{ choice: '' }],
      [{ choice: 'x' }],
      [circle],
      [{ choice: 'x', evidence: 'e'.repeat(20_000) }],
    ]) {
      const started = await start(async () => decisions as never);
      started.clock.advance(HOUR);
      await assert.rejects(started.runDue('plugins.agent'), { code: 'PLUGIN_FAULTY' }, JSON.stringify(decisions === null));
    }
  });

  it('stand still while their plugin is disabled, and begin anew after that', async () => {
    const started = await start(async () => []);
    await started.host.tenantPlugins('acme').disable('keeper');
    await tick(started);
    await started.say('Order Placed');
    await started.host.tenantPlugins('acme').enable('keeper');
    await tick(started);
    assert.deepEqual(
      started.ticks.map(({ events }) => events.length),
      [0],
    );
    await assert.rejects(started.host.agents.tick('acme', 'keeper.nobody'), { code: 'NOT_FOUND' });
  });

  it('have other keys after they began anew, also when nothing happened', async () => {
    const keys: string[] = [];
    const started = await start(async (_observation, call) => {
      keys.push(call.idempotencyKey);
      return [];
    });
    await tick(started);
    await started.host.tenantPlugins('acme').disable('keeper');
    await tick(started);
    await started.host.tenantPlugins('acme').enable('keeper');
    await tick(started);
    assert.equal(new Set(keys).size, 2);
  });

  it('are held against permissions when the manifest is checked', async () => {
    const { host } = await startHost(
      [
        source(
          {
            id: 'keeper',
            contributes: {
              agents: {
                watch: {
                  title: 'W',
                  role: 'R',
                  every: '1h',
                  events: ['X'],
                  actions: ['a.b'],
                  approval: ['a.c'],
                  perDay: { spendCents: 5 },
                },
              },
              drivers: { store: { title: 'S', contract: 'vectors' } },
            },
          },
          () => undefined,
        ),
      ],
      { enable: false },
    );
    assert.deepEqual(
      host.catalogue.faults().map(({ pointer }) => pointer),
      [
        '/contributes/agents/watch/events/0',
        '/contributes/agents/watch/actions/0',
        '/contributes/agents/watch/approval/0',
        '/contributes/agents/watch/perDay/spendCents',
        '/contributes/drivers/store/contract',
      ],
    );
  });
});
