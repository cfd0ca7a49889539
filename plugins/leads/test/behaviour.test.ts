import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LoggedEvent } from '@tendril/plugin-api';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { createLeadsTenant } from './leads-tenant.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 5, 1);
const BEHAVIOURS = [
  { key: 'views', event: 'Page Read', measure: 'count', withinDays: 7 },
  { key: 'plans', event: 'Page Read', measure: 'count', withinDays: 3, where: { property: 'page', equals: 'plans' } },
  { key: 'spent', event: 'Paid', measure: 'sum', property: 'amount', withinDays: 30 },
  { key: 'pages', event: 'Page Read', measure: 'unique_count', property: 'page', withinDays: 7 },
  { key: 'rest', event: 'Page Read', measure: 'days_since_last', withinDays: 20 },
] as const satisfies Settings['behaviours'];
const SETTINGS: Settings = {
  contactEvent: 'Contacted',
  outcome: { event: 'Answered', property: 'yes' },
  features: [{ from: 'trait', key: 'size', kind: 'number' }],
  behaviours: BEHAVIOURS.map((behaviour) => ({ ...behaviour })),
};

type Happening = readonly [what: 'read' | 'paid' | 'size' | 'contact' | 'answer', minutes: number, value: number];

/** Hours apart at most, so that days hold several; late ones come up to three weeks after what followed them. */
const histories = fc.array(
  fc.tuple(
    fc.constantFrom('read', 'read', 'paid', 'size', 'contact', 'answer'),
    fc.integer({ min: 0, max: 30 * 24 * 60 }),
    fc.integer({ min: 0, max: 4 }),
  ) as fc.Arbitrary<Happening>,
  { maxLength: 40 },
);

function play(history: readonly Happening[], behaviours: Settings = SETTINGS) {
  const tenant = createLeadsTenant(behaviours);
  // In waves of a fortnight: within one, anything may be late.
  for (const [what, minutes, value] of history) {
    const occurredAt = START + minutes * 60_000;
    if (what === 'read')
      tenant.append('track', 'Page Read', 'p1', { properties: { page: value === 0 ? 'plans' : `p${value}` }, occurredAt });
    else if (what === 'paid') tenant.append('track', 'Paid', 'p1', { properties: { amount: value }, occurredAt });
    else if (what === 'size') tenant.append('identify', '$identify', 'p1', { traits: { size: value }, occurredAt });
    else if (what === 'contact') tenant.append('track', 'Contacted', 'p1', { occurredAt });
    else tenant.append('track', 'Answered', 'p1', { properties: { yes: value > 2 }, occurredAt });
  }
  return tenant;
}

/** What had arrived before an event and happened no later, read from the log anew. */
function recompute(log: readonly LoggedEvent[], at: LoggedEvent): Record<string, unknown> {
  const before = log.filter(({ position }) => position < at.position);
  const today = Math.floor(at.occurredAt / DAY);
  const ofDay = (day: number, name: string): readonly LoggedEvent[] =>
    before.filter((event) => event.name === name && Math.floor(event.occurredAt / DAY) === day);
  const within = (name: string, days: number, isOne: (event: LoggedEvent) => boolean = () => true): readonly LoggedEvent[] =>
    Array.from({ length: days }, (_, index) => today - index).flatMap((day) => {
      const events = ofDay(day, name).filter(isOne);
      // A day that holds something later than the moment is left out as a whole.
      return events.some(({ occurredAt }) => occurredAt > at.occurredAt) ? [] : events;
    });
  const reads = within('Page Read', 7);
  const lately = within('Page Read', 20);
  const sizes = before.filter(({ traits }) => traits['size'] !== undefined);
  const latest = sizes.reduce<LoggedEvent | undefined>(
    (best, event) => (best !== undefined && best.occurredAt > event.occurredAt ? best : event),
    undefined,
  );
  return {
    ...(latest === undefined || latest.occurredAt > at.occurredAt ? {} : { 'traits.size': latest.traits['size'] }),
    'behaviour.views': reads.length,
    'behaviour.plans': within('Page Read', 3, ({ properties }) => properties['page'] === 'plans').length,
    'behaviour.spent': within('Paid', 30).reduce((sum, { properties }) => sum + Number(properties['amount']), 0),
    'behaviour.pages': new Set(reads.map(({ properties }) => properties['page'])).size,
    ...(lately.length === 0
      ? {}
      : { 'behaviour.rest': Math.floor((at.occurredAt - Math.max(...lately.map(({ occurredAt }) => occurredAt))) / DAY) }),
  };
}

describe('features of behaviour', () => {
  it('are at a contact what the events before it say, in any order, batch and repetition', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 50 }), async (history, batchSize) => {
        const tenant = play(history);
        await tenant.deliver(1, batchSize);
        await tenant.deliver(1, batchSize);
        for (const example of await tenant.rows('examples')) {
          const known = tenant.log.find(({ id }) => id === example['id']);
          assert.ok(known !== undefined);
          assert.deepEqual(example['values'], recompute(tenant.log, known));
        }
        const again = play(history);
        await again.deliver(1, 1);
        assert.deepEqual(await again.rows('examples'), await tenant.rows('examples'));
      }),
      { numRuns: 150 },
    );
  });

  it('do not see what happened after the contact, nor what arrived after it', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    const noon = START + DAY / 2;
    tenant.append('track', 'Page Read', 'p1', { properties: { page: 'a' }, occurredAt: noon - 2 * DAY });
    tenant.append('track', 'Page Read', 'p1', { properties: { page: 'b' }, occurredAt: noon + DAY });
    tenant.append('track', 'Contacted', 'p1', { occurredAt: noon });
    tenant.append('track', 'Page Read', 'p1', { properties: { page: 'c' }, occurredAt: noon - DAY });
    tenant.append('track', 'Answered', 'p1', { properties: { yes: true }, occurredAt: noon + DAY });
    await tenant.deliver();
    const [example] = await tenant.rows('examples');
    assert.equal((example?.['values'] as Record<string, unknown>)['behaviour.views'], 1);
    assert.equal((example?.['values'] as Record<string, unknown>)['behaviour.rest'], 2);
  });

  it('keep few days of few bytes, however much happens', async () => {
    const tenant = createLeadsTenant(SETTINGS);
    for (let index = 0; index < 3_000; index += 1)
      tenant.append('track', 'Page Read', 'p1', { properties: { page: `page${index}` }, occurredAt: START + index * (DAY / 20) });
    await tenant.deliver(1, 500);
    const [prospect] = await tenant.rows('prospects');
    assert.ok(JSON.stringify(prospect).length < 20_000, String(JSON.stringify(prospect).length));
  });
});
