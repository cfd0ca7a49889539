import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { LoggedEvent } from '@tendril/plugin-api';
import { createAppService } from '../../src/tenants/index.ts';
import { judge } from '../../src/pipelines/starts/judge.ts';
import type { FakeAction } from './fake-actions.ts';
import { createRunWorld, signup, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';
import { allRuns, deliver, deployFlow, refusalOf, startedFor } from './starts-world.ts';

const DAY_MS = 86_400_000;

async function deployed(trigger: string, fakes: Readonly<Record<string, FakeAction>> = {}): Promise<{ world: RunWorld; process: Process }> {
  const world = await createRunWorld();
  const process = await world.boot({ 'crm.a': {}, ...fakes });
  await process.pipelines
    .service(TENANT)
    .deploy(
      `pipeline: a\ntrigger: ${trigger}\nsettings: { least: { type: number, default: 18 } }\nsteps: [{ action: crm.a, with: { least: "\${{ settings.least }}" } }, { wait: 1h }, { action: crm.a, with: { least: "\${{ settings.least }}" } }]`,
    );
  return { world, process };
}

async function starts(world: RunWorld, process: Process, event: Partial<LoggedEvent>): Promise<boolean> {
  return (await world.trigger(process, event)).length === 1;
}

describe('triggers', () => {
  it('match by name, condition, age and kind of event', async () => {
    const { world, process } = await deployed('{ event: Signup Completed, where: event.properties.age >= settings.least, maxAge: 2d }');
    const now = world.engine.time.now();
    assert.equal(await starts(world, process, {}), true);
    assert.equal(await starts(world, process, { name: 'Other' }), false);
    assert.equal(await starts(world, process, { properties: { age: 17 } }), false);
    assert.equal(await starts(world, process, { occurredAt: now - 1.9 * DAY_MS }), true);
    assert.equal(await starts(world, process, { occurredAt: now - 2.1 * DAY_MS }), false);
    assert.equal(await starts(world, process, { isImported: true }), false);
    assert.equal(await starts(world, process, { hops: 16 }), false);
    await process.pipelines.service(TENANT).configure('a', { least: 10 });
    assert.equal(await starts(world, process, { properties: { age: 17 } }), true);
  });

  it('count and log a condition that fails, and go on', async () => {
    const { world, process } = await deployed('{ event: Signup Completed, where: event.properties.company.size > 10 }');
    assert.equal(await starts(world, process, {}), false);
    assert.equal(await starts(world, process, { properties: { company: { size: 'many' } } }), false);
    assert.equal(await starts(world, process, { properties: { company: { size: 11 } } }), true);
    const failures = process.pipelines.metrics().find(({ name }) => name === 'tendril_trigger_condition_failures_total');
    assert.deepEqual(failures?.values, [{ labels: { tenant: TENANT, pipeline: 'a' }, value: 2 }]);
  });

  it('start nothing for an event that is delivered again, nor for a paused pipeline', async () => {
    const { world, process } = await deployed('{ event: Signup Completed, imported: true }');
    const event = signup(world.engine, { isImported: true });
    assert.equal(await starts(world, process, event), true);
    assert.equal(await starts(world, process, event), false);
    await process.pipelines.service(TENANT).pause('a');
    assert.equal(await starts(world, process, {}), false);
    await process.pipelines.service(TENANT).resume('a');
    assert.equal(await starts(world, process, {}), true);
  });

  it('read the profile as it is when they match, and the run keeps it', async () => {
    let plan = 'gold';
    const people: FakeAction = {
      effect: 'read',
      implements: 'people.get@1',
      run: (request) => ({ id: request.input['id'] ?? '', traits: { plan }, identities: {} }),
    };
    const world = await createRunWorld();
    const process = await world.boot({ 'crm.a': {}, 'people.get@1': people });
    await process.pipelines.service(TENANT).deploy(`
pipeline: a
trigger: { event: Signup Completed, where: 'has(profile.traits.plan) && profile.traits.plan == "gold"' }
steps: [{ wait: 1h }, { action: crm.a, with: { person: "\${{ profile.id }}", plan: "\${{ profile.traits.plan }}", city: "\${{ default(profile.traits.city, 'unknown') }}" } }]`);
    const [runId = ''] = await world.trigger(process);
    plan = 'silver';
    assert.equal(await starts(world, process, {}), false);
    assert.equal(await starts(world, process, { profileId: undefined } as unknown as Partial<LoggedEvent>), false);
    const run = await world.settle(process, runId, 2 * 3_600_000);
    assert.equal(run.personId, 'p1');
    assert.deepEqual(world.world.requests.at(-1)?.input, { person: 'p1', plan: 'gold', city: 'unknown' });
  });

  it('wait for a profile that cannot be read now', async () => {
    const people: FakeAction = {
      effect: 'read',
      run: () => {
        throw new TendrilError('STORE_UNAVAILABLE');
      },
    };
    const { world, process } = await deployed('{ event: Signup Completed, where: profile.id != "" }', { 'people.get@1': people });
    await assert.rejects(world.trigger(process), { code: 'STORE_UNAVAILABLE' });
  });

  it('start runs that keep definition and settings of their start', async () => {
    const { world, process } = await deployed('{ event: Signup Completed }');
    const [runId = ''] = await world.trigger(process);
    await world.engine.time.until(async () => (await world.run(process, runId)).state === 'sleeping');
    const service = process.pipelines.service(TENANT);
    await service.configure('a', { least: 99 });
    const second = await service.deploy('pipeline: a\ntrigger: { event: Signup Completed }\nsteps: [{ stop: {} }]');
    assert.equal(second.version, 2);
    const fresh = await world.boot({ 'crm.a': {} });
    const run = await world.settle(fresh, runId, 2 * 3_600_000);
    assert.equal(run.version, 1);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(
      world.world.requests.map(({ input }) => input['least']),
      [18, 18],
    );
    const [newRun = ''] = await world.trigger(fresh);
    assert.equal((await world.settle(fresh, newRun)).state, 'stopped');
  });
});

describe('triggers of environments', () => {
  async function withApps(): Promise<{ world: RunWorld; process: Process; apps: Readonly<Record<string, string>> }> {
    const world = await createRunWorld();
    const process = await world.boot({ 'crm.a': {} });
    const service = createAppService(world.tenant.state, { clock: world.engine.time, random: world.engine.random });
    const live = await service.create({ name: 'live', isTest: false });
    const development = await service.create({ name: 'development', isTest: true });
    const staging = await service.create({ name: 'staging', isTest: true, environment: 'staging' });
    return { world, process, apps: { live: live.id, development: development.id, staging: staging.id } };
  }

  async function startedBy(world: RunWorld, process: Process, event: Partial<LoggedEvent>): Promise<readonly string[]> {
    const before = new Set((await allRuns(world)).map(({ id }) => id));
    await deliver(world, process, [signup(world.engine, event)]);
    const fresh = (await allRuns(world)).filter(({ id }) => !before.has(id));
    return fresh.map(({ pipeline, version, environment }) => `${pipeline}@${String(version)} ${String(environment)}`).toSorted();
  }

  it('start the version of the environment of the app, and production where it has none', async () => {
    const { world, process, apps } = await withApps();
    await deployFlow(process, 'title: one', { id: 'a', environment: 'production' });
    await deployFlow(process, 'title: two', { id: 'a', environment: 'staging' });
    await deployFlow(process, 'title: only', { id: 'b', environment: 'staging' });
    await deployFlow(process, 'title: only', { id: 'c', environment: 'production' });
    const by = (app: string): Promise<readonly string[]> => startedBy(world, process, { appId: apps[app] ?? '', isTest: app !== 'live' });
    assert.deepEqual(await by('live'), ['a@1 production', 'c@1 production']);
    assert.deepEqual(await by('staging'), ['a@2 staging', 'b@1 staging', 'c@1 staging']);
    assert.deepEqual(await by('development'), ['a@1 development', 'c@1 development']);
    // Paused there, it is not taken from elsewhere.
    await process.pipelines.service(TENANT).pause('a', { environment: 'staging' });
    assert.deepEqual(await by('staging'), ['b@1 staging', 'c@1 staging']);
    assert.deepEqual(await by('live'), ['a@1 production', 'c@1 production']);
    await process.pipelines.service(TENANT).undeploy('a', 'staging');
    assert.deepEqual(await by('staging'), ['a@1 staging', 'b@1 staging', 'c@1 staging']);
  });

  it("put the hub's own events where the run was that caused them", async () => {
    const { world, process, apps } = await withApps();
    await deployFlow(process, 'title: one', { id: 'a', environment: 'staging' });
    await deployFlow(process, 'trigger: { event: tendril.run.ended }', { id: 'b', environment: 'staging' });
    await deployFlow(process, 'trigger: { event: tendril.run.ended }', { id: 'c', environment: 'production' });
    await startedBy(world, process, { appId: apps['staging'] ?? '', isTest: true });
    const [run] = await allRuns(world);
    const ended = { name: 'tendril.run.ended', appId: '_hub', hops: 1 };
    assert.deepEqual(await startedBy(world, process, { ...ended, isTest: true, causedBy: { runId: run?.id ?? '' } }), [
      'b@1 staging',
      'c@1 staging',
    ]);
    assert.deepEqual(await startedBy(world, process, { ...ended, isTest: true }), ['c@1 development']);
    assert.deepEqual(await startedBy(world, process, ended), ['c@1 production']);
  });
});

describe('triggers of segments', () => {
  it('match the segment that is named', async () => {
    const { world, process } = await deployed('{ segment: vip, on: left }');
    const left = { name: 'tendril.segment.left', appId: '_hub' };
    assert.equal(await starts(world, process, { ...left, properties: { segment: 'vip' } }), true);
    assert.equal(await starts(world, process, { ...left, properties: { segment: 'other' } }), false);
    assert.equal(await starts(world, process, { ...left, properties: {} }), false);
    assert.equal(await starts(world, process, { ...left, name: 'tendril.segment.entered', properties: { segment: 'vip' } }), false);
  });
});

describe('profiles for triggers', () => {
  it('are read all at once, and only for what the event alone does not rule out', async () => {
    const asked: unknown[] = [];
    const people: FakeAction = {
      effect: 'read',
      run: ({ input }) => {
        const ids = input['ids'] as readonly string[];
        asked.push(ids);
        return { people: ids.map((id) => (id === 'gone' ? null : { id, traits: { plan: id === 'p2' ? 'gold' : 'free' } })) };
      },
    };
    const { world, process } = await deployed(
      '{ event: Signup Completed, where: event.properties.age > 18 && profile.traits.plan == "gold" }',
      {
        'people.get_many@1': people,
      },
    );
    const list = [
      signup(world.engine, { profileId: 'p1', properties: { age: 20 } }),
      signup(world.engine, { profileId: 'p2', properties: { age: 20 } }),
      signup(world.engine, { profileId: 'p2', properties: { age: 20 } }),
      signup(world.engine, { profileId: 'p3', properties: { age: 17 } }),
      signup(world.engine, { profileId: 'gone', properties: { age: 20 } }),
    ];
    await deliver(world, process, list);
    assert.deepEqual(asked, [['p1', 'p2', 'gone']]);
    assert.deepEqual(await startedFor(world), [list[1]?.id, list[2]?.id]);
  });
});

describe('limits of triggers', () => {
  const cases: readonly { readonly flow: string; readonly codes: readonly (string | undefined)[] }[] = [
    { flow: 'rateLimit: { limit: 2, period: 1h }', codes: [undefined, undefined, 'rate_limit', 'rate_limit'] },
    { flow: 'serial: { key: profile.id, max: 3 }', codes: [undefined, undefined, undefined, 'serial_overflow'] },
    {
      flow: 'serial: { key: profile.id, max: 2, overflow: replace }',
      codes: [undefined, 'serial_overflow', 'serial_overflow', undefined],
    },
    { flow: 'serial: { key: event.properties.shop }', codes: ['key_failed', 'key_failed', 'key_failed', 'key_failed'] },
    {
      flow: 'rateLimit: { limit: 1, period: 1h, key: event.properties.shop }',
      codes: ['key_failed', 'key_failed', 'key_failed', 'key_failed'],
    },
    { flow: 'debounce: { period: 1m }', codes: ['debounced', 'debounced', 'debounced', 'debounced'] },
    { flow: 'batch: { size: 4, timeout: 1m }', codes: ['batched', 'batched', 'batched', 'batched'] },
  ];
  for (const { flow, codes } of cases) {
    it(`tell why: ${flow}`, async () => {
      const world = await createRunWorld();
      const process = await world.boot({ 'crm.a': {} });
      await deployFlow(process, flow);
      const list = codes.map(() => signup(world.engine));
      await deliver(world, process, list);
      const told = async (): Promise<readonly (string | undefined)[]> =>
        Promise.all(list.map(async (event) => (await refusalOf(world, event))?.code));
      assert.deepEqual(await told(), codes);
      const refused = process.pipelines.metrics().find(({ name }) => name === 'tendril_starts_refused_total');
      assert.equal(
        refused?.values.reduce((sum, { value }) => sum + value, 0),
        codes.filter((code) => code !== undefined).length,
      );
      const runs = (await allRuns(world)).length;
      // A second delivery neither starts nor counts anything.
      await deliver(world, process, list);
      assert.deepEqual(await told(), codes);
      assert.equal((await allRuns(world)).length, runs);
    });
  }

  it('hold for two processes that take up events at once', async () => {
    const world = await createRunWorld();
    const one = await world.boot({ 'crm.a': {} });
    const other = await world.boot({ 'crm.a': {} });
    await deployFlow(one, 'rateLimit: { limit: 5, period: 1h }\nserial: { key: event.properties.plan, max: 4 }');
    const list = Array.from({ length: 20 }, (_, index) => signup(world.engine, { properties: { plan: `plan${String(index % 2)}` } }));
    const process = (index: number): Process => (index % 2 === 0 ? one : other);
    await Promise.all([0, 1, 2, 3].map((part) => deliver(world, process(part), list.slice(part * 5, part * 5 + 5))));
    assert.equal((await allRuns(world)).length, 5);
  });

  it('let another run in when one of a serial key has ended', async () => {
    const world = await createRunWorld();
    const process = await world.boot({ 'crm.a': {} });
    await deployFlow(process, 'serial: { key: profile.id, max: 1 }');
    const [first, second, third] = [1, 2, 3].map(() => signup(world.engine));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were asked for');
    await deliver(world, process, [first, second]);
    await world.engine.time.until(async () => (await allRuns(world))[0]?.endedAt !== undefined);
    await deliver(world, process, [third]);
    assert.deepEqual(await startedFor(world), [first.id, third.id]);
  });
});

describe('judging an event', () => {
  it('tells which part of a condition is not met', async () => {
    const { world, process } = await deployed(
      '{ event: Signup Completed, where: "event.properties.age >= settings.least && event.properties.company.size > 10 && profile.traits.plan == \\"gold\\"" }',
    );
    const [pipeline] = await process.pipelines.deployments.list(TENANT);
    if (pipeline === undefined) throw new Error('nothing is deployed');
    const now = world.engine.time.now();
    const event = signup(world.engine, { properties: { age: 20 } });
    const judged = judge(event, pipeline, { id: 'p1', traits: { plan: 'free' } }, now);
    assert.equal(judged.code, 'where');
    assert.deepEqual(
      judged.conditions.map(({ expression, value, isMet }) => [expression, value, isMet]),
      [
        ['event.properties.age >= settings.least', true, true],
        ['event.properties.company.size > 10', null, false],
        ['profile.traits.plan == "gold"', false, false],
      ],
    );
    assert.match(judged.conditions[1]?.problem ?? '', /company/);
    const codeOf = (changed: Partial<LoggedEvent>): string => judge({ ...event, ...changed }, pipeline, undefined, now).code;
    assert.equal(codeOf({ hops: 16 }), 'hops');
    assert.equal(codeOf({ isImported: true }), 'imported');
    assert.equal(codeOf({ occurredAt: now - 2 * DAY_MS }), 'max_age');
    assert.equal(judge(event, { ...pipeline, record: { ...pipeline.record, isPaused: true } }, undefined, now).code, 'paused');
    const fitting = signup(world.engine, { properties: { age: 20, company: { size: 11 } } });
    assert.deepEqual(judge(fitting, pipeline, { id: 'p1', traits: { plan: 'gold' } }, now).code, 'started');
  });
});
