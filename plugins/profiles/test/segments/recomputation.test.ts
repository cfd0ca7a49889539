import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import fc from 'fast-check';
import type { AggregatesRow, DefinitionsRow, PeopleRow } from '../../src/gen/manifest.gen.ts';
import { START, SegmentsTenant } from './segments-tenant.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A person as somebody would work it out who has all events at hand and nothing else. */
interface Naive {
  readonly events: readonly LoggedEvent[];
  readonly traits: Readonly<Record<string, unknown>>;
  readonly now: number;
  readonly isIn: (segment: string) => boolean;
}

interface Pooled {
  readonly condition: string;
  readonly holds: (person: Naive) => boolean;
}

const POOL: readonly Pooled[] = [
  { condition: 'did("Order", 2, "3d")', holds: (person) => within(person, 'Order', 3 * DAY_MS, HOUR_MS).length >= 2 },
  {
    condition: 'sum("Order", "total", "12h") > 50.0',
    holds: (person) => within(person, 'Order', 12 * HOUR_MS, 5 * MINUTE_MS).reduce((sum, event) => sum + totalOf(event), 0) > 50,
  },
  {
    condition: 'profile.traits.plan == "pro" && !in_segment("s0")',
    holds: ({ traits, isIn }) => traits['plan'] === 'pro' && !isIn('s0'),
  },
  {
    condition: 'days_since("Order") >= 2',
    holds: ({ events, now }) => {
      const last = Math.max(...events.filter(({ name }) => name === 'Order').map(at));
      return last > 0 && Math.floor((now - last) / DAY_MS) >= 2;
    },
  },
  {
    condition: 'unique("Order", "sku", "3d") >= 2',
    holds: (person) => new Set(within(person, 'Order', 3 * DAY_MS, HOUR_MS).map(({ properties }) => properties['sku'])).size >= 2,
  },
  {
    condition: 'last("Order", "total") > 30 || maximum("Order", "total", "90m") > 45',
    holds: (person) => {
      const orders = person.events.filter(({ name }) => name === 'Order').toSorted((a, b) => at(a) - at(b) || (a.id < b.id ? -1 : 1));
      const last = orders.at(-1);
      return (
        (last !== undefined && totalOf(last) > 30) ||
        within(person, 'Order', 90 * MINUTE_MS, MINUTE_MS).some((event) => totalOf(event) > 45)
      );
    },
  },
  {
    condition: 'days_since_trait("endsAt") >= 1',
    holds: ({ traits, now }) => {
      const endsAt = traits['endsAt'];
      return typeof endsAt === 'string' && Math.floor((now - Date.parse(endsAt)) / DAY_MS) >= 1;
    },
  },
  {
    condition: 'profile.traits.spent > 60 && !(in_segment("s0") || in_segment("s1"))',
    holds: ({ events, isIn }) =>
      events.filter(({ name }) => name === 'Order').reduce((sum, event) => sum + totalOf(event), 0) > 60 && !isIn('s0') && !isIn('s1'),
  },
  {
    condition: 'count("Order", "3d", "properties.total > 20") >= 2',
    holds: (person) => within(person, 'Order', 3 * DAY_MS, HOUR_MS).filter((event) => totalOf(event) > 20).length >= 2,
  },
  { condition: '!did("Order", 1, "100d")', holds: (person) => within(person, 'Order', 100 * DAY_MS, DAY_MS).length === 0 },
];

function at({ occurredAt, receivedAt }: LoggedEvent): number {
  return Math.min(occurredAt, receivedAt);
}

function totalOf({ properties }: LoggedEvent): number {
  return Number(properties['total']);
}

function within({ events, now }: Naive, name: string, lengthMs: number, grainMs: number): readonly LoggedEvent[] {
  return events.filter((event) => event.name === name && now < (Math.floor(at(event) / grainMs) + 1) * grainMs + lengthMs);
}

