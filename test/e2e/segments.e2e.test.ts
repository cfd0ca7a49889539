import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';

const PIPELINE = `
pipeline: greet_gold
trigger: { segment: gold }
steps:
  - id: note
    set: { name: "\${{ event.properties.segment }}" }
`;

describe('segments of a running hub', () => {
  let hub: RunningHub;

  before(async function () {
    this.timeout(90_000);
    hub = await startHub({ flags: ['--empty'] });
  });

  after(async function () {
    this.timeout(30_000);
    await hub.stop();
    removeDataDir(hub.dataDir);
  });

  it('start pipelines when somebody enters, also after a kill', async () => {
    await act('segment_save', { name: 'gold', condition: 'profile.traits.tier == "gold" && did("Order Completed", 2, "30d")' });
    await until(async () => (await segment()).state === 'active');
    await hub.api('POST', '/v1/pipelines', { source: PIPELINE });
    await hub.send([
      { type: 'identify', userId: 'u1', messageId: 'm1', traits: { tier: 'gold' } },
      { type: 'track', userId: 'u1', messageId: 'm2', event: 'Order Completed' },
    ]);
    const { dataDir } = hub;
    await hub.kill();
    hub = await startHub({ dataDir, flags: ['--empty'] });
    await hub.send([{ type: 'track', userId: 'u1', messageId: 'm3', event: 'Order Completed' }]);
    await until(async () => (await segment()).members === 1);
    await until(async () => {
      const { items } = await hub.api<{ readonly items: readonly { readonly pipeline: string; readonly state: string }[] }>(
        'GET',
        '/v1/runs',
      );
      return items.some(({ pipeline, state }) => pipeline === 'greet_gold' && state === 'succeeded');
    });
    const { people } = await act<{ readonly people: readonly string[] }>('audience', { segment: 'gold' });
    assert.equal(people.length, 1);
    const why = await act<{ readonly isMember: boolean; readonly events: readonly unknown[] }>('segment_why', {
      name: 'gold',
      person: people[0],
    });
    assert.deepEqual([why.isMember, why.events.length], [true, 2]);
  }).timeout(180_000);

  async function segment(): Promise<{ readonly state: string; readonly members: number }> {
    return act('segment_get', { name: 'gold' });
  }

  async function act<Output>(action: string, input: object): Promise<Output> {
    return (await hub.api<{ readonly output: Output }>('POST', `/v1/actions/profiles.${action}`, { input })).output;
  }
});

/** Asks until it is so. @throws Error when it is not in time */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > limit) throw new Error('it was not so in time');
    await pause(250);
  }
}
