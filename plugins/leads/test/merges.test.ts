import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JsonObject } from '@tendril/plugin-api';
import { get } from '../src/actions/get.ts';
import { list } from '../src/actions/list.ts';
import { setStatus } from '../src/actions/set-status.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const SETTINGS: Settings = {
  contactEvent: 'Contacted',
  outcome: { event: 'Answered', property: 'yes' },
  defaultCountry: 'DE',
  behaviours: [{ key: 'reads', event: 'Page Read', measure: 'count', withinDays: 30 }],
  points: [{ feature: 'behaviour.reads', atLeast: 1, points: 20 }],
};

type Tenant = ReturnType<typeof createLeadsTenant>;

const leadOf = (tenant: Tenant, person: string) => tenant.run((call) => get({ person }, call));
const identify = (tenant: Tenant, person: string, traits = {}): void =>
  tenant.append('identify', '$identify', person, { traits: { email: `${person}@x.invalid`, ...traits } });
const link = (tenant: Tenant, from: string, into: string, isUndone = false): void =>
  tenant.append('hub', `tendril.profiles.${isUndone ? 'unmerged' : 'merged'}`, from, {
    properties: { from, into, link: `l-${from}-${into}` },
  });

/** Rows without what only counts writes and looks. */
async function stateOf(tenant: Tenant): Promise<unknown> {
  const leads = (await tenant.rows('leads')).map(({ scoredAt: _at, dueAt: _due, basis: _basis, ...lead }) => lead);
  return { leads, parts: await tenant.rows('parts'), contacts: await tenant.rows('contacts'), examples: await tenant.rows('examples') };
}

/** What does not depend on when a lead was scored. */
async function shapeOf(tenant: Tenant): Promise<unknown> {
  const leads = (await tenant.rows('leads')).map(({ id, people, status, email, phone, parts, queue }) => [
    id,
    people,
    status,
    email,
    phone,
    parts,
    queue,
  ]);
  const parts = (await tenant.rows('parts')).map(({ id, head }) => [id, head]);
  return { leads, parts, contacts: await tenant.rows('contacts'), examples: await tenant.rows('examples') };
}

/** Every address leads to a lead that is there, every person of a lead knows it, nobody is in two. */
async function checkIntegrity(tenant: Tenant): Promise<void> {
  const leads = new Map((await tenant.rows('leads')).map((lead) => [String(lead['id']), lead]));
  const parts = new Map((await tenant.rows('parts')).map((part) => [String(part['id']), part]));
  for (const { lead } of await tenant.rows('contacts'))
    assert.ok(leads.has(String(parts.get(String(lead))?.['head'] ?? lead)), String(lead));
  for (const [id, { head }] of parts) assert.ok((leads.get(String(head))?.['parts'] as string[]).includes(id));
  const people = [...leads.values()].flatMap((lead) => lead['people'] as string[]);
  assert.equal(new Set(people).size, people.length, people.join());
  for (const lead of leads.values()) for (const part of (lead['parts'] as string[] | undefined) ?? []) assert.ok(parts.has(part), part);
  for (const prospect of await tenant.rows('prospects')) {
    const own = prospect['lead'] as string | undefined;
    if (own !== undefined) assert.ok(leads.has(String(parts.get(own)?.['head'] ?? own)), own);
  }
}

