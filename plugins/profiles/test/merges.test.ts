import assert from 'node:assert/strict';
import type { Call, LoggedEvent } from '@tendril/plugin-api';
import { get } from '../src/actions/get.ts';
import { merge } from '../src/actions/merge.ts';
import { merges } from '../src/actions/merges.ts';
import { timeline } from '../src/actions/timeline.ts';
import { unmerge } from '../src/actions/unmerge.ts';
import { applyBatch } from '../src/apply-batch.ts';
import { find } from '../src/actions/find.ts';
import { project } from '../src/consumers/project.ts';
import type { LinksRow, PeopleRow, Settings, TraitHistoryRow } from '../src/gen/manifest.gen.ts';
import { UNMERGE_REQUESTED } from '../src/hub-facts.ts';
import { historyWithMerges, projected, stateOf } from './projection.ts';
import type { createTenant } from './profiles-tenant.ts';
import { eventAt, randomEvents, seeded } from './random-history.ts';

type Tenant = ReturnType<typeof createTenant<Settings>>;

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

describe('merging and separating people', () => {
  for (const seed of SEEDS) {
    it(`gives the same people however the log is cut into batches, history ${String(seed)}`, async () => {
      const events = await historyWithMerges(seed, 150);
      const whole = await stateOf(await projected(events));
      const next = seeded(seed);
      assert.deepEqual(await stateOf(await projected(events, () => 1)), whole);
      assert.deepEqual(await stateOf(await projected(events, () => 1 + next(40))), whole);
    });

    it(`gives each part what its own events alone would have given, history ${String(seed)}`, async () => {
      const events = await historyWithMerges(seed, 150);
      const { tenant, partOfEvent } = await projectedWithParts(events);
      const histories = new Map(
        ((await tenant.rows('trait_history')) as readonly TraitHistoryRow[]).map((row) => [row.person, row.traits]),
      );
      for (const part of partsIn(await tenant.rows('people'))) {
        // Under one identity, so that nothing but these events decides what it is.
        const own = events
          .filter(({ id }) => partOfEvent.get(id) === part.id)
          .map(
            (event) =>
              ({ ...event, identities: { ...event.identities, userId: 'only', anonymousId: undefined } }) as unknown as LoggedEvent,
          )
          .map((event) => ({ ...event, context: {}, kind: event.kind === 'alias' ? ('identify' as const) : event.kind }));
        const alone = await projected(own);
        const [expected] = partsIn(await alone.rows('people'));
        assert.deepEqual(part.traits, expected?.traits);
        assert.deepEqual(part.groups, expected?.groups);
        assert.equal(part.firstSeenAt, expected?.firstSeenAt);
        assert.equal(part.lastSeenAt, expected?.lastSeenAt);
        const [history] = (await alone.rows('trait_history')) as readonly TraitHistoryRow[];
        assert.deepEqual(histories.get(part.id), history?.traits);
      }
    });

    it(`leaves nobody lost and nobody twice, history ${String(seed)}`, async () => {
      const tenant = await projected(await historyWithMerges(seed, 150), () => 9);
      await assertSound(tenant);
    });
  }

  it('gives everybody back when all merges are undone, with what they were', async () => {
    for (const seed of SEEDS) {
      const events = [...randomEvents(seed, 120)];
      const tenant = await projected(events, () => 11);
      const before = partsIn(await tenant.rows('people'));
      for (;;) {
        const link = ((await tenant.rows('links')) as readonly LinksRow[]).find(({ isUndone }) => !isUndone);
        if (link === undefined) break;
        const event = eventAt(events.length + 1, { kind: 'hub', name: UNMERGE_REQUESTED, properties: { link: link.id } });
        events.push(event);
        await tenant.run((call) => project([event], call));
      }
      const people = ((await tenant.rows('people')) as readonly PeopleRow[]).filter(({ state }) => state === 'active');
      for (const { id, parts } of people) assert.deepEqual([parts.length, parts[0]?.id], [1, id]);
      const withoutApart = (parts: PeopleRow['parts']) =>
        parts.map(({ apart: _, ...part }) => part).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      assert.deepEqual(withoutApart(people.flatMap(({ parts }) => parts)), withoutApart(before));
      await assertSound(tenant);
    }
  });
});

