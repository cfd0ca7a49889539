import assert from 'node:assert/strict';
import { get } from '../src/actions/get.ts';
import { score } from '../src/actions/score.ts';
import { setStage } from '../src/actions/set-stage.ts';
import { setStatus } from '../src/actions/set-status.ts';
import { stages } from '../src/actions/stages.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { refresh } from '../src/schedules/refresh.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);

/** Points need no model: what somebody read and how large they are. */
const SETTINGS: Settings = {
  behaviours: [{ key: 'reads', event: 'Page Read', measure: 'count', withinDays: 100 }],
  behaviourHalfLifeDays: 10,
  points: [
    { feature: 'traits.size', atLeast: 100, points: 40 },
    { feature: 'behaviour.reads', atLeast: 1, points: 10 },
    { feature: 'behaviour.reads', atLeast: 3, points: 30 },
  ],
  stages: [
    { name: 'MQL', conditions: ['lead.probability >= 0.4'] },
    { name: 'SQL', conditions: ['score.probability >= 0.6', 'lead.behaviour > 0.0'], leave: 'lead.probability < 0.5' },
  ],
};

function meet(tenant: ReturnType<typeof createLeadsTenant>, person: string, size: number, reads: number): void {
  tenant.append('identify', '$identify', person, { traits: { email: `${person}@x.invalid`, size } });
  for (let index = 0; index < reads; index += 1) tenant.append('track', 'Page Read', person, { properties: {} });
}

const leadOf = (tenant: ReturnType<typeof createLeadsTenant>, person: string) => tenant.run((call) => get({ person }, call));

