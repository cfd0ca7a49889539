import assert from 'node:assert/strict';
import { get } from '../src/actions/get.ts';
import { models } from '../src/actions/models.ts';
import { score } from '../src/actions/score.ts';
import { train } from '../src/actions/train.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { refresh } from '../src/schedules/refresh.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const DAY = 86_400_000;
const SETTINGS: Settings = {
  contactEvent: 'Contacted',
  outcome: { event: 'Answered', property: 'yes' },
  features: [{ from: 'trait', key: 'size', kind: 'number' }],
  behaviours: [{ key: 'reads', title: 'pages read', event: 'Page Read', measure: 'count', withinDays: 300 }],
  behaviourHalfLifeDays: 10,
  value: { currency: 'EUR', outcomeProperty: 'amount', cents: 1000 },
};

/** Large ones and readers buy, for 50 or 150. `turned` tells the opposite. */
async function market(count: number, { settings = SETTINGS, turned = false } = {}) {
  const tenant = createLeadsTenant(settings);
  await tell(tenant, 0, count, turned);
  return tenant;
}

async function tell(tenant: ReturnType<typeof createLeadsTenant>, first: number, count: number, turned = false): Promise<void> {
  const from = tenant.head() + 1;
  for (let index = first; index < first + count; index += 1) {
    const size = (index * 7919) % 1000;
    const reads = (index * 104_729) % 4;
    tenant.append('identify', '$identify', `p${index}`, { traits: { email: `p${index}@x.invalid`, size } });
    for (let read = 0; read < reads; read += 1) tenant.append('track', 'Page Read', `p${index}`);
    tenant.append('track', 'Contacted', `p${index}`);
    const yes = size + reads * 200 + ((index * 31_337) % 500) > 1000;
    tenant.append('track', 'Answered', `p${index}`, { properties: { yes: turned ? !yes : yes, amount: index % 2 === 0 ? 50 : 150 } });
  }
  await tenant.deliver(from);
}

function meet(tenant: ReturnType<typeof createLeadsTenant>, person: string, size: number, reads: number): void {
  tenant.append('identify', '$identify', person, { traits: { email: `${person}@x.invalid`, size } });
  for (let read = 0; read < reads; read += 1) tenant.append('track', 'Page Read', person);
}

