import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { LoggedEvent } from '@tendril/plugin-api';
import type { FakeAction } from './fake-actions.ts';
import { createRunWorld, signup, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

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