describe('two leads that turn out to be one', () => {
  for (const batchSize of [1, 100]) {
    it(`become one with all they have, and come apart again when the people do, in batches of ${batchSize}`, async () => {
      const tenant = createLeadsTenant(SETTINGS);
      identify(tenant, 'p1', { size: 1 });
      identify(tenant, 'p2', { phone: '030 901820', country: 'DE' });
      tenant.append('track', 'Page Read', 'p1');
      tenant.append('track', 'Page Read', 'p2');
      await tenant.deliver(1, batchSize);
      const apart = await stateOf(tenant);
      const from = tenant.head() + 1;
      link(tenant, 'p2', 'p1');
      await tenant.deliver(from, batchSize);
      const one = await leadOf(tenant, 'p2');
      assert.deepEqual([one.id, one.people, one.mergedLeads, one.phone], ['lead-p1', ['p1', 'p2'], ['lead-p1', 'lead-p2'], '+4930901820']);
      assert.equal((await tenant.run((call) => get({ id: 'lead-p2' }, call))).id, 'lead-p1');
      assert.equal((await tenant.run((call) => list({}, call))).items.length, 1);
      await checkIntegrity(tenant);
      // A contact of the one knows what both did.
      const next = tenant.head() + 1;
      tenant.append('track', 'Contacted', 'p1');
      tenant.append('track', 'Answered', 'p1', { properties: { yes: true } });
      link(tenant, 'p2', 'p1', true);
      await tenant.deliver(next, batchSize);
      const [example] = await tenant.rows('examples');
      assert.deepEqual(example?.['values'], { 'traits.size': 1, 'traits.country': 'DE', 'behaviour.reads': 2 });
      assert.deepEqual([(await leadOf(tenant, 'p1')).status, (await leadOf(tenant, 'p2')).status], ['won', 'scored']);
      assert.deepEqual((await leadOf(tenant, 'p1')).people, ['p1']);
      await checkIntegrity(tenant);
      const undone = (await stateOf(tenant)) as { leads: readonly { id: string; status: string }[] };
      assert.deepEqual(
        undone.leads.filter(({ id }) => id === 'lead-p2'),
        (apart as typeof undone).leads.filter(({ id }) => id === 'lead-p2'),
      );
    });
  }

  it('come to the same when all is delivered again', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    identify(tenant, 'p1');
    identify(tenant, 'p2');
    link(tenant, 'p2', 'p1');
    tenant.append('track', 'Contacted', 'p1');
    tenant.append('track', 'Answered', 'p1', { properties: { yes: false } });
    link(tenant, 'p2', 'p1', true);
    await tenant.deliver(1, 2);
    const before = await stateOf(tenant);
    await tenant.deliver(1, 3);
    assert.deepEqual(await stateOf(tenant), before);
  });

  it('take the strictest status, and what is said afterwards counts before it', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    for (const person of ['p1', 'p2', 'p3']) identify(tenant, person);
    await tenant.deliver();
    await tenant.run((call) => setStatus({ id: 'lead-p2', status: 'lost' }, call));
    await tenant.run((call) => setStatus({ id: 'lead-p3', status: 'contacted' }, call));
    const from = tenant.head() + 1;
    link(tenant, 'p2', 'p1');
    await tenant.deliver(from);
    assert.equal((await leadOf(tenant, 'p1')).status, 'lost');
    await tenant.run((call) => setStatus({ id: 'lead-p1', status: 'qualified' }, call));
    assert.equal((await leadOf(tenant, 'p1')).status, 'qualified');
    const next = tenant.head() + 1;
    link(tenant, 'p3', 'p1');
    await tenant.deliver(next);
    // Together anew: the strictest of all three, what was said of the two is as old as the rest.
    assert.equal((await leadOf(tenant, 'p3')).status, 'lost');
    const last = tenant.head() + 1;
    link(tenant, 'p2', 'p1', true);
    link(tenant, 'p3', 'p1', true);
    await tenant.deliver(last);
    assert.deepEqual(
      [(await leadOf(tenant, 'p1')).status, (await leadOf(tenant, 'p2')).status, (await leadOf(tenant, 'p3')).status],
      ['qualified', 'lost', 'contacted'],
    );
    await checkIntegrity(tenant);
  });

  it('are joined by an address or number that both state, and stay joined by it when people come apart', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    identify(tenant, 'p1');
    identify(tenant, 'p2', { phone: '030 901820' });
    identify(tenant, 'p1', { phone: '+49 30 901820' });
    link(tenant, 'p2', 'p1');
    link(tenant, 'p2', 'p1', true);
    await tenant.deliver();
    assert.equal((await tenant.rows('leads')).length, 1);
    assert.deepEqual((await leadOf(tenant, 'p2')).mergedLeads, ['lead-p1', 'lead-p2']);
    await checkIntegrity(tenant);
  });

  it('come apart where they were joined, when a third was joined by the second', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    for (const person of ['ada', 'bob', 'carl']) identify(tenant, person);
    const fact = (what: string, properties: JsonObject): void => tenant.append('hub', `tendril.profiles.${what}`, 'ada', { properties });
    fact('merged', { from: 'bob', into: 'ada', fromPart: 'bob', intoPart: 'ada', link: 'l1' });
    fact('merged', { from: 'carl', into: 'ada', fromPart: 'carl', intoPart: 'bob', link: 'l2' });
    fact('unmerged', { from: 'bob', into: 'ada', fromPart: 'bob', intoPart: 'ada', link: 'l1' });
    await tenant.deliver(1, 1);
    assert.deepEqual((await leadOf(tenant, 'carl')).people.toSorted(), ['bob', 'carl']);
    assert.deepEqual((await leadOf(tenant, 'ada')).people, ['ada']);
    await checkIntegrity(tenant);
  });

  it('find somebody without a lead of their own who was merged with one', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    identify(tenant, 'p1');
    tenant.append('track', 'Page Read', 'p2');
    link(tenant, 'p1', 'p2');
    tenant.append('track', 'Contacted', 'p2');
    tenant.append('track', 'Answered', 'p2', { properties: { yes: true } });
    await tenant.deliver(1, 1);
    assert.equal((await leadOf(tenant, 'p2')).id, 'lead-p1');
    assert.equal((await leadOf(tenant, 'p2')).status, 'won');
    const from = tenant.head() + 1;
    identify(tenant, 'p2');
    link(tenant, 'p1', 'p2', true);
    await tenant.deliver(from, 1);
    assert.deepEqual([(await leadOf(tenant, 'p1')).id, (await leadOf(tenant, 'p2')).id], ['lead-p1', 'lead-p2']);
    await checkIntegrity(tenant);
  });

  it('do not become one of a whole town by a shared number', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    for (let index = 0; index < 30; index += 1)
      tenant.append('identify', '$identify', `p${index}`, { traits: { email: `p${index}@x.invalid`, phone: '030 901820' } });
    await tenant.deliver(1, 7);
    const sizes = (await tenant.rows('leads')).map(({ people }) => (people as string[]).length);
    assert.ok(Math.max(...sizes) <= 20 && sizes.length > 5, sizes.join());
    await checkIntegrity(tenant);
  });

  it('refuse to be written over when somebody else changed one of them meanwhile', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    identify(tenant, 'p1');
    identify(tenant, 'p2');
    await tenant.deliver();
    const call = tenant.latest().next({ settings: SETTINGS });
    await setStatus({ id: 'lead-p2', status: 'contacted' }, call);
    const from = tenant.head() + 1;
    link(tenant, 'p2', 'p1');
    await tenant.deliver(from);
    await assert.rejects(async () => call.commit(), { code: 'CONFLICT' });
  });

  it('hold together in any history of merges, shared numbers and outcomes, in any batches', async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('identify' as const), who: fc.nat(4), phone: fc.option(fc.nat(2)) }),
      fc.record({ what: fc.constantFrom('merge' as const, 'unmerge' as const), who: fc.nat(4), other: fc.nat(4) }),
      fc.record({ what: fc.constant('outcome' as const), who: fc.nat(4) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 9 }), async (steps, batchSize) => {
        const build = (): Tenant => {
          const tenant = createLeadsTenant(SETTINGS);
          for (const each of steps) {
            const who = `p${each.who}`;
            if (each.what === 'identify') identify(tenant, who, each.phone === null ? {} : { phone: `+49 30 90182${each.phone}` });
            else if (each.what === 'outcome') {
              tenant.append('track', 'Contacted', who);
              tenant.append('track', 'Answered', who, { properties: { yes: true } });
            } else if (each.other !== each.who) link(tenant, who, `p${each.other}`, each.what === 'unmerge');
          }
          return tenant;
        };
        const tenant = build();
        await tenant.deliver(1, batchSize);
        await checkIntegrity(tenant);
        const outcomes = steps.filter(({ what }) => what === 'outcome').length;
        assert.equal((await tenant.rows('examples')).length, outcomes);
        const single = build();
        await single.deliver(1, 1);
        assert.deepEqual(await shapeOf(tenant), await shapeOf(single));
      }),
      { numRuns: 150 },
    );
  });
});