describe('profiles.merge and profiles.unmerge', () => {
  it('ask for a merge as a fact, which followers hear of, and undo it', async () => {
    const { tenant, ada, bob } = await twoPeople();
    const asked = await tenant.run((call) => merge({ into: ada, from: bob, reason: 'one person' }, call));
    assert.equal(asked.isVisible, false);
    await replyTo(tenant, 3);
    const person = await tenant.run((call) => get({ id: bob }, call));
    assert.equal(person.id, ada);
    assert.deepEqual(person.aliases, [ada, bob]);
    assert.deepEqual(person.traits, { plan: 'pro', city: 'Ulm', email: 'bob@x.invalid' });
    assert.deepEqual(tenant.emitted.at(-1), {
      name: 'tendril.profiles.merged',
      discriminator: asked.link,
      properties: { into: ada, from: bob, reason: 'person', link: asked.link, intoPart: ada, fromPart: bob },
      identities: { userId: 'ada' },
    });
    // The same call once more, as after a crash.
    const again = await tenant.run((call) => merge({ into: ada, from: bob, reason: 'one person' }, call));
    assert.deepEqual(again, { ...asked, isVisible: true, position: 3 });
    // And by others, who do not know of it: the wish is fulfilled.
    const emitted = tenant.emitted.length;
    for (const [into, from] of [
      [ada, bob],
      [bob, ada],
    ] as const)
      assert.deepEqual(await tenant.run((call) => merge({ into, from }, anotherCall(call))), { ...again, isChanged: false });
    const { link, isChanged } = await tenant.run((call) => merge({ into: ada, from: ada }, anotherCall(call)));
    assert.deepEqual([link, isChanged, tenant.emitted.length], [undefined, false, emitted]);

    const { items } = await tenant.run((call) => merges({ id: ada }, call));
    assert.equal(items[0]?.evidence, 'one person');
    assert.deepEqual(items[0].undoing?.leaving.traits, { email: 'bob@x.invalid', plan: 'pro' });
    await tenant.run((call) => unmerge({ person: bob }, call));
    await replyTo(tenant, 4);
    assert.deepEqual((await tenant.run((call) => get({ id: bob }, call))).traits, { email: 'bob@x.invalid', plan: 'pro' });
    assert.deepEqual((await tenant.run((call) => get({ id: ada }, call))).traits, { plan: 'free', city: 'Ulm' });
    assert.equal(tenant.emitted.at(-1)?.name, 'tendril.profiles.unmerged');
    assert.deepEqual(await tenant.run((call) => unmerge({ link: asked.link ?? '' }, call)), {
      link: asked.link,
      isChanged: false,
      isVisible: true,
      position: 4,
    });
    assert.deepEqual(
      (await tenant.run((call) => merges({ id: ada }, call))).items.map(({ isUndone, undoing }) => [isUndone, undoing]),
      [[true, undefined]],
    );
  });

  it('undo one merge for one call, however often it is delivered, and nothing for whom was parted before', async () => {
    const tenant = await projected(
      ['ada', 'bob', 'eve'].map((userId, index) => eventAt(index + 1, { kind: 'identify', identities: { userId } })),
    );
    const [ada = '', bob = '', eve = ''] = await Promise.all(['ada', 'bob', 'eve'].map((userId) => idOf(tenant, { userId })));
    const { link: first } = await tenant.run((call) => merge({ into: ada, from: bob }, call));
    await replyTo(tenant, 4);
    const { link: second } = await tenant.run((call) => merge({ into: ada, from: eve }, call));
    await replyTo(tenant, 5);
    const undo = (person: string) => tenant.run((call) => unmerge({ person }, call));
    assert.equal((await undo(ada)).link, second);
    await replyTo(tenant, 6);
    // The same call once more, as after a crash: not the merge before it.
    const again = await undo(ada);
    assert.deepEqual([again.link, again.isChanged], [second, false]);
    assert.equal((await tenant.run((call) => get({ id: bob }, call))).id, ada);
    const parted = await tenant.run((call) => unmerge({ person: eve }, anotherCall(call)));
    assert.deepEqual([parted.link, parted.isChanged], [second, false]);
    const other = await tenant.run((call) => unmerge({ person: ada }, anotherCall(call)));
    assert.deepEqual([other.link, other.isChanged], [first, true]);
  });

  it('keeps those apart whom a person separated, whatever says the same as before, until an alias names both', async () => {
    const login = (position: number): LoggedEvent =>
      eventAt(position, { kind: 'identify', identities: { userId: 'ada', anonymousId: 'a1' } });
    const tenant = await projected([
      eventAt(1, { kind: 'identify', identities: { anonymousId: 'a1' }, traits: { city: 'Ulm' } }),
      eventAt(2, { kind: 'identify', identities: { userId: 'ada' } }),
      login(3),
    ]);
    const device = (await tenant.rows('links')) as readonly LinksRow[];
    await tenant.run((call) => unmerge({ link: device[0]?.id ?? '' }, call));
    await replyTo(tenant, 4);
    await tenant.run((call) => project([login(5)], call));
    const [ada, a1] = [await idOf(tenant, { userId: 'ada' }), await idOf(tenant, { anonymousId: 'a1' })];
    assert.notEqual(ada, a1);
    await tenant.run((call) => project([eventAt(6, { kind: 'alias', identities: { userId: 'ada', previousId: 'a1' } })], call));
    assert.equal(await idOf(tenant, { anonymousId: 'a1' }), ada);
  });

  it('refuses who is nobody, and what was never merged', async () => {
    const { tenant, ada } = await twoPeople();
    for (const [code, attempt] of [
      ['NOT_FOUND', () => tenant.run((call) => merge({ into: ada, from: 'nobody' }, call))],
      ['INPUT_INVALID', () => tenant.run((call) => unmerge({ person: ada }, call))],
      ['NOT_FOUND', () => tenant.run((call) => unmerge({ link: 'none' }, call))],
    ] as const) {
      await assert.rejects(attempt, { code });
    }
  });

  it('shows in the timeline what each event changed', async () => {
    const tenant = await projected([
      eventAt(1, { kind: 'page', identities: { anonymousId: 'a1' } }),
      eventAt(2, { kind: 'identify', identities: { userId: 'ada' }, traits: { plan: 'free' } }),
      eventAt(3, { kind: 'identify', identities: { userId: 'ada', anonymousId: 'a1' }, traits: { plan: 'pro' } }),
    ]);
    const id = await idOf(tenant, { userId: 'ada' });
    const { items } = await tenant.run((call) => timeline({ id }, call));
    assert.deepEqual(
      items[0]?.changes?.map(({ kind, trait, before, value, reason }) => ({ kind, trait, before, value, reason })),
      [
        { kind: 'trait', trait: 'plan', before: 'free', value: 'pro', reason: undefined },
        { kind: 'merged', trait: undefined, before: undefined, value: undefined, reason: 'identify' },
      ],
    );
    assert.equal(items[2]?.changes, undefined);
  });

  it('shows in the timeline what a person joined and parted, while they are one and afterwards', async () => {
    const log: LoggedEvent[] = [
      eventAt(1, { kind: 'identify', identities: { userId: 'ada' } }),
      eventAt(2, { kind: 'identify', identities: { userId: 'bob' } }),
    ];
    const tenant = await projected(log);
    const [ada, bob] = [await idOf(tenant, { userId: 'ada' }), await idOf(tenant, { userId: 'bob' })];
    const joinedAndParted = async (): Promise<readonly unknown[]> => {
      const { name = '', properties = {}, identities = {} } = tenant.emitted.at(-1) ?? {};
      log.push(eventAt(log.length + 10, { kind: 'hub', name, properties, identities }));
      const { items } = await tenant.run((call) => timeline({ id: ada }, call));
      return items.flatMap(({ changes = [] }) => changes.map(({ kind, person, reason }) => [kind, person, reason]));
    };
    const { link } = await tenant.run((call) => merge({ into: ada, from: bob }, call));
    await replyTo(tenant, 3);
    assert.deepEqual(await joinedAndParted(), [['merged', bob, 'person']]);
    await tenant.run((call) => unmerge({ link: link ?? '' }, call));
    await replyTo(tenant, 4);
    assert.deepEqual(await joinedAndParted(), [
      ['unmerged', bob, 'person'],
      ['merged', bob, 'person'],
    ]);
  });
});

