import assert from 'node:assert/strict';
import { activate } from '../src/actions/activate.ts';
import { list } from '../src/actions/list.ts';
import { models } from '../src/actions/models.ts';
import { score } from '../src/actions/score.ts';
import { train } from '../src/actions/train.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const BANK: Settings = { contactEvent: 'Customer Contacted', outcome: { event: 'Offer Answered', property: 'subscribed' } };

/** A tenant with outcomes: the rich buy, and more in May. */
async function afterOutcomes(count: number, settings: Settings = BANK) {
  const tenant = createLeadsTenant(settings);
  for (let index = 0; index < count; index += 1) {
    const balance = (index * 7919) % 1000;
    const month = index % 3 === 0 ? 'may' : 'june';
    tenant.append('identify', '$identify', `p${index}`, { traits: { email: `p${index}@x.invalid`, firstName: 'Ada', balance } });
    tenant.append('track', 'Customer Contacted', `p${index}`, { properties: { month } });
    tenant.append('track', 'Offer Answered', `p${index}`, {
      properties: { subscribed: balance + (month === 'may' ? 300 : 0) + ((index * 104_729) % 400) > 900 },
    });
  }
  await tenant.deliver();
  return tenant;
}

async function meet(tenant: ReturnType<typeof createLeadsTenant>, person: string, balance: number): Promise<void> {
  tenant.append('identify', '$identify', person, { traits: { email: `${person}@x.invalid`, balance } });
  tenant.append('track', 'Customer Contacted', person, { properties: { month: 'may' } });
}

describe('leads.score', () => {
  it('says honestly that no model is trained', async () => {
    const tenant = await afterOutcomes(0);
    await meet(tenant, 'new', 500);
    const scored = await tenant.run((call) => score({ person: 'new' }, call));
    assert.equal(scored.probability, 0.5);
    assert.equal(scored.modelVersion, 0);
    assert.equal(scored.isCalibrated, false);
    assert.match(scored.reasons[0]?.text ?? '', /^no model is trained yet/);
    assert.equal((await (await afterOutcomes(90)).run((call) => score({ person: 'p1' }, call))).probability < 0.5, true);
    await assert.rejects(
      tenant.run((call) => score({ person: 'nobody' }, call)),
      { code: 'NOT_FOUND' },
    );
  });

  it('scores with reasons in words, and orders leads by probability, those without a score last', async () => {
    const tenant = await afterOutcomes(400);
    const model = await tenant.run((call) => train({}, call));
    assert.equal(model.version, 1);
    assert.ok(model.isActive && model.metrics.auc > 0.85, JSON.stringify(model.metrics));
    assert.deepEqual(model.features, ['properties.month', 'traits.balance']);
    const from = tenant.head() + 1;
    await meet(tenant, 'rich', 990);
    await meet(tenant, 'poor', 10);
    await meet(tenant, 'middle', 500);
    await tenant.deliver(from);
    const rich = await tenant.run((call) => score({ person: 'rich' }, call));
    const poor = await tenant.run((call) => score({ person: 'poor' }, call));
    assert.ok(rich.probability > 0.8 && poor.probability < 0.2, `${rich.probability} ${poor.probability}`);
    assert.equal(rich.reasons[0]?.text, 'balance of 990 is above average: more likely');
    assert.equal(rich.reasons.find(({ feature }) => feature === 'properties.month')?.text, 'month is may: more likely');
    assert.equal(poor.reasons[0]?.text, 'balance of 10 is below average: less likely');
    assert.equal(rich.lead, 'lead-rich');
    const open = (await tenant.run((call) => list({ status: 'scored' }, call))).items;
    assert.deepEqual(
      open.map(({ person }) => person),
      ['rich', 'middle', 'poor'],
    );
    const all = await tenant.run((call) => list({ limit: 3 }, call));
    assert.deepEqual(
      all.items.map(({ person }) => person),
      ['rich', 'middle', 'poor'],
    );
    assert.equal((await tenant.run((call) => list({ limit: 1, cursor: all.nextCursor ?? '' }, call))).items[0]?.probability, null);
  });

  it('does not wait for the consumer: it goes by profile and log, and makes the lead that the consumer then finds', async () => {
    const tenant = await afterOutcomes(400);
    await tenant.run((call) => train({}, call));
    const from = tenant.head() + 1;
    await meet(tenant, 'fast', 990);
    const early = await tenant.run((call) => score({ person: 'fast' }, call));
    await tenant.deliver(from);
    const late = await tenant.run((call) => score({ person: 'fast' }, call));
    assert.deepEqual(early, late);
    assert.equal((await tenant.rows('leads')).filter(({ id }) => id === 'lead-fast').length, 1);
    const told = await tenant.run((call) => score({ person: 'fast', properties: { month: 'june' } }, call));
    assert.ok(told.probability < late.probability);
  });

  it('follows the level of outcomes since the training', async () => {
    const tenant = await afterOutcomes(400);
    await tenant.run((call) => train({}, call));
    await meet(tenant, 'one', 500);
    const before = await tenant.run((call) => score({ person: 'one' }, call));
    const from = tenant.head() + 1;
    for (let index = 0; index < 300; index += 1) {
      await meet(tenant, `late${index}`, (index * 7919) % 1000);
      tenant.append('track', 'Offer Answered', `late${index}`, { properties: { subscribed: true } });
    }
    await tenant.deliver(from, 50);
    const after = await tenant.run((call) => score({ person: 'one' }, call));
    assert.ok(after.probability > before.probability + 0.1, `${before.probability} ${after.probability}`);
  });
});