describe('scores by a model', () => {
  it('show fit and behaviour apart, with reasons of both, and what a lead is worth', async () => {
    const tenant = await market(600);
    await tenant.run((call) => train({}, call));
    const from = tenant.head() + 1;
    meet(tenant, 'large', 950, 0);
    meet(tenant, 'reader', 50, 3);
    await tenant.deliver(from);
    const [large, reader] = [
      await tenant.run((call) => score({ person: 'large' }, call)),
      await tenant.run((call) => score({ person: 'reader' }, call)),
    ];
    assert.ok(large.fit > 0.7 && large.behaviour < 0.4, JSON.stringify(large));
    assert.ok(reader.fit < 0.3 && reader.behaviour > 0.6, JSON.stringify(reader));
    assert.deepEqual(
      reader.reasons.map(({ part, text }) => [part, text]),
      [
        ['fit', 'size of 50 is below average: less likely'],
        ['behaviour', 'pages read of 3 is above average: more likely'],
      ].toSorted(([a], [b]) => reader.reasons.findIndex(({ part }) => part === a) - reader.reasons.findIndex(({ part }) => part === b)),
    );
    const wins = (await tenant.rows('examples')).flatMap(({ valueCents }) => (typeof valueCents === 'number' ? [valueCents] : []));
    const mean = Math.round(wins.reduce((sum, cents) => sum + cents, 0) / wins.length);
    assert.ok(mean > 5_000 && mean < 15_000);
    assert.equal(large.expectedValueCents, Math.round(large.probability * mean));
    assert.equal(large.currency, 'EUR');
    assert.equal((await tenant.run((call) => get({ person: 'large' }, call))).expectedValueCents, large.expectedValueCents);
  });

  it('are made by the consumer as leads come in, and are those that the action gives', async () => {
    const tenant = await market(400);
    await tenant.run((call) => train({}, call));
    const from = tenant.head() + 1;
    meet(tenant, 'new', 700, 2);
    await tenant.deliver(from);
    const lead = await tenant.run((call) => get({ person: 'new' }, call));
    assert.equal(lead.status, 'scored');
    const asked = await tenant.run((call) => score({ person: 'new' }, call));
    assert.ok(Math.abs((lead.probability ?? 0) - asked.probability) < 1e-4, `${lead.probability} ${asked.probability}`);
    assert.equal(lead.modelVersion, 1);
  });

  it('fade: what spoke for a lead by its behaviour is half after a half-life, fit stays', async () => {
    const tenant = await market(600);
    await tenant.run((call) => train({}, call));
    const from = tenant.head() + 1;
    meet(tenant, 'reader', 500, 3);
    await tenant.deliver(from);
    await tenant.run(refresh);
    const before = await tenant.run((call) => get({ person: 'reader' }, call));
    tenant.latest().advance(10 * DAY);
    await tenant.run(refresh);
    const after = await tenant.run((call) => get({ person: 'reader' }, call));
    assert.ok(Math.abs((after.behaviour ?? 0) / (before.behaviour ?? 1) - 0.5) < 0.02, `${before.behaviour} ${after.behaviour}`);
    assert.equal(after.fit, before.fit);
    assert.ok((after.probability ?? 1) < (before.probability ?? 0) - 0.05, `${before.probability} ${after.probability}`);
  });

  it('count an amount once when an outcome is told again, and not when it is taken back', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    meet(tenant, 'p1', 500, 0);
    tenant.append('track', 'Contacted', 'p1');
    for (const [yes, amount] of [
      [true, 80],
      [true, 100],
      [false, 100],
      [true, 60],
    ] as const)
      tenant.append('track', 'Answered', 'p1', { properties: { yes, amount } });
    await tenant.deliver(1, 1);
    assert.deepEqual(await tenant.rows('totals'), [{ id: 'value', count: 1, sum: 6_000 }]);
    await tenant.deliver(1, 3);
    assert.deepEqual(await tenant.rows('totals'), [{ id: 'value', count: 1, sum: 6_000 }]);
  });

  it('know the value from the person before the mean, and that before the fixed amount', async () => {
    const tenant = createLeadsTenant({ ...SETTINGS, value: { currency: 'EUR', trait: 'budget', outcomeProperty: 'amount', cents: 1000 } });
    tenant.append('identify', '$identify', 'p1', { traits: { email: 'a@x.invalid', size: 1 } });
    const first = await tenant.run((call) => score({ person: 'p1' }, call));
    assert.equal(first.expectedValueCents, Math.round(first.probability * 1000));
    tenant.append('identify', '$identify', 'p1', { traits: { budget: 12.5 } });
    const second = await tenant.run((call) => score({ person: 'p1' }, call));
    assert.equal(second.expectedValueCents, Math.round(second.probability * 1250));
  });
});

describe('versions of the model', () => {
  it('carry measures by split, the features and the hash of the data', async () => {
    const tenant = await market(600);
    const model = await tenant.run((call) => train({}, call));
    assert.deepEqual(
      model.splits?.map(({ split, examples }) => [split, examples]),
      [
        ['held_out', 120],
        ['chosen_on', 288],
      ],
    );
    assert.ok((model.splits?.[0]?.liftAtTenth ?? 0) > 1.5);
    assert.deepEqual(model.features, ['traits.size', 'behaviour.reads']);
    assert.equal(model.dataHash.length, 64);
    assert.equal(model.comparison, undefined);
  });

  it('do not score when they are worse than the one that does, on outcomes that neither had seen', async () => {
    const tenant = await market(600);
    await tenant.run((call) => train({}, call));
    await tell(tenant, 600, 200);
    // A single feature that says little.
    tenant.configure({ ...SETTINGS, features: [], behaviours: SETTINGS.behaviours ?? [] });
    const worse = await tenant.run((call) => train({}, call));
    assert.equal(worse.isActive, false);
    assert.ok((worse.comparison?.newLogLoss ?? 0) > (worse.comparison?.logLoss ?? 1), JSON.stringify(worse.comparison));
    assert.equal(worse.comparison?.version, 1);
    tenant.configure(SETTINGS);
    assert.deepEqual(
      (await tenant.run((call) => models({}, call))).items.map(({ version, isActive }) => [version, isActive]),
      [
        [2, false],
        [1, true],
      ],
    );
  });
});