/** The same tenant, asked by somebody else. */
function anotherCall(call: Call<Settings>): Call<Settings> {
  return Object.create(call, { idempotencyKey: { value: 'another' } }) as Call<Settings>;
}

async function twoPeople() {
  const tenant = await projected([
    eventAt(1, { kind: 'identify', identities: { userId: 'ada' }, traits: { plan: 'free', city: 'Ulm' } }),
    eventAt(2, { kind: 'identify', identities: { userId: 'bob' }, traits: { plan: 'pro', email: 'bob@x.invalid' } }),
  ]);
  return { tenant, ada: await idOf(tenant, { userId: 'ada' }), bob: await idOf(tenant, { userId: 'bob' }) };
}

async function idOf(tenant: Tenant, input: Parameters<typeof find>[0]): Promise<string> {
  return (await tenant.run((call) => find(input, call))).person?.id ?? '';
}

/** What was emitted last comes back from the log. */
async function replyTo(tenant: Tenant, position: number): Promise<void> {
  const { name = '', properties = {} } = tenant.emitted.at(-1) ?? {};
  await tenant.run((call) => project([eventAt(position, { kind: 'hub', name, properties })], call));
}

async function projectedWithParts(events: readonly LoggedEvent[]) {
  const partOfEvent = new Map<string, string>();
  const tenant = await projected([]);
  for (const event of events) {
    await tenant.run(async (call) => {
      const outcome = await applyBatch([event], call);
      for (const { part } of outcome.handled) partOfEvent.set(event.id, part.id);
      outcome.groups.write(outcome.graph);
      await outcome.graph.write();
    });
  }
  return { tenant, partOfEvent };
}

