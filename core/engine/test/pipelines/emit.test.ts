import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import { createEventSchemas, decodeEvent } from '../../src/events/index.ts';
import type { Run } from '../../src/hub.ts';
import { Crash, TENANT } from './run-world.ts';
import type { Process } from './run-world.ts';
import { createWaitsWorld } from './waits-world.ts';
import type { WaitsWorld } from './waits-world.ts';

const flow = (steps: string): string => `pipeline: w\ntrigger: { event: Signup Completed }\nsteps:\n${steps}`;
const WELCOME = '  - { id: told, emit: { event: Welcomed, properties: { plan: "${{ event.properties.plan }}", days: 3 } } }';

async function ran(
  steps: string,
  event: Partial<LoggedEvent> = {},
  world?: WaitsWorld,
): Promise<{ world: WaitsWorld; process: Process; run: Run }> {
  const waits = world ?? (await createWaitsWorld());
  const process = await waits.boot();
  await process.pipelines.service(TENANT).deploy(flow(steps));
  await waits.append('Signup Completed', event);
  await waits.follow(process);
  const [runId = ''] = await waits.runIds();
  return { world: waits, process, run: await waits.runs.settle(process, runId) };
}

/** Does what the relay does: puts what is in the outbox into the log. */
async function emitted({ runs }: WaitsWorld): Promise<readonly LoggedEvent[]> {
  const items = await runs.engine.stores.state.outbox.take(100);
  await runs.tenant.log.append(items.map(({ event }) => event));
  await runs.engine.stores.state.outbox.remove(items.map(({ id }) => id));
  return (await runs.tenant.log.read(0, 100))
    .map(decodeEvent)
    .filter(({ name }) => !name.startsWith('tendril.') && name !== 'Signup Completed');
}

describe('emit', () => {
  it('puts an event into the log that looks as one of an application', async () => {
    const { world, run } = await ran(WELCOME, {
      properties: { plan: 'pro' },
      identities: { userId: 'u1', anonymousId: 'a1' },
      requestId: 'r1',
      hops: 2,
    });
    const [event] = await emitted(world);
    const { id, occurredAt } = event ?? { id: '', occurredAt: 0 };
    assert.deepEqual(event, {
      id,
      kind: 'track',
      name: 'Welcomed',
      appId: 'app_1',
      isTest: false,
      occurredAt,
      receivedAt: occurredAt,
      identities: { userId: 'u1', anonymousId: 'a1' },
      properties: { plan: 'pro', days: 3 },
      traits: {},
      context: {},
      isImported: false,
      causedBy: { runId: run.id, eventId: run.eventId },
      hops: 3,
      requestId: 'r1',
      position: event?.position,
    });
    assert.deepEqual(run.steps[0]?.output, { id });
  });

  it('starts and wakes what an event of the application would', async () => {
    const world = await createWaitsWorld();
    const process = await world.boot();
    const service = process.pipelines.service(TENANT);
    await service.deploy('pipeline: other\ntrigger: { event: Welcomed }\nsteps: [{ action: crm.a }]');
    await service.deploy(flow(`${WELCOME}\n  - { id: heard, wait: { event: Welcomed } }`));
    await world.append('Signup Completed', { properties: { plan: 'pro' } });
    await world.follow(process);
    const [runId = ''] = await world.runIds();
    await world.rest(process, runId);
    const [event] = await emitted(world);
    await world.follow(process);
    const run = await world.runs.settle(process, runId);
    assert.equal((run.steps.at(-1)?.output as { readonly id?: string }).id, event?.id);
    assert.deepEqual((await world.runIds()).length, 2);
  });

  it('is of whom the step names, or of the person that the run is about', async () => {
    const named = await ran('  - { emit: { event: Welcomed, userId: "${{ event.properties.who }}" } }', { properties: { who: 7 } });
    assert.deepEqual((await emitted(named.world))[0]?.identities, { userId: '7' });
    const wrong = await ran('  - { emit: { event: Welcomed, userId: "${{ event.properties.who }}" } }', { properties: { who: '' } });
    assert.equal(wrong.run.error?.['code'], 'EVENT_INVALID');
    const nobody = await ran('  - { emit: { event: Welcomed } }', { identities: {} });
    assert.equal(nobody.run.error?.['code'], 'EVENT_INVALID');
  });

  it('of a test app stays one of a test app', async () => {
    const { world } = await ran(WELCOME, { isTest: true, properties: { plan: 'pro' } });
    assert.equal((await emitted(world))[0]?.isTest, true);
  });

  it('fails when the chain of causes is too long, the event too large, or against its schema', async () => {
    const far = await ran(WELCOME, { hops: 15, properties: { plan: 'pro' } });
    assert.equal((await emitted(far.world))[0]?.hops, 16);
    const large = await ran('  - { emit: { event: Welcomed, properties: { text: "${{ event.properties.text }}" } } }', {
      properties: { text: 'x'.repeat(32_768) },
    });
    assert.equal(large.run.error?.['code'], 'EVENT_TOO_LARGE');
    const world = await createWaitsWorld();
    const { state } = world.runs.tenant;
    const schemas = createEventSchemas({ state, clock: world.runs.engine.time, log: world.runs.engine.log });
    await schemas.put('Welcomed', { type: 'object', properties: { plan: { enum: ['free'] } } });
    const invalid = await ran(WELCOME, { properties: { plan: 'pro' } }, world);
    assert.equal(invalid.run.error?.['code'], 'EVENT_INVALID');
    assert.deepEqual(await emitted(world), []);
  });

  it('is told once, wherever the process dies', async function () {
    this.timeout(60_000);
    for (const point of ['step.before-journal', 'step.after-journal', 'run.before-finish', 'run.after-finish'] as const) {
      const world = await createWaitsWorld();
      let hasDied = false;
      const first = await world.boot({
        faultPoint: (name) => {
          if (name !== point || hasDied) return;
          hasDied = true;
          throw new Crash(name);
        },
      });
      await first.pipelines.service(TENANT).deploy(flow(`${WELCOME}\n  - { action: crm.a }`));
      await world.append('Signup Completed', { properties: { plan: 'pro' } });
      await world.follow(first);
      const [runId = ''] = await world.runIds();
      await world.runs.engine.time.until(() => hasDied);
      const second = await world.boot();
      const run = await world.runs.settle(second, runId);
      assert.equal(run.state, 'succeeded', point);
      assert.equal((await emitted(world)).length, 1, point);
    }
  });
});