const user = fc.integer({ min: 0, max: 4 });
const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('order'),
      user,
      total: fc.integer({ min: 1, max: 60 }),
      agoMs: fc.constantFrom(0, 0, 0, 2 * HOUR_MS, 2 * DAY_MS, 40 * DAY_MS, -DAY_MS),
    } as const),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('identify'),
      user,
      plan: fc.constantFrom('free', 'pro'),
      agoMs: fc.constantFrom(0, 0, DAY_MS),
      endsInDays: fc.integer({ min: -2, max: 3 }),
    } as const),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('wait'),
      ms: fc.constantFrom(1, 7 * MINUTE_MS, HOUR_MS, 11 * HOUR_MS, DAY_MS, 3 * DAY_MS, 30 * DAY_MS),
    } as const),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('define'),
      segment: fc.integer({ min: 0, max: 3 }),
      pooled: fc.integer({ min: 0, max: POOL.length - 1 }),
    } as const),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete'), segment: fc.integer({ min: 0, max: 3 }) } as const) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('merge'), user, other: user } as const) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('unmerge'), which: fc.nat() } as const) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('follow'), batch: fc.integer({ min: 1, max: 5 }) } as const) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('check') } as const) },
);
type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

/** One history: what is told to the tenant, and what somebody would make of it by hand. */
class History {
  readonly tenant = new SegmentsTenant();
  readonly conditions = new Map<string, number>();
  readonly links: string[] = [];
  merges = 0;

  async apply(given: Command): Promise<void> {
    const { tenant } = this;
    switch (given.type) {
      case 'order':
        tenant.track(
          `u${String(given.user)}`,
          'Order',
          { total: given.total, sku: `k${String(given.total % 3)}` },
          tenant.now - given.agoMs,
        );
        return;
      case 'identify': {
        const traits = { plan: given.plan, endsAt: new Date(tenant.now + given.endsInDays * DAY_MS).toISOString() };
        tenant.say({ kind: 'identify', identities: { userId: `u${String(given.user)}` }, traits, at: tenant.now - given.agoMs });
        return;
      }
      case 'wait':
        tenant.now += given.ms;
        return;
      case 'define': {
        const segment = given.segment;
        const condition = POOL[given.pooled]?.condition ?? '';
        // Segments refer to earlier ones only: nothing goes round in circles.
        if (['s0', 's1'].some((name, index) => condition.includes(`"${name}"`) && (index >= segment || !this.conditions.has(name)))) return;
        this.conditions.set(`s${String(segment)}`, given.pooled);
        tenant.define(`s${String(segment)}`, condition);
        return;
      }
      case 'delete': {
        const name = `s${String(given.segment)}`;
        const isUsed = [...this.conditions.values()].some((index) => POOL[index]?.condition.includes(`"${name}"`));
        if (!this.conditions.has(name) || isUsed) return;
        // What is replaced may still refer to it until its successor serves.
        await this.settle();
        this.conditions.delete(name);
        tenant.fact('tendril.profiles.segment_deleted', { name });
        return;
      }
      case 'merge': {
        await tenant.follow();
        const [into, from] = [await this.idOf(given.user), await this.idOf(given.other)];
        if (into === undefined || from === undefined || into === from) return;
        this.merges += 1;
        this.links.push(`link${String(this.merges)}`);
        tenant.fact('tendril.profiles.merge_requested', { into, from, link: `link${String(this.merges)}` });
        return;
      }
      case 'unmerge': {
        const [link] = this.links.splice(given.which % Math.max(1, this.links.length), 1);
        if (link !== undefined) tenant.fact('tendril.profiles.unmerge_requested', { link });
        return;
      }
      case 'follow':
        await tenant.follow(given.batch);
        return;
      case 'check':
        await this.settle();
        await this.check();
    }
  }

  async idOf(index: number): Promise<string | undefined> {
    const identity = `userId:u${String(index)}`;
    return (await this.tenant.people()).find(({ parts }) => parts.some(({ identities }) => identities.includes(identity)))?.id;
  }

  /** Ticks until nothing is left to do. */
  async settle(): Promise<void> {
    const { tenant } = this;
    await tenant.follow();
    for (let ticks = 0; ticks < 20; ticks += 1) {
      tenant.tick();
      await tenant.follow();
      const [catalogue] = await tenant.rows<{ readonly isBusy: boolean }>('catalogue');
      const isDue = (await tenant.behaviours()).some(({ dueAt }) => dueAt !== undefined && dueAt <= tenant.now);
      if (catalogue?.isBusy !== true && !isDue) return;
    }
    throw new Error('the work on definitions does not come to its end');
  }