function partsIn(people: readonly object[]): PeopleRow['parts'] {
  return (people as readonly PeopleRow[]).flatMap(({ parts }) => parts);
}

/** Every part is of one person, tombstones lead to the person of their part, identities agree with the parts. */
async function assertSound(tenant: Tenant): Promise<void> {
  const people = (await tenant.rows('people')) as readonly PeopleRow[];
  const owners = new Map<string, string>();
  for (const { id, parts, links = [] } of people) {
    if (parts.length > 0) assert.equal(links.length, parts.length - 1, 'links of a person are a tree');
    for (const part of parts) {
      assert.ok(!owners.has(part.id), 'a part is of one person');
      owners.set(part.id, id);
    }
  }
  for (const { id, state, mergedInto, parts } of people) {
    if (state === 'merged') assert.equal(mergedInto, owners.get(id));
    else assert.ok(parts.some((part) => part.id === id));
  }
  for (const row of (await tenant.rows('identities')) as readonly { identity: string; part: string; person: string }[]) {
    assert.equal(row.person, owners.get(row.part), row.identity);
  }
  const members = new Set(
    ((await tenant.rows('group_members')) as readonly { person: string; group: string }[]).map((row) => `${row.person}/${row.group}`),
  );
  const expected = new Set(people.flatMap(({ id, parts }) => parts.flatMap(({ groups }) => groups.map((group) => `${id}/${group}`))));
  assert.deepEqual(members, expected);
}
