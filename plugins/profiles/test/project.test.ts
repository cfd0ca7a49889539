import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { EventKind, Identities, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { audience } from '../src/actions/audience.ts';
import { count } from '../src/actions/count.ts';
import { find } from '../src/actions/find.ts';
import { getMany } from '../src/actions/get-many.ts';
import { get } from '../src/actions/get.ts';
import { history } from '../src/actions/history.ts';
import { list } from '../src/actions/list.ts';
import { resolve } from '../src/actions/resolve.ts';
import { timeline } from '../src/actions/timeline.ts';
import { project } from '../src/consumers/project.ts';
import type { Settings } from '../src/gen/manifest.gen.ts';
import { createTenant } from './profiles-tenant.ts';

let position = 0;
const START = Date.UTC(2026, 0, 1);

function event(kind: EventKind, identities: Identities, traits: JsonObject = {}, minute = position): LoggedEvent {
  position += 1;
  return {
    id: `m${position}`,
    position,
    kind,
    name: kind === 'track' ? 'Something Done' : `$${kind}`,
    appId: 'app',
    isTest: false,
    occurredAt: START + minute * 60_000,
    receivedAt: START + minute * 60_000,
    identities,
    properties: {},
    traits,
    context: {},
    isImported: false,
    hops: 0,
  };
}

async function after(events: readonly LoggedEvent[], settings: Settings = {}, batchSize = events.length) {
  const tenant = createTenant<Settings>(settings, events);
  for (let from = 0; from < events.length; from += batchSize)
    await tenant.run((call) => project(events.slice(from, from + batchSize), call));
  return {
    ...tenant,
    find: async (input: { userId?: string; anonymousId?: string; email?: string }) =>
      (await tenant.run((call) => find(input, call))).person,
    people: async () => (await tenant.run((call) => list({}, call))).items,
  };
}

describe('profiles.project', () => {
  beforeEach(() => {
    position = 0;
  });

  for (const batchSize of [1, 2, 100]) {
    describe(`in batches of ${batchSize}`, () => {
      it('joins what an anonymous person did to the known one', async () => {
        const hub = await after(
          [
            event('page', { anonymousId: 'a1' }),
            event('identify', { anonymousId: 'a1', userId: 'u1' }, { plan: 'pro' }),
            event('track', { userId: 'u1' }),
          ],
          {},
          batchSize,
        );
        const people = await hub.people();
        assert.equal(people.length, 1);
        assert.deepEqual(people[0]?.identities, ['anonymousId:a1', 'userId:u1']);
        assert.deepEqual(people[0].traits, { plan: 'pro' });
        assert.equal(people[0].firstSeenAt, new Date(START).toISOString());
        assert.equal((await hub.find({ anonymousId: 'a1' }))?.id, (await hub.find({ userId: 'u1' }))?.id);
      });

      it('merges an anonymous profile into the known one and leaves a tombstone that leads there', async () => {
        const events = [
          event('identify', { userId: 'u1' }, { plan: 'free' }),
          event('identify', { anonymousId: 'a1' }, { city: 'Ulm' }),
          event('identify', { anonymousId: 'a1', userId: 'u1' }, { plan: 'pro' }),
        ];
        const before = await after(events.slice(0, 2), {}, batchSize);
        const loser = (await before.find({ anonymousId: 'a1' }))?.id ?? '';
        const hub = await after(events, {}, batchSize);
        const person = await hub.run((call) => get({ id: loser }, call));
        assert.deepEqual(person.traits, { plan: 'pro', city: 'Ulm' });
        assert.equal((await hub.people()).length, 1);
        assert.deepEqual(await hub.run((call) => count({}, call)), { count: 1 });
        assert.notEqual(person.id, loser);
        const { people } = await hub.run((call) => getMany({ ids: [loser, 'nobody', person.id, loser] }, call));
        assert.deepEqual(people, [person, null, person, person]);
      });

      it('keeps two users apart who share a device or an e-mail address', async () => {
        const hub = await after(
          [
            event('identify', { userId: 'u1', anonymousId: 'a1' }, { email: 'A@x.invalid' }),
            event('identify', { userId: 'u2', anonymousId: 'a1' }, { email: 'a@x.invalid' }),
            event('track', { userId: 'u2', anonymousId: 'a1' }),
          ],
          {},
          batchSize,
        );
        const first = await hub.find({ userId: 'u1' });
        const second = await hub.find({ userId: 'u2' });
        assert.notEqual(first?.id, second?.id);
        assert.equal((await hub.find({ email: 'a@X.invalid ' }))?.id, first?.id);
        assert.equal((await hub.find({ anonymousId: 'a1' }))?.id, first?.id);
        assert.deepEqual(second?.traits, { email: 'a@x.invalid' });
      });

      it('merges two users when an alias names both, and joins an id that was never seen', async () => {
        const hub = await after(
          [
            event('identify', { userId: 'old' }, { plan: 'free', city: 'Ulm' }),
            event('identify', { userId: 'new' }, { plan: 'pro' }),
            event('alias', { userId: 'new', previousId: 'old' }),
            event('alias', { userId: 'third', previousId: 'never' }),
            event('track', { anonymousId: 'never' }),
          ],
          {},
          batchSize,
        );
        assert.equal((await hub.find({ userId: 'old' }))?.id, (await hub.find({ userId: 'new' }))?.id);
        assert.deepEqual((await hub.find({ userId: 'old' }))?.traits, { plan: 'pro', city: 'Ulm' });
        assert.equal((await hub.find({ anonymousId: 'never' }))?.id, (await hub.find({ userId: 'third' }))?.id);
        assert.equal((await hub.people()).length, 2);
      });

      it('does not merge two users through the id of a device that both were aliased from', async () => {
        const hub = await after(
          [
            event('page', { anonymousId: 'shared' }),
            event('alias', { userId: 'u1', previousId: 'shared' }),
            event('alias', { userId: 'u2', previousId: 'shared' }),
          ],
          {},
          batchSize,
        );
        assert.notEqual((await hub.find({ userId: 'u1' }))?.id, (await hub.find({ userId: 'u2' }))?.id);
      });

      it('attaches somebody without a userId to the profile with the same e-mail address', async () => {
        const hub = await after(
          [
            event('identify', { userId: 'u1' }, { email: 'a@x.invalid' }),
            event('page', { anonymousId: 'a9' }),
            event('identify', { anonymousId: 'a9' }, { email: 'A@X.invalid' }),
          ],
          {},
          batchSize,
        );
        assert.equal((await hub.find({ anonymousId: 'a9' }))?.id, (await hub.find({ userId: 'u1' }))?.id);
        assert.equal((await hub.people()).length, 1);
      });
    });
  }

  it('comes to the same people and ids however the log is cut into batches', async () => {
    const events = mixed(400);
    const states = [];
    for (const batchSize of [1, 7, 400]) states.push(await (await after(events, {}, batchSize)).people());
    assert.deepEqual(states[0], states[1]);
    assert.deepEqual(states[0], states[2]);
  });

  it('lets the last statement by time win, in whatever order statements come', async () => {
    const events = [0, 1, 2, 3, 4].map((minute) =>
      event('identify', { userId: 'u1' }, { plan: ['free', 'pro', 'free', 'team', 'team'][minute] ?? '' }, minute),
    );
    for (const order of [
      [0, 1, 2, 3, 4],
      [4, 3, 2, 1, 0],
      [2, 4, 0, 3, 1],
      [1, 0, 4, 2, 3],
    ]) {
      const shuffled = order.map((index, place) => ({ ...(events[index] ?? event('track', {})), position: place + 1 }));
      const hub = await after(shuffled, {}, 2);
      const id = (await hub.find({ userId: 'u1' }))?.id ?? '';
      const { traits } = await hub.run((call) => history({ id }, call));
      assert.deepEqual(
        traits['plan']?.map(({ value }) => value),
        ['free', 'pro', 'free', 'team'],
      );
      assert.equal(traits['plan'].at(-1)?.since, new Date(START + 180_000).toISOString());
      assert.equal(traits['plan'].at(-1)?.until, new Date(START + 240_000).toISOString());
    }
  });

  it('keeps as many former values as the setting says', async () => {
    const events = Array.from({ length: 30 }, (_, index) => event('identify', { userId: 'u1' }, { step: index }));
    const hub = await after(events, { historyPerTrait: 5 }, 3);
    const id = (await hub.find({ userId: 'u1' }))?.id ?? '';
    assert.deepEqual(
      (await hub.run((call) => history({ id, trait: 'step' }, call))).traits['step']?.map(({ value }) => value),
      [24, 25, 26, 27, 28, 29],
    );
  });

  it('remembers groups, and keeps their traits out of the person', async () => {
    const hub = await after([event('group', { userId: 'u1', groupId: 'g1' }, { name: 'Acme', email: 'sales@acme.invalid' })]);
    const person = await hub.find({ userId: 'u1' });
    assert.deepEqual(person?.groups, ['g1']);
    assert.deepEqual(person.traits, {});
    assert.equal(await hub.find({ email: 'sales@acme.invalid' }), null);
  });

  it('takes names of prototypes and very long ids like any other', async () => {
    const userId = 'x'.repeat(900);
    const traits = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": "a"}') as JsonObject;
    const hub = await after([event('identify', { userId }, traits), event('track', { userId })], {}, 1);
    const person = await hub.find({ userId });
    assert.deepEqual(Object.keys(person?.traits ?? {}).sort(), ['__proto__', 'constructor', 'toString']);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.deepEqual(person?.identities, [`userId:${userId}`]);
  });

  it('asks the store once for identities and once for people a batch, and ignores what the hub reports', async () => {
    const hub = await after([...mixed(300), event('hub', { userId: 'nobody' })], {}, 301);
    assert.deepEqual(hub.reads, ['identities']);
    await hub.run((call) => project(mixed(300), call));
    assert.deepEqual(hub.reads.toSorted(), ['identities', 'identities', 'people', 'trait_history']);
    assert.equal(await hub.find({ userId: 'nobody' }), null);
  });

  it('stops joining devices to a person with too many of them', async () => {
    const hub = await after(
      Array.from({ length: 10 }, (_, index) => event('track', { userId: 'u1', anonymousId: `a${index}` })),
      { maxIdentities: 4 },
      3,
    );
    assert.equal((await hub.find({ userId: 'u1' }))?.identities.length, 4);
  });
});

describe('profiles.resolve and profiles.timeline', () => {
  it('answers in the order of the question, best identity first', async () => {
    const hub = await after([
      event('identify', { userId: 'u1', anonymousId: 'a1' }, { email: 'a@x.invalid' }),
      event('identify', { userId: 'u2' }),
    ]);
    const first = (await hub.find({ userId: 'u1' }))?.id ?? null;
    const second = (await hub.find({ userId: 'u2' }))?.id ?? null;
    const { ids } = await hub.run((call) =>
      resolve(
        {
          people: [
            { userId: 'u2', anonymousId: 'a1' },
            { userId: 'new', anonymousId: 'a1' },
            { email: 'A@x.invalid' },
            {},
            { userId: 'new' },
          ],
        },
        call,
      ),
    );
    assert.deepEqual(ids, [second, first, first, null, null]);
  });

  it('shows events under all identities and says when there is nobody', async () => {
    const hub = await after([
      event('page', { anonymousId: 'a1' }),
      event('identify', { userId: 'u1', anonymousId: 'a1' }),
      event('track', { userId: 'u1' }),
    ]);
    const id = (await hub.find({ userId: 'u1' }))?.id ?? '';
    assert.deepEqual(
      (await hub.run((call) => timeline({ id }, call))).items.map(({ position: place }) => place),
      [6, 5, 4].map((place) => place + (position - 6)),
    );
    await assert.rejects(
      hub.run((call) => get({ id: 'nobody' }, call)),
      { code: 'NOT_FOUND' },
    );
  });
});

/** Events of 40 people with devices, logins and addresses, always the same. */
function mixed(count: number): readonly LoggedEvent[] {
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  return Array.from({ length: count }, () => {
    const person = next(40);
    const anonymousId = `a${person}-${next(3)}`;
    const kind = (['track', 'page', 'identify', 'identify'] as const)[next(4)] ?? 'track';
    const isKnown = next(3) === 0;
    return event(
      kind,
      isKnown ? { userId: `u${person}`, anonymousId } : { anonymousId },
      kind === 'identify' ? { score: next(5), ...(next(4) === 0 ? { email: `p${person}@x.invalid` } : {}) } : {},
    );
  });
}

describe('profiles.audience', () => {
  it('gives everybody once, page by page, also when somebody is seen meanwhile, and merged people not at all', async () => {
    const events = ['a', 'b', 'c', 'd', 'e'].map((userId) => event('identify', { userId }));
    const tenant = await after([...events, event('track', { anonymousId: 'x' }), event('identify', { userId: 'a', anonymousId: 'x' })]);
    const ids: string[] = [];
    const first = await tenant.run((call) => audience({ limit: 2 }, call));
    assert.equal(first.total, 5);
    ids.push(...first.people);
    for (let { nextCursor: cursor } = first; cursor !== undefined;) {
      await tenant.run((call) => project([event('track', { userId: 'e' })], call));
      const page = await tenant.run((call) => audience({ limit: 2, ...(cursor === undefined ? {} : { cursor }) }, call));
      assert.equal(page.total, undefined);
      ids.push(...page.people);
      cursor = page.nextCursor;
    }
    assert.equal(ids.length, 5);
    assert.equal(new Set(ids).size, 5);
  });

  it('knows no segments', async () => {
    const tenant = await after([event('identify', { userId: 'a' })]);
    await assert.rejects(
      tenant.run((call) => audience({ segment: 'vip' }, call)),
      (error) => TendrilError.is(error) && error.code === 'NOT_FOUND',
    );
  });
});
