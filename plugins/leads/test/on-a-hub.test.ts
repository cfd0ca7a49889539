import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { createHub } from '@tendril/engine';
import type { Hub, TenantHub } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import { createMemoryStores, readSource } from '@tendril/testkit';

const SETTINGS = {
  behaviours: [{ key: 'reads', event: 'Page Read', measure: 'count', withinDays: 14 }],
  points: [
    { feature: 'traits.size', atLeast: 100, points: 40 },
    { feature: 'behaviour.reads', atLeast: 2, points: 40 },
  ],
  stages: [
    { name: 'MQL', conditions: ['lead.probability >= 0.4', 'profile.traits.plan == "free"'] },
    { name: 'SQL', conditions: ['lead.probability >= 0.8'] },
  ],
  owners: [{ id: 'ada', name: 'Ada' }],
  assignment: { stage: 'SQL' },
};
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

interface Lead {
  readonly id: string;
  readonly stage: string | null;
  readonly owner: string | null;
  readonly people: readonly string[];
  readonly probability: number | null;
}

describe('leads on a hub', function () {
  this.timeout(60_000);
  let hub: Hub;
  let tenant: TenantHub;

  before(async () => {
    hub = await createHub({
      stores: createMemoryStores(),
      masterKey: new Uint8Array(32).fill(9),
      log: silent,
      plugins: ['profiles', 'leads'].map((id) => readSource(fileURLToPath(new URL(`../../${id}`, import.meta.url)))),
      publicUrl: () => 'https://hub.example.invalid',
    });
    await hub.admin.create({ id: 'acme', name: 'Acme' });
    tenant = await hub.tenant('acme');
    for (const id of ['profiles', 'leads']) await tenant.plugins.enable(id);
    await tenant.plugins.configure('leads', SETTINGS);
    await hub.start();
  });
  after(() => hub.stop());

  async function settle(): Promise<void> {
    const giveUpAt = Date.now() + 20_000;
    for (let quiet = 0; quiet < 20;) {
      const head = await tenant.events.head();
      quiet = (await tenant.consumers.list()).some(({ position }) => position < head) ? 0 : quiet + 1;
      if (Date.now() > giveUpAt) throw new Error(`consumers stand still: ${JSON.stringify(await tenant.consumers.list())}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function send(calls: readonly JsonObject[]): Promise<void> {
    const [app = await tenant.apps.create({ name: 'Shop', isTest: false })] = await tenant.apps.list();
    await tenant.ingest.accept(app, calls, { receivedAt: Date.now(), requestId: 'r' });
    await settle();
  }

  async function act<Output>(name: string, input: JsonObject): Promise<Output> {
    return (await tenant.actions.call(name, input)).output as Output;
  }

  async function personOf(userId: string): Promise<string> {
    return (await act<{ readonly person: { readonly id: string } }>('profiles.find', { userId })).person.id;
  }

  it('qualifies and assigns them as events come in, and joins and parts them with their people', async () => {
    assert.deepEqual((await hub.health()).faults, []);
    await send([
      { type: 'identify', userId: 'u1', messageId: 'm1', traits: { email: 'u1@example.invalid', size: 200, plan: 'free' } },
      { type: 'identify', userId: 'u2', messageId: 'm2', traits: { email: 'u2@example.invalid' } },
      { type: 'track', event: 'Page Read', userId: 'u2', messageId: 'm3' },
    ]);
    const [first, second] = [await personOf('u1'), await personOf('u2')];
    assert.equal((await act<Lead>('leads.get', { person: first })).stage, 'MQL');
    assert.equal((await act<Lead>('leads.get', { person: second })).stage, null);
    await send([{ type: 'track', event: 'Page Read', userId: 'u1', messageId: 'm4' }]);
    assert.equal((await act<Lead>('leads.get', { person: first })).stage, 'MQL');

    await act('profiles.merge', { into: first, from: second });
    await settle();
    const one = await act<Lead>('leads.get', { person: second });
    assert.deepEqual([one.people.toSorted(), one.probability, one.stage, one.owner], [[first, second].toSorted(), 0.8, 'SQL', 'ada']);
    const { items } = await act<{ readonly items: readonly Lead[] }>('leads.queue', {});
    assert.equal(items.length, 1);

    await act('profiles.unmerge', { person: second });
    await settle();
    const [left, right] = [await act<Lead>('leads.get', { person: first }), await act<Lead>('leads.get', { person: second })];
    assert.deepEqual([left.people, right.people], [[first], [second]]);
    assert.deepEqual([left.stage, right.stage], ['MQL', null]);
  });
});