describe('qualification of leads', () => {
  it('puts a lead into the last stage whose conditions hold as soon as something is new, with history and an event', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    meet(tenant, 'p1', 500, 0);
    await tenant.deliver();
    assert.equal((await leadOf(tenant, 'p1')).stage, 'MQL');
    const from = tenant.head() + 1;
    for (let index = 0; index < 3; index += 1) tenant.append('track', 'Page Read', 'p1');
    await tenant.deliver(from);
    const lead = await leadOf(tenant, 'p1');
    assert.equal(lead.stage, 'SQL');
    assert.equal(lead.probability, 0.8);
    assert.deepEqual([lead.fit, lead.behaviour], [0.4, 0.4]);
    assert.deepEqual(
      lead.history.map(({ stage, from: before, by, reasons, event }) => ({ stage, before, by, reasons, event })),
      [
        { stage: 'MQL', before: null, by: 'rule', reasons: ['holds: lead.probability >= 0.4'], event: 'm1' },
        {
          stage: 'SQL',
          before: 'MQL',
          by: 'rule',
          reasons: ['holds: score.probability >= 0.6', 'holds: lead.behaviour > 0.0'],
          event: 'm4',
        },
      ],
    );
    assert.deepEqual(
      tenant.emitted.map(({ name, identities, properties }) => [name, identities, properties?.['lead'], properties?.['stage']]),
      [
        ['tendril.leads.qualified', { userId: 'p1' }, 'lead-p1', 'MQL'],
        ['tendril.leads.qualified', { userId: 'p1' }, 'lead-p1', 'SQL'],
      ],
    );
    assert.ok((tenant.emitted[1]?.properties?.['reasons'] as string[]).includes('size is 500: +40 points'));
  });

  it('scores by points only as long as there is no model, and says that it is no probability', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    meet(tenant, 'p1', 500, 1);
    const scored = await tenant.run((call) => score({ person: 'p1' }, call));
    assert.deepEqual([scored.modelVersion, scored.isCalibrated, scored.probability], [0, false, 0.4]);
    assert.match(scored.reasons[0]?.text ?? '', /no probability/);
    assert.equal(scored.stage, 'MQL');
  });

  it('lets behaviour fade although nothing happens, and takes the stage back when it has', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    meet(tenant, 'p1', 500, 3);
    await tenant.deliver();
    assert.equal((await leadOf(tenant, 'p1')).stage, 'SQL');
    for (let day = 1; day <= 40; day += 1) {
      tenant.latest().advance(DAY);
      await tenant.run(refresh);
    }
    const lead = await leadOf(tenant, 'p1');
    assert.equal(lead.stage, 'MQL');
    assert.ok(Math.abs((lead.behaviour ?? 1) - 0.4 / 16) < 0.002, String(lead.behaviour));
    assert.equal(lead.fit, 0.4);
    const left = tenant.emitted.filter(({ name }) => name === 'tendril.leads.disqualified');
    assert.deepEqual(
      left.map(({ properties }) => [properties?.['stage'], properties?.['to']]),
      [['SQL', 'MQL']],
    );
    // It stayed until `leave` held, at .5: two half-lives and a half.
    assert.equal(lead.history.at(-1)?.at !== undefined && Date.parse(lead.history.at(-1)?.at ?? '') - START > 19 * DAY, true);
  });

  it('stops looking at leads that have faded, and at those that are won or lost', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    meet(tenant, 'p1', 500, 3);
    meet(tenant, 'p2', 500, 3);
    await tenant.deliver();
    await tenant.run((call) => setStatus({ id: 'lead-p2', status: 'lost' }, call));
    tenant.latest().advance(200 * DAY);
    await tenant.run(refresh);
    const rows = await tenant.rows('leads');
    assert.deepEqual(
      rows.map(({ dueAt }) => dueAt),
      [undefined, undefined],
    );
  });

  it('looks at all leads again, in pieces, when settings change', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    for (let index = 0; index < 450; index += 1) meet(tenant, `p${index}`, 500, 0);
    await tenant.deliver();
    tenant.configure({ ...SETTINGS, stages: [{ name: 'Large', conditions: ['lead.fit >= 0.4'] }] });
    await tenant.run(refresh);
    assert.ok((await tenant.rows('leads')).every(({ stage }) => stage === 'Large'));
    const before = tenant.emitted.length;
    await tenant.run(refresh);
    assert.equal(tenant.emitted.length, before);
  });

  it('goes on where it was when it is cut off between two pieces', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    for (let index = 0; index < 450; index += 1) meet(tenant, `p${index}`, 500, 0);
    await tenant.deliver();
    const changed: Settings = { ...SETTINGS, stages: [{ name: 'Large', conditions: ['lead.fit >= 0.4'] }] };
    tenant.configure(changed);
    const call = tenant.latest().next({ settings: changed });
    let pieces = 0;
    const flush = async (): Promise<void> => {
      pieces += 1;
      if (pieces === 2) throw new Error('killed');
      await call.changes.flush();
    };
    const cut = Object.create(call, { changes: { value: { ...call.changes, flush } } }) as typeof call;
    await assert.rejects(refresh(cut), /killed/);
    const moved = async (): Promise<number> => (await tenant.rows('leads')).filter(({ stage }) => stage === 'Large').length;
    await tenant.run(refresh);
    assert.equal(await moved(), 450);
    assert.ok((await tenant.rows('leads')).every(({ history }) => (history as unknown[]).length === 2));
  });

  it('leaves a stage that a person set alone, unless the rule overrides', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    meet(tenant, 'p1', 10, 0);
    await tenant.deliver();
    await assert.rejects(
      tenant.run((call) => setStage({ id: 'lead-p1', stage: 'VIP', reason: 'why not' }, call)),
      { code: 'NOT_FOUND' },
    );
    const set = { id: 'lead-p1', stage: 'SQL', reason: 'asked by phone' };
    await tenant.run((call) => setStage(set, call));
    await tenant.run((call) => setStage(set, call));
    const from = tenant.head() + 1;
    meet(tenant, 'p1', 500, 0);
    await tenant.deliver(from);
    const kept = await leadOf(tenant, 'p1');
    assert.deepEqual([kept.stage, kept.isStageByHand, kept.history.length], ['SQL', true, 1]);
    assert.deepEqual([kept.history[0]?.by, kept.history[0]?.reasons], ['person', ['asked by phone']]);
    const [mql, sql] = SETTINGS.stages ?? [];
    assert.ok(mql !== undefined && sql !== undefined);
    tenant.configure({ ...SETTINGS, stages: [{ ...mql, override: true }, sql] });
    await tenant.run(refresh);
    assert.deepEqual([(await leadOf(tenant, 'p1')).stage, (await leadOf(tenant, 'p1')).isStageByHand], ['MQL', false]);
    tenant.configure(SETTINGS);
    await tenant.run((call) => setStage({ id: 'lead-p1', stage: null, reason: 'a competitor' }, call));
    await tenant.run(refresh);
    assert.equal((await leadOf(tenant, 'p1')).stage, null);
    await tenant.run((call) => setStage({ id: 'lead-p1', reason: 'was a mistake', release: true }, call));
    assert.equal((await leadOf(tenant, 'p1')).stage, 'MQL');
  });

  it('reads profiles and segments where a condition asks for them, and says what does not compile', async () => {
    const tenant = createLeadsTenant({
      ...SETTINGS,
      stages: [
        { name: 'German', conditions: ['profile.traits.country == "DE"'] },
        { name: 'Broken', conditions: ['lead.probability >='] },
        { name: 'Misspelt', conditions: ['lead.probabilty > 3'] },
        { name: 'Missing', conditions: ['profile.traits.nothing > 3 && lead.owner == "ada"'] },
      ],
    });
    tenant.append('identify', '$identify', 'p1', { traits: { email: 'a@x.invalid', country: 'DE' } });
    await tenant.deliver();
    assert.equal((await leadOf(tenant, 'p1')).stage, 'German');
    const answer = await tenant.run((call) => stages({}, call));
    assert.deepEqual(
      answer.stages.map(({ name, leads, problems }) => [name, leads, problems.length]),
      [
        ['German', 1, 0],
        ['Broken', 0, 1],
        ['Misspelt', 0, 1],
        ['Missing', 0, 0],
      ],
    );
    assert.match(answer.stages[2]?.problems[0] ?? '', /There is no `lead\.probabilty`; there are id, person/);
  });

  it('comes to the same when events are delivered again', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    meet(tenant, 'p1', 500, 3);
    await tenant.deliver(1, 1);
    const [rows, emitted] = [await tenant.rows('leads'), tenant.emitted.length];
    await tenant.deliver(1, 2);
    assert.deepEqual(await tenant.rows('leads'), rows);
    assert.equal(tenant.emitted.length, emitted);
  });
});
