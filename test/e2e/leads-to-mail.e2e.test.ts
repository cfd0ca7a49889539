import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub } from '@tendril/engine';
import type { Hub, TenantHub } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import { createMemoryStores, readSource } from '@tendril/testkit';
import { startSandboxes } from '@tendril/testkit/sandboxes';
import type { Sandboxes } from '@tendril/testkit/sandboxes';

const SETTINGS = {
  contactEvent: 'Customer Contacted',
  outcome: { event: 'Offer Answered', property: 'subscribed' },
  features: [
    { from: 'trait', key: 'balance', kind: 'number' },
    { from: 'property', key: 'month', kind: 'category' },
  ],
};
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The calls of one customer; the rich say yes. */
function callsOf(index: number, isAnswered: boolean): readonly JsonObject[] {
  const userId = `u${index}`;
  const balance = (index * 7919) % 1000;
  const calls: JsonObject[] = [
    { type: 'identify', userId, messageId: `i${index}`, traits: { email: `${userId}@example.invalid`, firstName: 'Ada', balance } },
    { type: 'track', event: 'Customer Contacted', userId, messageId: `c${index}`, properties: { month: 'may' } },
  ];
  return isAnswered
    ? [...calls, { type: 'track', event: 'Offer Answered', userId, messageId: `o${index}`, properties: { subscribed: balance > 600 } }]
    : calls;
}

describe('from events to leads to a mail, on a hub', () => {
  let hub: Hub;
  let tenant: TenantHub;
  let sandboxes: Sandboxes;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tendril-'));
    sandboxes = await startSandboxes({ folder });
    const { host, port, apiUrl } = sandboxes.services.smtp;
    const plugins = ['profiles', 'leads', 'email', 'webhook'].map((id) =>
      readSource(fileURLToPath(new URL(`../../plugins/${id}`, import.meta.url))),
    );
    hub = await createHub({
      stores: createMemoryStores(),
      masterKey: new Uint8Array(32).fill(9),
      log: silent,
      plugins,
      publicUrl: () => 'https://hub.example.invalid',
      allowedEgress: [`${host}:${port}`, new URL(apiUrl).host],
    });
    await hub.admin.create({ id: 'acme', name: 'Acme' });
    tenant = await hub.tenant('acme');
    for (const id of ['profiles', 'leads', 'email', 'webhook']) await tenant.plugins.enable(id);
    await tenant.plugins.configure('leads', SETTINGS);
    await tenant.connections.add({
      name: 'email',
      plugin: 'email',
      kind: 'smtp',
      isSandbox: true,
      values: { host, port, from: 'Bank <news@example.invalid>', sinkUrl: apiUrl },
    });
    await hub.start();
  });
  after(async () => {
    await hub.stop();
    await sandboxes.close();
    await rm(folder, { recursive: true });
  });

  async function send(calls: readonly JsonObject[]): Promise<void> {
    const [app = await tenant.apps.create({ name: 'Bank', isTest: false })] = await tenant.apps.list();
    for (let from = 0; from < calls.length; from += 100) {
      await tenant.ingest.accept(app, calls.slice(from, from + 100), { receivedAt: Date.now(), requestId: 'r' });
    }
    const head = await tenant.events.head();
    const giveUpAt = Date.now() + 15_000;
    while ((await tenant.consumers.list()).some(({ position }) => position < head)) {
      if (Date.now() > giveUpAt) throw new Error(`consumers stand still: ${JSON.stringify(await tenant.consumers.list())}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function act<Output>(name: string, input: JsonObject): Promise<Output> {
    return (await tenant.actions.call(name, input)).output as Output;
  }

  it('has no fault in any plugin', async () => {
    assert.deepEqual((await hub.health()).faults, []);
  });

  it('learns from outcomes, scores who comes next, and writes to them once', async () => {
    await send(Array.from({ length: 300 }, (_, index) => callsOf(index, true)).flat());
    assert.deepEqual(await act('profiles.count', {}), { count: 300 });
    const model = await act<{ readonly isActive: boolean; readonly metrics: { readonly auc: number } }>('leads.train', {});
    assert.ok(model.isActive && model.metrics.auc > 0.95, JSON.stringify(model));

    await send(callsOf(999, false));
    const { person } = await act<{ readonly person: { readonly id: string } }>('profiles.find', { userId: 'u999' });
    const scored = await act<{
      readonly probability: number;
      readonly lead: string;
      readonly reasons: readonly { readonly text: string }[];
    }>('leads.score', { person: person.id });
    const lead = await act<{ readonly probability: number; readonly email: string }>('leads.get', { person: person.id });
    assert.equal(lead.probability, scored.probability);
    assert.equal(lead.email, 'u999@example.invalid');
    assert.match(scored.reasons[0]?.text ?? '', /^balance of \d+ is (above|below) average: (more|less) likely$/);
    const timeline = await act<{ readonly items: readonly { readonly name: string }[] }>('profiles.timeline', { id: person.id });
    assert.ok(timeline.items.some(({ name }) => name === 'Customer Contacted'));

    await act('email.put_template', { name: 'hello', subject: 'Hello {{ profile.traits.firstName }}', html: '<p>Good day</p>' });
    const options = { idempotencyKey: 'once' };
    const first = await tenant.actions.call('email.send', { person: person.id, template: 'hello' }, options);
    const again = await tenant.actions.call('email.send', { person: person.id, template: 'hello' }, options);
    assert.deepEqual(again.output, first.output);
    const mails = (await (await fetch(`${sandboxes.services.smtp.apiUrl}/mails`)).json()) as {
      readonly items: readonly { readonly to: readonly string[]; readonly subject: string }[];
    };
    assert.deepEqual(
      mails.items.map(({ to, subject }) => ({ to, subject })),
      [{ to: ['u999@example.invalid'], subject: 'Hello Ada' }],
    );
  });
});
