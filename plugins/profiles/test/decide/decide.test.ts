import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { DecideBody, PlaceSchema } from '../../src/gen/manifest.gen.ts';
import { decide, decideForVisitor } from '../../src/decide/decide.ts';
import { createTenant, NOW, reportOf } from './decide-tenant.ts';

const HERO: PlaceSchema = {
  id: 'hero',
  kind: 'page_slot',
  fallback: { headline: 'Welcome' },
  candidates: [
    { id: 'vip', content: { headline: 'Good to see you' }, when: '"vip" in profile.segments' },
    { id: 'pro', content: { headline: 'For professionals' }, when: 'profile.traits.plan == "pro"' },
  ],
};
const ADA = { id: 'p1', userId: 'ada', anonymousId: 'a1', traits: { plan: 'pro' } };

function withCandidates(...candidates: PlaceSchema['candidates']): PlaceSchema {
  return { ...HERO, candidates };
}

describe('profiles.decide', () => {
  it('answers with the first that fits and says in words why, with the values, and why not the earlier ones', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(HERO);
    const answer = await tenant.decide({ userId: 'ada', place: 'hero' });
    assert.deepEqual(
      { ...answer, decision: undefined },
      {
        decision: undefined,
        place: 'hero',
        version: 1,
        candidate: 'pro',
        content: { headline: 'For professionals' },
        isFallback: false,
        reason:
          '"pro": profile.traits.plan == "pro" is met: profile.traits.plan is "pro". Not "vip": "vip" in profile.segments is not met: profile.segments is [].',
        considered: [
          { candidate: 'vip', outcome: 'not_met', why: '"vip" in profile.segments is not met: profile.segments is []' },
          { candidate: 'pro', outcome: 'chosen', why: 'profile.traits.plan == "pro" is met: profile.traits.plan is "pro"' },
        ],
      },
    );
  });

  it('finds the person by id, userId or anonymousId', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(HERO);
    const answers = [{ person: 'p1' }, { userId: 'ada' }, { anonymousId: 'a1' }, { userId: 'not yet', anonymousId: 'a1' }];
    for (const who of answers) assert.equal((await tenant.decide({ ...who, place: 'hero' })).candidate, 'pro');
  });

  it('answers with the fallback when nobody is known, and when nothing fits', async () => {
    const tenant = createTenant([{ id: 'p2', userId: 'bob' }]);
    await tenant.save(HERO);
    const stranger = await tenant.decide({ anonymousId: 'zz', place: 'hero' });
    assert.deepEqual([stranger.isFallback, stranger.candidate, stranger.content], [true, null, { headline: 'Welcome' }]);
    assert.equal(stranger.reason, 'The fallback: nobody is known as anonymousId:zz.');
    const bob = await tenant.decide({ userId: 'bob', place: 'hero' });
    assert.equal(bob.isFallback, true);
    assert.match(bob.reason, /^The fallback, since nothing fits\. "vip": .* not met.*; "pro": .* cannot be told: .*plan` here\.$/);
    assert.deepEqual(
      bob.considered.map(({ outcome }) => outcome),
      ['not_met', 'not_known'],
    );
    assert.equal((await tenant.decide({ person: 'nobody', place: 'hero' })).isFallback, true);
  });

  it('goes on to the next candidate when a rule fails', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(withCandidates({ id: 'odd', content: {}, when: 'profile.traits.plan > 3' }, { id: 'all', content: { a: 1 } }));
    const answer = await tenant.decide({ person: 'p1', place: 'hero' });
    assert.equal(answer.candidate, 'all');
    assert.equal(answer.considered[0]?.outcome, 'failed');
  });

  it('reads what the caller says and the time where the person is', async () => {
    const tenant = createTenant([{ ...ADA, traits: { timezone: 'America/New_York' } }], { tenant: { timeZone: 'Europe/Berlin' } });
    await tenant.save(
      withCandidates(
        { id: 'cart', content: {}, when: 'context.cart.total > 100' },
        { id: 'early', content: {}, when: 'now.hour == 4 && now.minute == 30 && now.weekday == 1 && now.date == "2026-03-02"' },
      ),
    );
    assert.equal((await tenant.decide({ person: 'p1', place: 'hero' })).candidate, 'early');
    assert.equal((await tenant.decide({ person: 'p1', place: 'hero', context: { cart: { total: 200 } } })).candidate, 'cart');
  });

  it('looks at higher priorities first and leaves out what has not begun, is over or is not wanted', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(
      withCandidates(
        { id: 'late', content: {}, priority: 3, startsAt: '2026-03-02T09:30:01Z' },
        { id: 'gone', content: {}, priority: 2, endsAt: '2026-03-02T10:30:00+01:00' },
        { id: 'low', content: {} },
        { id: 'high', content: {}, priority: 1 },
      ),
    );
    const answer = await tenant.decide({ person: 'p1', place: 'hero' });
    assert.deepEqual(
      answer.considered.map(({ candidate, outcome }) => [candidate, outcome]),
      [
        ['late', 'not_begun'],
        ['gone', 'over'],
        ['high', 'chosen'],
      ],
    );
    assert.equal((await tenant.decide({ person: 'p1', place: 'hero', exclude: ['high'] })).candidate, 'low');
    tenant.advance(1_000);
    assert.equal((await tenant.decide({ person: 'p1', place: 'hero' })).candidate, 'late');
  });

  it('answers several places at once, and says which there are not', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(HERO);
    await tenant.save({ ...HERO, id: 'offer' });
    const { decisions } = await tenant.decide({ person: 'p1', places: ['offer', 'none', 'hero'] });
    assert.deepEqual(
      decisions.map(({ place, candidate, isMissing }) => [place, candidate, isMissing]),
      [
        ['offer', 'pro', undefined],
        ['none', null, true],
        ['hero', 'pro', undefined],
      ],
    );
  });

  it('refuses a single place that there is not', async () => {
    const tenant = createTenant([ADA]);
    await assert.rejects(tenant.decide({ person: 'p1', place: 'none' }), (error) => TendrilError.is(error) && error.code === 'NOT_FOUND');
  });

  it('answers with the fallback when the person cannot be read in time', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(HERO);
    const answer = await tenant.run(async (call) => {
      const never = new Promise<never>(() => undefined);
      const table = <Value extends object>(name: string) => {
        const real = call.table<Value>(name);
        return name === 'people' ? { ...real, get: () => never, getMany: () => never } : real;
      };
      return decide({ person: 'p1', place: 'hero', timeoutMs: 5 }, Object.create(call, { table: { value: table } }));
    });
    assert.deepEqual([answer.isFallback, answer.reason], [true, 'The fallback: the person could not be read within 5 ms.']);
  });

  it('names the same decision the same within a minute, and another person’s or a later one otherwise', async () => {
    const tenant = createTenant([ADA, { ...ADA, id: 'p2', userId: 'eve', anonymousId: 'a2' }]);
    await tenant.save(HERO);
    const first = await tenant.decide({ person: 'p1', place: 'hero' });
    assert.match(first.decision, /^hero\.1\.pro\.c\.[0-9a-z]+\.[\w-]{12}$/);
    assert.equal((await tenant.decide({ userId: 'ada', place: 'hero' })).decision, first.decision);
    assert.notEqual((await tenant.decide({ person: 'p2', place: 'hero' })).decision, first.decision);
    tenant.advance(60_000);
    assert.notEqual((await tenant.decide({ person: 'p1', place: 'hero' })).decision, first.decision);
  });

  it('takes a change at once', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(HERO);
    assert.equal((await tenant.decide({ person: 'p1', place: 'hero' })).candidate, 'pro');
    await tenant.save(withCandidates({ id: 'all', content: {} }));
    const answer = await tenant.decide({ person: 'p1', place: 'hero' });
    assert.deepEqual([answer.candidate, answer.version], ['all', 2]);
  });
});

describe('profiles.decide by weight', () => {
  const people = Array.from({ length: 2_000 }, (_, number) => ({ id: `p${String(number)}` }));

  it('gives each its share, and the same person the same, also when another candidate comes', async () => {
    const tenant = createTenant(people);
    const half: PlaceSchema['candidates'] = [
      { id: 'a', content: {}, weight: 3 },
      { id: 'b', content: {}, weight: 1 },
      { id: 'never', content: {}, weight: 0 },
    ];
    await tenant.save({ ...withCandidates(...half), strategy: 'weighted' });
    const before = await chosen();
    const share = before.filter((candidate) => candidate === 'a').length / people.length;
    assert.ok(Math.abs(share - 0.75) < 0.03, String(share));
    assert.ok(!before.includes('never'));
    await tenant.save({ ...withCandidates(...half, { id: 'c', content: {}, weight: 4 }), strategy: 'weighted' });
    const after = await chosen();
    for (const [index, candidate] of after.entries()) assert.ok(candidate === 'c' || candidate === before[index]);

    async function chosen(): Promise<readonly (string | null)[]> {
      return Promise.all(people.map(async ({ id }) => (await tenant.decide({ person: id, place: 'hero' })).candidate));
    }
  });

  it('holds a candidate back from its share of the people, and shows these the fallback', async () => {
    const tenant = createTenant(people);
    await tenant.save(withCandidates({ id: 'a', content: {}, holdoutRatio: 0.2 }, { id: 'b', content: {} }));
    const answers = await Promise.all(people.map(({ id }) => tenant.decide({ person: id, place: 'hero' })));
    const held = answers.filter(({ isFallback }) => isFallback);
    assert.ok(Math.abs(held.length / people.length - 0.2) < 0.03, String(held.length));
    assert.ok(answers.every(({ candidate }) => candidate !== 'b'));
    assert.match(held[0]?.decision ?? '', /^hero\.1\.a\.h\./);
    assert.match(held[0]?.reason ?? '', /^The fallback in place of "a": it is for everybody, but this person is among the 20 %/);
  });
});

describe('POST /plugins/profiles/decide', () => {
  const ask = (tenant: ReturnType<typeof createTenant>, input: DecideBody) =>
    tenant.run((call) => decideForVisitor({ path: '/decide', parameters: {}, query: {}, headers: {}, sender: '203.0.113.1', input }, call));

  it('gives content and nothing of the person', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save(HERO);
    const { body } = await ask(tenant, { anonymousId: 'a1', place: 'hero' });
    assert.deepEqual(Object.keys(body ?? {}).toSorted(), ['candidate', 'content', 'decision', 'isFallback', 'place', 'version']);
    assert.equal(body?.candidate, 'pro');
  });

  it('decides as the action does, whether rules are met, not met, cannot be told or fail', async () => {
    const rules = [
      'profile.traits.plan == "pro"',
      'profile.traits.age > 30',
      'profile.traits.plan > 7',
      '!(profile.traits.nothing == 1)',
      'profile.traits.nothing == 1 || profile.traits.plan == "pro"',
      'has(profile.traits.age) ? profile.traits.age < 50 : true',
      'profile.traits.plan in ["free", "pro"] && size(profile.segments) == 0',
      'profile.traits.tags.exists(tag, tag == "new")',
      'now.hour >= 0',
    ];
    const people = [{}, { plan: 'pro' }, { plan: 7 }, { age: 40, plan: null }, { tags: ['new'] }, { tags: 'new', age: '40' }];
    const tenant = createTenant(
      people.map((traits, n) => ({ id: `p${String(n)}`, userId: `u${String(n)}`, anonymousId: `a${String(n)}`, traits })),
    );
    for (const [n, when] of rules.entries())
      await tenant.save({ ...HERO, id: `place_${String(n)}`, candidates: [{ id: 'a', content: {}, when }] });
    const found = new Set<string | null | undefined>();
    for (const [person, place] of people.flatMap((_, n) => rules.map((_rule, at) => [`a${String(n)}`, `place_${String(at)}`] as const))) {
      const { body } = await ask(tenant, { anonymousId: person, place });
      const { candidate, decision } = await tenant.decide({ anonymousId: person, place });
      assert.deepEqual([body?.candidate, body?.decision], [candidate, decision], `${person} ${place}`);
      found.add(candidate);
    }
    assert.equal(found.size, 2);
  });

  it('does not answer for messages, as if there were none', async () => {
    const tenant = createTenant([ADA]);
    await tenant.save({ ...HERO, kind: 'message' });
    await assert.rejects(
      ask(tenant, { anonymousId: 'a1', place: 'hero' }),
      (error) => TendrilError.is(error) && error.code === 'NOT_FOUND',
    );
    const { body } = await ask(tenant, { anonymousId: 'a1', places: ['hero'] });
    assert.deepEqual(body, { decisions: [{ place: 'hero', candidate: null, content: {}, isFallback: true, isMissing: true }] });
  });
});

describe('limits per person', () => {
  it('count what was shown to the person and to whom was joined to it, in the window', async () => {
    const tenant = createTenant([{ ...ADA, joined: ['p0'] }]);
    await tenant.save(withCandidates({ id: 'a', content: {}, limitPerPerson: { times: 2, within: '7d' } }));
    const ids: string[] = [];
    for (let day = 0; day < 2; day += 1) {
      const { decision, candidate } = await tenant.decide({ person: 'p1', place: 'hero' });
      assert.equal(candidate, 'a');
      ids.push(decision);
      await tenant.report(reportOf('Decision Shown', decision, day === 0 ? 'p0' : 'p1', NOW + day * 86_400_000));
      tenant.advance(86_400_000);
    }
    const answer = await tenant.decide({ person: 'p1', place: 'hero' });
    assert.deepEqual([answer.isFallback, answer.considered[0]?.why], [true, 'it was shown 2 times within 7d']);
    tenant.advance(5 * 86_400_000 + 1);
    assert.equal((await tenant.decide({ person: 'p1', place: 'hero' })).candidate, 'a');
    assert.notEqual(ids[0], ids[1]);
  });
});
