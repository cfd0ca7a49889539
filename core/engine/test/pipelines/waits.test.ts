import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import type { Run } from '../../src/hub.ts';
import { TENANT } from './run-world.ts';
import type { Process } from './run-world.ts';
import { createWaitsWorld } from './waits-world.ts';
import type { WaitsWorld } from './waits-world.ts';

const flow = (steps: string, trigger = '{ event: Signup Completed }'): string =>
  `pipeline: w\ntrigger: ${trigger}\nsettings: { least: { type: number, default: 10 } }\nsteps:\n${steps}`;

interface Started {
  readonly world: WaitsWorld;
  readonly process: Process;
  readonly runId: string;
}

async function started(steps: string, event: Partial<LoggedEvent> = {}, world?: WaitsWorld): Promise<Started> {
  const waits = world ?? (await createWaitsWorld());
  const process = await waits.boot();
  await process.pipelines.service(TENANT).deploy(flow(steps));
  await waits.append('Signup Completed', event);
  await waits.follow(process);
  const [runId = ''] = await waits.runIds();
  await waits.rest(process, runId);
  return { world: waits, process, runId };
}

async function comes({ world, process, runId }: Started, name: string, event: Partial<LoggedEvent> = {}): Promise<Run> {
  await world.append(name, event);
  await world.follow(process);
  return world.rest(process, runId);
}

function outputOf(run: Run): { readonly id?: string } {
  return (run.steps.findLast(({ kind }) => kind === 'wait')?.output ?? {}) as { readonly id?: string };
}