  async check(): Promise<void> {
    const { tenant } = this;
    const people = await tenant.people();
    const expected = new Map<string, string[]>([...this.conditions.keys()].map((name) => [name, []]));
    for (const person of people) {
      const naive = this.naiveOf(person);
      const names = [...this.conditions.keys()].filter((name) => this.isIn(name, naive)).sort();
      assert.deepEqual(person.segments ?? [], names, `segments of ${person.id}`);
      const spent = naive.events.filter(({ name }) => name === 'Order').reduce((sum, event) => sum + totalOf(event), 0);
      assert.deepEqual(person.computed, { spent }, `computed traits of ${person.id}`);
      for (const name of names) expected.get(name)?.push(person.id);
    }
    const members = await tenant.rows('members');
    for (const [name, ids] of expected) assert.deepEqual(await tenant.members(name), ids.sort(), `members of ${name}`);
    assert.equal(members.length, [...expected.values()].flat().length, 'nobody is a member of what there is no more');
  }

  isIn(name: string, naive: Naive): boolean {
    const index = this.conditions.get(name);
    const pooled = index === undefined ? undefined : POOL[index];
    return pooled !== undefined && pooled.holds({ ...naive, isIn: (other) => this.isIn(other, naive) });
  }

  naiveOf({ parts }: PeopleRow): Naive {
    const users = new Set(parts.flatMap(({ identities }) => identities));
    const events = this.tenant.log.filter(({ kind, identities }) => kind !== 'hub' && users.has(`userId:${identities.userId ?? ''}`));
    const stated = events
      .filter(({ kind }) => kind === 'identify')
      .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1));
    const now = Math.max(START, ...this.tenant.log.map(({ receivedAt }) => receivedAt));
    return { events, traits: Object.assign({}, ...stated.map(({ traits }) => traits)) as Record<string, unknown>, now, isIn: () => false };
  }

  /** What the same log gives when it is followed anew in other batches. */
  async replay(batch: number): Promise<SegmentsTenant> {
    const again = new SegmentsTenant();
    again.log.push(...this.tenant.log);
    again.isReplay = true;
    await again.follow(batch);
    return again;
  }
}

/** States of what is still counted; others go when their part is written the next time. */
async function keptStates(tenant: SegmentsTenant): Promise<object> {
  const kept = new Set((await tenant.rows<AggregatesRow>('aggregates')).map(({ key }) => key));
  const rows = (await tenant.behaviours()).map(({ part, states }) => ({
    part,
    states: Object.fromEntries(Object.entries(states).filter(([key]) => kept.has(key))),
  }));
  return rows.filter(({ states }) => Object.keys(states).length > 0);
}

describe('segments and computed traits', () => {
  it('are what a full recomputation gives, at any moment of any history, and again when the log is replayed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40, size: 'max' }), fc.integer({ min: 1, max: 9 }), async (commands, batch) => {
        const history = new History();
        history.tenant.fact('tendril.profiles.trait_defined', {
          name: 'spent',
          trait: { event: 'Order', aggregate: 'sum', property: 'total' },
        });
        for (const each of commands) await history.apply(each);
        await history.settle();
        await history.check();
        const again = await history.replay(batch);
        const shown = async (tenant: SegmentsTenant) => ({
          definitions: (await tenant.rows<DefinitionsRow>('definitions')).map(({ id, active, next, settling }) => ({
            id,
            active,
            next,
            settling,
          })),
          people: (await tenant.people()).map(({ id, segments, computed }) => ({ id, segments, computed })),
          states: await keptStates(tenant),
          members: (await tenant.rows<{ readonly id: string }>('members')).map(({ id }) => id),
        });
        assert.deepEqual(await shown(again), await shown(history.tenant));
      }),
      { numRuns: Number(process.env['HISTORIES'] ?? 60), endOnFailure: false },
    );
  }).timeout(120_000);
});
