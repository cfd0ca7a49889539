import assert from 'node:assert/strict';
import { count } from '../src/actions/count.ts';
import { get } from '../src/actions/get.ts';
import { list } from '../src/actions/list.ts';
import { setStatus } from '../src/actions/set-status.ts';
import { capture } from '../src/consumers/capture.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const BANK = { contactEvent: 'Customer Contacted', outcome: { event: 'Offer Answered', property: 'subscribed' } };

describe('leads.capture', () => {
  for (const batchSize of [1, 100]) {
    it(`makes one lead of people with one e-mail address or phone number, in batches of ${batchSize}`, async () => {
      const tenant = createLeadsTenant({ defaultCountry: 'DE' });
      tenant.append('identify', '$identify', 'p1', { traits: { email: 'Ada@Example.invalid ' } });
      tenant.append('identify', '$identify', 'p2', { traits: { email: 'ada@example.INVALID', phone: '030 901820' } });
      tenant.append('identify', '$identify', 'p3', { traits: { phone: '+49 30 901820' } });
      tenant.append('identify', '$identify', 'p4', { traits: { email: 'other@example.invalid' } });
      tenant.append('identify', '$identify', 'p5', { traits: { plan: 'free' } });
      tenant.append('track', 'Page Read', 'p6', { traits: { email: 'only@context.invalid' } });
      await tenant.deliver(1, batchSize);
      const { items } = await tenant.run((call) => list({}, call));
      assert.equal(items.length, 2);
      const ada = await tenant.run((call) => get({ person: 'p3' }, call));
      assert.deepEqual(ada.people, ['p1', 'p2', 'p3']);
      assert.equal(ada.phone, '+4930901820');
      assert.equal(ada.email, 'ada@example.invalid');
      assert.equal(ada.status, 'new');
      assert.equal(ada.probability, null);
      assert.equal((await tenant.run((call) => get({ person: 'p2' }, call))).id, ada.id);
      await assert.rejects(
        tenant.run((call) => get({ person: 'p5' }, call)),
        { code: 'NOT_FOUND' },
      );
    });
  }

  it('takes an identify that states less than before', async () => {
    const tenant = createLeadsTenant({ defaultCountry: 'DE' });
    tenant.append('identify', '$identify', 'p1', { traits: { email: 'a@x.invalid', phone: '030 901820' } });
    tenant.append('identify', '$identify', 'p1', { traits: { email: 'a@x.invalid' } });
    await tenant.deliver(1, 1);
    assert.equal((await tenant.rows('contacts')).length, 2);
  });

  it('folds Gmail addresses only when told to', async () => {
    for (const [foldGmail, leads] of [
      [false, 2],
      [true, 1],
    ] as const) {
      const tenant = createLeadsTenant({ foldGmail });
      tenant.append('identify', '$identify', 'p1', { traits: { email: 'a.b+news@gmail.com' } });
      tenant.append('identify', '$identify', 'p2', { traits: { email: 'ab@googlemail.com' } });
      await tenant.deliver();
      assert.equal((await tenant.rows('leads')).length, leads);
    }
  });

  it('makes a lead by an event of the settings once the person can be reached', async () => {
    const tenant = createLeadsTenant({ leadEvents: ['Demo Requested'] });
    tenant.append('track', 'Demo Requested', 'p1');
    tenant.append('track', 'Page Read', 'p1', { traits: { email: 'a@x.invalid' } });
    tenant.append('track', 'Demo Requested', 'p1');
    await tenant.deliver(1, 1);
    const lead = await tenant.run((call) => get({ person: 'p1' }, call));
    assert.equal(lead.source, 'Demo Requested');
    assert.equal(lead.email, 'a@x.invalid');
  });

  it('comes to the same when events are delivered again', async () => {
    const tenant = createLeadsTenant(BANK);
    tenant.append('identify', '$identify', 'p1', { traits: { email: 'a@x.invalid', age: 30 } });
    tenant.append('track', 'Customer Contacted', 'p1', { properties: { month: 'may' } });
    tenant.append('track', 'Offer Answered', 'p1', { properties: { subscribed: true } });
    await tenant.deliver();
    const before = [await tenant.rows('leads'), await tenant.rows('examples'), await tenant.rows('contacts')];
    await tenant.deliver();
    assert.deepEqual([await tenant.rows('leads'), await tenant.rows('examples'), await tenant.rows('contacts')], before);
  });

  it('asks for leads of those alone of whom something is known, and writes nothing that stays as it was', async () => {
    const tenant = createLeadsTenant();
    const state = { traits: { email: 'a@x.invalid', age: 30 }, occurredAt: Date.UTC(2026, 0, 2) };
    tenant.append('identify', '$identify', 'p1', state);
    const captureLast = async (): Promise<{ readonly asked: readonly string[]; readonly written: readonly string[] }> => {
      const asked: string[] = [];
      const written: string[] = [];
      await tenant.run(async (call) => {
        const table = (name: string) => ({
          ...call.table(name),
          getMany: async (keys: readonly string[]) => {
            asked.push(...keys.map((key) => `${name} ${key}`));
            return call.table(name).getMany(keys);
          },
        });
        const put: typeof call.changes.put = (name, value, expect) => {
          written.push(name);
          call.changes.put(name, value, expect);
        };
        const changes = { ...call.changes, put };
        await capture(tenant.log.slice(-1), Object.create(call, { table: { value: table }, changes: { value: changes } }) as typeof call);
      });
      return { asked, written };
    };
    const first = await captureLast();
    assert.deepEqual(first.asked, ['prospects p1', 'contacts email:a@x.invalid']);
    assert.deepEqual(first.written, ['prospects', 'leads', 'contacts']);
    tenant.append('identify', '$identify', 'p1', state);
    const again = await captureLast();
    assert.ok(again.asked.includes('leads lead-p1'));
    assert.deepEqual(again.written, []);
    tenant.append('identify', '$identify', 'p1', { ...state, traits: { ...state.traits, age: 31 } });
    assert.deepEqual((await captureLast()).written, ['prospects']);
    assert.deepEqual((await tenant.rows('prospects'))[0]?.['values'], { 'traits.age': 31 });
  });

  it('records an outcome with what was known at the contact, and nothing of what came later', async () => {
    const tenant = createLeadsTenant(BANK);
    tenant.append('identify', '$identify', 'p1', { traits: { email: 'a@x.invalid', firstName: 'Ada', age: 30 } });
    tenant.append('track', 'Customer Contacted', 'p1', { properties: { month: 'may' } });
    tenant.append('identify', '$identify', 'p1', { traits: { age: 31, isCustomer: true } });
    tenant.append('track', 'Offer Answered', 'p1', { properties: { subscribed: 'yes', callSeconds: 700 } });
    await tenant.deliver();
    const [example] = await tenant.rows('examples');
    assert.deepEqual(example?.['values'], { 'traits.age': 30, 'properties.month': 'may' });
    assert.equal(example['isPositive'], true);
    assert.equal((await tenant.run((call) => get({ person: 'p1' }, call))).status, 'won');
  });

  it('lets a later answer to the same contact correct the first, and keeps answers to different contacts apart', async () => {
    const tenant = createLeadsTenant(BANK);
    for (const subscribed of [false, true]) {
      tenant.append('track', 'Customer Contacted', 'p1', { properties: { month: 'may' } });
      tenant.append('track', 'Offer Answered', 'p1', { properties: { subscribed: !subscribed } });
      tenant.append('track', 'Offer Answered', 'p1', { properties: { subscribed } });
      tenant.append('track', 'Offer Answered', 'p1', { properties: { subscribed: 'perhaps' } });
    }
    await tenant.deliver(1, 3);
    assert.deepEqual(
      (await tenant.rows('examples')).map(({ isPositive }) => isPositive),
      [false, true],
    );
  });

  it('takes exactly the values that features name', async () => {
    const tenant = createLeadsTenant({
      outcome: { event: 'Bought', property: 'done' },
      features: [
        { from: 'trait', key: 'age', kind: 'number' },
        { from: 'trait', key: '__proto__', kind: 'category' },
      ],
    });
    tenant.append('identify', '$identify', 'p1', { traits: { age: 30, job: 'nurse' } });
    tenant.append('track', 'Bought', 'p1', { properties: { done: 1 } });
    await tenant.deliver();
    assert.deepEqual((await tenant.rows('examples'))[0]?.['values'], { 'traits.age': 30 });
  });
});

describe('leads.set_status', () => {
  it('moves a lead, and lists by status', async () => {
    const tenant = createLeadsTenant();
    tenant.append('identify', '$identify', 'p1', { traits: { email: 'a@x.invalid' } });
    await tenant.deliver();
    await tenant.run((call) => setStatus({ id: 'lead-p1', status: 'qualified' }, call));
    assert.equal((await tenant.run((call) => list({ status: 'qualified' }, call))).items.length, 1);
    assert.equal((await tenant.run((call) => list({ status: 'new' }, call))).items.length, 0);
    assert.deepEqual(await tenant.run((call) => count({}, call)), { count: 1, byStatus: { qualified: 1 } });
    await assert.rejects(
      tenant.run((call) => setStatus({ id: 'nothing', status: 'won' }, call)),
      { code: 'NOT_FOUND' },
    );
  });
});