describe('a wait for an event', () => {
  it('ends with the first event of the person that meets its condition', async () => {
    const one = await started(
      `
  - { id: opened, wait: { event: Mail Opened, where: 'arrived.properties.score > settings.least && arrived.properties.plan == event.properties.plan' } }
  - { id: after, set: { mail: "\${{ steps.opened.output.properties.mail }}", at: "\${{ steps.opened.output.occurredAt }}" } }`,
      {
        properties: { plan: 'pro' },
      },
    );
    assert.equal((await one.world.runs.run(one.process, one.runId)).state, 'sleeping');
    const rest = async (event: Partial<LoggedEvent>, name = 'Mail Opened'): Promise<string> => (await comes(one, name, event)).state;
    assert.equal(await rest({ properties: { score: 11, plan: 'pro' } }, 'Mail Sent'), 'sleeping');
    assert.equal(await rest({ properties: { score: 11, plan: 'pro' }, identities: { userId: 'u2' } }), 'sleeping');
    assert.equal(await rest({ properties: { score: 11, plan: 'pro' }, isTest: true }), 'sleeping');
    assert.equal(await rest({ properties: { score: 11, plan: 'pro' }, isImported: true }), 'sleeping');
    assert.equal(await rest({ properties: { score: 9, plan: 'pro' } }), 'sleeping');
    assert.equal(await rest({ properties: { score: 11, plan: 'free' } }), 'sleeping');
    assert.equal(await rest({ properties: { plan: 'pro' } }), 'sleeping');
    const run = await comes(one, 'Mail Opened', { properties: { score: 11, plan: 'pro', mail: 'm1' } });
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(run.steps.at(-1)?.output, { mail: 'm1', at: '2026-01-01T00:00:00.000Z' });
    assert.equal(await one.world.leftovers(), 0);
  });

  it('takes the earlier of two events of one batch, and goes on once', async () => {
    const one = await started('  - { wait: { event: Mail Opened } }\n  - { action: crm.a }');
    const first = await one.world.append('Mail Opened');
    await one.world.append('Mail Opened');
    await one.world.follow(one.process);
    await one.world.follow(one.process, { again: true });
    const run = await one.world.rest(one.process, one.runId);
    assert.equal(outputOf(run).id, first.id);
    assert.equal(one.world.runs.world.effects.length, 1);
    await one.world.follow(one.process, { again: true });
    assert.equal((await one.world.runIds()).length, 1);
  });

  it('is over with its time, and an event that comes later changes nothing', async () => {
    const one = await started('  - { id: opened, wait: { event: Mail Opened, timeout: 1h } }');
    await one.world.runs.engine.time.advance(3_700_000);
    const run = await one.world.rest(one.process, one.runId);
    assert.equal(run.state, 'failed');
    assert.equal(run.error?.['code'], 'STEP_TIMEOUT');
    assert.equal(await one.world.leftovers(), 0);
    assert.equal((await comes(one, 'Mail Opened')).state, 'failed');
  });

  it('does what is to be done when it is over', async () => {
    const one = await started('  - { wait: { event: Mail Opened, timeout: 1h }, onTimeout: [{ action: crm.a }] }\n  - { set: { a: 1 } }');
    await one.world.runs.engine.time.advance(3_700_000);
    const run = await one.world.rest(one.process, one.runId);
    assert.equal(run.state, 'succeeded');
    assert.equal(one.world.runs.world.effects.length, 1);
  });

  it('counts events that were taken in in time, however late it looks', async () => {
    const one = await started('  - { wait: { event: Mail Opened, timeout: 1h } }');
    const until = one.world.runs.engine.time.now() + 3_600_000;
    await one.world.append('Mail Opened', { receivedAt: until + 1 });
    const inTime = await one.world.append('Mail Opened', { receivedAt: until });
    await one.world.runs.engine.time.advance(2 * 3_600_000);
    const run = await one.world.rest(one.process, one.runId);
    assert.equal(outputOf(run).id, inTime.id);
    await one.world.follow(one.process);
    assert.equal(await one.world.leftovers(), 0);
  });

  it('counts events since the step before, the trigger, or now', async () => {
    for (const [since, expected] of [
      ['previous_step', 'e2'],
      ['trigger', 'e2'],
      ['now', 'e3'],
    ] as const) {
      const world = await createWaitsWorld();
      const during = async (): Promise<{ done: boolean }> => {
        await world.append('Mail Opened');
        return { done: true };
      };
      const process = await world.boot({ fakes: { 'crm.a': { run: during } } });
      await process.pipelines.service(TENANT).deploy(flow(`  - { action: crm.a }\n  - { wait: { event: Mail Opened, since: ${since} } }`));
      await world.append('Signup Completed');
      await world.follow(process);
      const [runId = ''] = await world.runIds();
      await world.rest(process, runId);
      await world.append('Mail Opened');
      await world.follow(process);
      assert.equal(outputOf(await world.runs.settle(process, runId)).id, expected, since);
    }
  });

  it('does not count events before the step before it', async () => {
    const world = await createWaitsWorld();
    const process = await world.boot();
    await process.pipelines
      .service(TENANT)
      .deploy(flow('  - { wait: 1h }\n  - if: "true"\n    then:\n      - { wait: { event: Mail Opened } }'));
    await world.append('Signup Completed');
    await world.follow(process);
    const [runId = ''] = await world.runIds();
    await world.rest(process, runId);
    await world.append('Mail Opened');
    await world.follow(process);
    await world.runs.engine.time.advance(3_700_000);
    assert.equal((await world.rest(process, runId)).state, 'sleeping');
    const counted = await world.append('Mail Opened');
    await world.follow(process);
    assert.equal(outputOf(await world.runs.settle(process, runId)).id, counted.id);
  });

  it('behind another, or in a loop, takes an event of its own', async () => {
    for (const steps of [
      '  - { wait: { event: Mail Opened } }\n  - { wait: { event: Mail Opened } }',
      '  - { forEach: "${{ [1, 2] }}", do: [{ wait: { event: Mail Opened } }] }',
    ]) {
      const one = await started(steps);
      await comes(one, 'Mail Opened');
      await one.world.runs.engine.time.advance(60_000);
      assert.equal((await one.world.rest(one.process, one.runId)).state, 'sleeping', steps);
      await comes(one, 'Mail Opened');
      assert.equal((await one.world.runs.settle(one.process, one.runId)).state, 'succeeded', steps);
    }
  });

  it('finds a person who was merged into another', async () => {
    const world = await createWaitsWorld();
    world.profiles.set('anonymousId:a1', 'p2').set('userId:u1', 'p1');
    const one = await started('  - { wait: { event: Mail Opened } }', { identities: { anonymousId: 'a1' } }, world);
    world.profiles.set('anonymousId:a1', 'p1');
    const run = await comes(one, 'Mail Opened', { identities: { userId: 'u1' } });
    assert.equal(run.state, 'succeeded');
  });

  it('finds nobody else who used the same device', async () => {
    const world = await createWaitsWorld();
    world.profiles.set('anonymousId:a1', 'p1').set('userId:u2', 'p2');
    const one = await started('  - { wait: { event: Mail Opened } }', {}, world);
    assert.equal((await comes(one, 'Mail Opened', { identities: { userId: 'u2', anonymousId: 'a1' } })).state, 'sleeping');
    assert.equal((await comes(one, 'Mail Opened', { identities: { anonymousId: 'a1' } })).state, 'succeeded');
  });

  it('of a version that is no longer in force goes on', async () => {
    const one = await started('  - { wait: { event: Mail Opened } }');
    await one.process.pipelines.service(TENANT).deploy(flow('  - { stop: {} }'));
    const fresh = await one.world.boot();
    assert.equal((await comes({ ...one, process: fresh }, 'Mail Opened')).state, 'succeeded');
  });

  it('leaves nothing behind when something else ends it', async () => {
    const one = await started(`
  - parallel:
      wait: [{ wait: { event: Mail Opened } }]
      stop: [{ wait: 1h }, { stop: {} }]`);
    assert.equal(await one.world.leftovers(), 1);
    await one.world.runs.engine.time.advance(3_700_000);
    assert.equal((await one.world.rest(one.process, one.runId)).state, 'stopped');
    assert.equal(await one.world.leftovers(), 0);
    assert.equal((await comes(one, 'Mail Opened')).state, 'stopped');
  });

  it('fails for a run about nobody', async () => {
    const one = await started('  - { wait: { event: Mail Opened } }', { identities: {} });
    const run = await one.world.runs.run(one.process, one.runId);
    assert.equal(run.error?.['code'], 'PERSON_MISSING');
  });
});
