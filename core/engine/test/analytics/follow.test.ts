import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { AnalyticsDriver, Call, LoggedEvent } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { NaiveAnalytics } from '@tendril/testkit/analytics';
import { createAnalytics } from '../../src/analytics/index.ts';
import type { AnalyticsOptions, AnalyticsRoom } from '../../src/analytics/index.ts';
import { systemRandom } from '../../src/environment.ts';
import type { OpenTenant } from '../../src/tenants/index.ts';
import { FakeTime } from '../support/world.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A log of one tenant, and a copy of it. */
class World {
  readonly time = new FakeTime();
  readonly driver = new NaiveAnalytics();
  readonly events: LoggedEvent[] = [];
  readonly call: Call = fakeCall({ settings: { include: [{ property: 'name' }] } });
  /** Whom identities belong to now. */
  readonly owners = new Map<string, string>();
  /** How far profiles have come. */
  profiles = Infinity;
  failures = 0;
  /** From here on events are at hand. */
  atHandFrom = Infinity;
  /** What other followers were told of events, by position. */
  readonly recalled = new Map<number, string>();
  /** Positions after which the log was read. */
  readonly reads: number[] = [];
  #listener: (tenantId: string, head: number) => void = () => undefined;

  room(): AnalyticsRoom {
    return createAnalytics(this.#options());
  }

  async add(userId: string, more: Partial<LoggedEvent> = {}): Promise<void> {
    const position = this.events.length + 1;
    this.events.push({
      id: `m${position}`,
      position,
      name: 'Product Viewed',
      kind: 'track',
      appId: 'app-1',
      isTest: false,
      occurredAt: position * 1_000,
      receivedAt: position * 1_000,
      identities: { userId },
      properties: {},
      traits: {},
      context: {},
      isImported: false,
      hops: 0,
      ...more,
    });
    this.#listener('acme', position);
    await Promise.resolve();
  }

  async people(): Promise<number | undefined> {
    return (await this.driver.ask({ ask: 'uniques', events: {}, of: 'people' }, this.call)).groups[0]?.value;
  }

  async settle(): Promise<void> {
    await this.time.advance(10_000);
  }

  #options(): AnalyticsOptions {
    const log = {
      head: async () => this.events.length,
      read: async (after: number, limit: number) => {
        this.reads.push(after);
        return this.events.slice(after, after + limit).map((event) => ({ position: event.position, payload: JSON.stringify(event) }));
      },
      get: async (positions: readonly number[]) =>
        positions.map((position) => ({ position, payload: JSON.stringify(this.events[position - 1]) })),
    };
    const tenant = { tenant: { id: 'acme', name: 'Acme', timeZone: 'UTC' }, log } as unknown as OpenTenant;
    return {
      tenants: { open: async () => tenant, ids: async () => ['acme'] } as unknown as AnalyticsOptions['tenants'],
      feed: {
        onHead: (listener) => {
          this.#listener = listener;
          return () => undefined;
        },
        atHand: (_tenant, after, limit) => (after + 1 < this.atHandFrom ? [] : this.events.slice(after, after + limit)),
      },
      host: {
        hasDriver: async () => true,
        runDriver: async (_caller, _contract, work) => {
          if (this.failures > 0) {
            this.failures -= 1;
            throw new TendrilError('STORE_UNAVAILABLE');
          }
          return work(this.driver as AnalyticsDriver as never, this.call);
        },
      },
      limit: async () => Math.min(this.events.length, this.profiles),
      resolvePeople: async (_tenantId, events) => events.map((event) => this.#personOf(event)),
      recallPeople: async (_tenantId, events) => events.map((event) => this.recalled.get(event.position) ?? this.#personOf(event)),
      timers: this.time,
      random: systemRandom,
      log: quiet,
    };
  }

  #personOf({ identities: { userId } }: LoggedEvent): string | undefined {
    return this.owners.get(userId ?? '') ?? userId;
  }
}

const merged = (from: string, into: string): Partial<LoggedEvent> => ({
  name: 'tendril.profiles.merged',
  kind: 'hub',
  identities: {},
  properties: { from, into },
});

describe('the follower of the log for columnar copies', () => {
  it('gathers what comes, and goes no further than profiles have come', async () => {
    const world = new World();
    const room = world.room();
    await room.start(true);
    for (const user of ['a', 'b', 'c']) await world.add(user);
    world.profiles = 2;
    await world.settle();
    assert.equal(await world.driver.position(), 2);
    world.profiles = Infinity;
    await world.settle();
    assert.equal(await world.driver.position(), 3);
    await room.stop();
  });

  it('commits once for what comes within a while, though there is more after each commit', async () => {
    const world = new World();
    const append = world.driver.append.bind(world.driver);
    let commits = 0;
    world.driver.append = async (batch) => {
      commits += 1;
      await append(batch);
      if (commits < 100) await world.add(`u${commits}`);
    };
    const room = world.room();
    await room.start(true);
    await world.add('a');
    await world.time.advance(5_000);
    assert.ok(commits >= 2 && commits <= 6, `${commits} commits`);
    await world.time.advance(200_000);
    assert.equal(await world.driver.position(), world.events.length);
    await room.stop();
  });

  it('reads the log from where the copy stands when it was lost or is an older one', async () => {
    const world = new World();
    for (let i = 0; i < 12; i += 1) await world.add(`u${i}`);
    const first = world.room();
    await first.start(true);
    await world.settle();
    await first.stop();
    await world.driver.reset();
    const second = world.room();
    await second.start(true);
    await world.settle();
    assert.equal(await world.people(), 12);
    await second.stop();
  });

  it('empties and fills it again when asked to, with the same answers', async () => {
    const world = new World();
    const room = world.room();
    await room.start(true);
    for (const user of ['a', 'b', 'a']) await world.add(user);
    await world.settle();
    await room.rebuild('acme');
    assert.equal(await world.driver.position(), 0);
    await world.settle();
    assert.equal(await world.people(), 2);
    await room.stop();
  });

  it('goes on after a failure of the copy', async () => {
    const world = new World();
    const room = world.room();
    await room.start(true);
    world.failures = 3;
    await world.add('a');
    await world.time.advance(120_000);
    assert.equal(await world.driver.position(), 1);
    await room.stop();
  });

  it('counts merged people once, and twice again after an unmerge, also those whose events were read after the merge', async () => {
    const world = new World();
    const room = world.room();
    await room.start(true);
    await world.add('ann');
    await world.add('bob');
    await world.settle();
    world.owners.set('ann', 'bob');
    await world.add('', merged('ann', 'bob'));
    await world.add('ann');
    await world.settle();
    assert.equal(await world.people(), 1);
    world.owners.delete('ann');
    await world.add('', { ...merged('ann', 'bob'), name: 'tendril.profiles.unmerged' });
    await world.settle();
    assert.equal(await world.people(), 2);
    const { values } = await world.driver.ask({ ask: 'breakdown', events: {}, property: '$app' }, world.call);
    assert.deepEqual(values, [{ value: 'app-1', events: 3, people: 2 }]);
    assert.deepEqual(await world.driver.positionsOf(['ann'], 0, 10), [1, 4]);
    await room.stop();
  });

  it('reads no log for events that are at hand, and asks again for nobody whom others have just asked for', async () => {
    const world = new World();
    const room = world.room();
    world.atHandFrom = 3;
    await room.start(true);
    for (const user of ['a', 'b', 'c', 'd']) await world.add(user);
    world.recalled.set(3, 'a');
    world.profiles = 2;
    await world.settle();
    world.profiles = Infinity;
    await world.add('e');
    await world.settle();
    assert.equal(await world.driver.position(), 5);
    assert.deepEqual(world.reads, [0]);
    assert.deepEqual(await world.driver.positionsOf(['a'], 0, 10), [1, 3]);
    await room.stop();
  });

  for (const [where, isTogether] of [
    ['the same batch', true],
    ['a later batch', false],
  ] as const) {
    it(`files events under the right people when those were taken apart in ${where}, though others were told the former ones`, async () => {
      const world = new World();
      const room = world.room();
      await room.start(true);
      await world.add('ann');
      await world.add('bob');
      world.owners.set('ann', 'bob');
      await world.add('', merged('ann', 'bob'));
      await world.settle();
      world.recalled.set(4, 'bob');
      await world.add('ann');
      if (!isTogether) await world.settle();
      world.owners.delete('ann');
      await world.add('', { ...merged('ann', 'bob'), name: 'tendril.profiles.unmerged' });
      await world.settle();
      assert.deepEqual(await world.driver.positionsOf(['ann'], 0, 10), [1, 4]);
      assert.equal(await world.people(), 2);
      await room.stop();
    });
  }

  it('leaves personal properties out unless the settings of the driver declare them', async () => {
    const world = new World();
    const room = world.room();
    await room.start(true);
    await world.add('a', { properties: { name: 'Declared', email: 'ann@example.invalid', plan: 'team' } });
    await world.settle();
    const { names } = await world.driver.ask({ ask: 'names' }, world.call);
    assert.deepEqual(
      names[0]?.properties.map(({ name }) => name),
      ['name', 'plan'],
    );
    await room.stop();
  });

  it('follows nothing in a process without the role', async () => {
    const world = new World();
    const room = world.room();
    await room.start(false);
    await world.add('a');
    await world.settle();
    assert.equal(room.isOwner(), false);
    assert.equal(await world.driver.position(), 0);
  });
});