describe('leads.train', () => {
  it('refuses too few outcomes, and says how many there are', async () => {
    const tenant = await afterOutcomes(60);
    await assert.rejects(
      tenant.run((call) => train({}, call)),
      (error: Error & { code: string; details: Record<string, unknown> }) => {
        assert.equal(error.code, 'INPUT_INVALID');
        assert.equal(error.details['examples'], 60);
        return true;
      },
    );
  });

  it('says that nobody has told yet what an outcome is', async () => {
    const tenant = createLeadsTenant({});
    await assert.rejects(
      tenant.run((call) => train({}, call)),
      (error: Error & { details: Record<string, unknown> }) => /setting `outcome`/.test(String(error.details['reason'])),
    );
  });

  it('answers with the same model for the same outcomes, keeps versions, and goes back to one', async () => {
    const tenant = await afterOutcomes(300);
    const first = await tenant.run((call) => train({}, call));
    assert.deepEqual(await tenant.run((call) => train({}, call)), first);
    tenant.configure({ ...BANK, features: [{ from: 'trait', key: 'balance', kind: 'number', transform: 'none' }] });
    const second = await tenant.run((call) => train({}, call));
    assert.equal(second.version, 2);
    assert.notEqual(second.dataHash, first.dataHash);
    await tenant.run((call) => activate({ version: 1 }, call));
    assert.deepEqual(
      (await tenant.run((call) => models({}, call))).items.map(({ version, isActive }) => [version, isActive]),
      [
        [2, false],
        [1, true],
      ],
    );
    await assert.rejects(
      tenant.run((call) => activate({ version: 9 }, call)),
      { code: 'NOT_FOUND' },
    );
  });

  it('does not let a model score that is no better than the base rate', async () => {
    const tenant = createLeadsTenant({
      outcome: { event: 'Bought', property: 'done' },
      features: [{ from: 'trait', key: 'noise', kind: 'number' }],
    });
    for (let index = 0; index < 400; index += 1) {
      tenant.append('identify', '$identify', `p${index}`, { traits: { email: `p${index}@x.invalid`, noise: (index * 7919) % 97 } });
      // What was true of the past is not true of the last fifth.
      tenant.append('track', 'Bought', `p${index}`, {
        properties: { done: index < 320 ? (index * 7919) % 97 > 48 : (index * 7919) % 97 < 48 },
      });
    }
    await tenant.deliver();
    const model = await tenant.run((call) => train({}, call));
    assert.equal(model.isActive, false);
    assert.equal((await tenant.run((call) => score({ person: 'p1' }, call))).modelVersion, 0);
  });
});
