import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { PlaceSchema } from '../../src/gen/manifest.gen.ts';
import { placeDelete, placeGet, placeList } from '../../src/decide/place-actions.ts';
import { placePreview } from '../../src/decide/place-preview.ts';
import { createTenant } from './decide-tenant.ts';

const OFFER: PlaceSchema = {
  id: 'offer',
  title: 'Offer',
  kind: 'offer',
  fallback: {},
  candidates: [{ id: 'a', content: { percent: 10 } }],
};

async function codeOf(work: Promise<unknown>): Promise<{ readonly code: string; readonly details: Record<string, unknown> }> {
  try {
    await work;
  } catch (error) {
    if (TendrilError.is(error)) return { code: error.code, details: error.details };
  }
  throw new Error('it was not refused');
}

describe('profiles.place_save', () => {
  it('counts versions, and leaves alone what is the same, however its fields are ordered', async () => {
    const tenant = createTenant();
    assert.deepEqual(await tenant.save(OFFER), { id: 'offer', title: 'Offer', kind: 'offer', version: 1, candidates: 1, isChanged: true });
    const { candidates, fallback, kind, title, id } = OFFER;
    assert.deepEqual(await tenant.save({ candidates, fallback, kind, title: title ?? '', id }), {
      id: 'offer',
      title: 'Offer',
      kind: 'offer',
      version: 1,
      candidates: 1,
      isChanged: false,
    });
    assert.equal((await tenant.save({ ...OFFER, title: 'New' })).version, 2);
  });

  it('says everything that is wrong at once, and where a rule is', async () => {
    const tenant = createTenant();
    const { code, details } = await codeOf(
      tenant.save({
        ...OFFER,
        fallback: { text: 'x'.repeat(17_000) },
        candidates: [
          { id: 'a', content: {}, when: 'profile.traits.plan ==' },
          { id: 'a', content: {}, when: 'profil.traits.plan == "pro"', startsAt: '2026-03-02T00:00:00Z', endsAt: '2026-03-01' },
          { id: 'b', content: {}, when: 'size(profile.segments)', startsAt: 'tomorrow' },
          { id: 'c', content: {}, when: 'context.hour > 3 && now.hours > 3 && profile.isIdentified' },
        ],
      }),
    );
    assert.equal(code, 'INPUT_INVALID');
    const problems = details['problems'] as readonly {
      pointer: string;
      message: string;
      start?: number;
      end?: number;
      suggestion?: string;
    }[];
    assert.deepEqual(problems.map(({ pointer }) => pointer).toSorted(), [
      '/candidates/0/when',
      '/candidates/1/endsAt',
      '/candidates/1/id',
      '/candidates/1/when',
      '/candidates/2/startsAt',
      '/candidates/2/when',
      '/candidates/3/when',
      '/fallback',
    ]);
    const unknown = problems.find(({ pointer }) => pointer === '/candidates/1/when');
    assert.deepEqual([unknown?.start, unknown?.end, unknown?.suggestion], [0, 6, 'profile']);
    const misspelt = problems.find(({ pointer }) => pointer === '/candidates/3/when');
    assert.deepEqual([misspelt?.start, misspelt?.end, misspelt?.suggestion], [20, 29, 'now.hour']);
  });

  it('refuses an edit of a version that is no longer in force', async () => {
    const tenant = createTenant();
    await tenant.save(OFFER, 0);
    await tenant.save({ ...OFFER, title: 'New' }, 1);
    const { code, details } = await codeOf(tenant.save({ ...OFFER, title: 'Other' }, 1));
    assert.deepEqual([code, details['field'], details['version']], ['INPUT_INVALID', 'basedOn', 2]);
  });

  it('keeps the last 20 versions', async () => {
    const tenant = createTenant();
    for (let version = 1; version <= 22; version += 1) await tenant.save({ ...OFFER, title: `Title ${String(version)}` });
    const former = await tenant.run((call) => placeGet({ id: 'offer', version: 3 }, call));
    assert.deepEqual([former.place.title, former.currentVersion], ['Title 3', 22]);
    assert.equal((await codeOf(tenant.run((call) => placeGet({ id: 'offer', version: 2 }, call)))).code, 'NOT_FOUND');
  });
});

describe('profiles.place_delete', () => {
  it('takes a place away; the same name goes on counting versions', async () => {
    const tenant = createTenant();
    await tenant.save(OFFER);
    assert.deepEqual(await tenant.run((call) => placeDelete({ id: 'offer' }, call)), { isDeleted: true });
    assert.deepEqual(await tenant.run((call) => placeDelete({ id: 'offer' }, call)), { isDeleted: false });
    assert.deepEqual(await tenant.run((call) => placeList({}, call)), { items: [] });
    assert.equal((await codeOf(tenant.decide({ person: 'p1', place: 'offer' }))).code, 'NOT_FOUND');
    assert.deepEqual([(await tenant.save(OFFER, 0)).version, (await tenant.save(OFFER)).isChanged], [2, false]);
  });
});

describe('profiles.place_preview', () => {
  const when = '"buyers" in profile.segments && context.page == "/"';
  const draft: PlaceSchema = {
    ...OFFER,
    candidates: [{ id: 'a', content: { percent: 10 }, when, limitPerPerson: { times: 1, within: '1d' } }],
  };

  it('says what is wrong with a place, as a save would, and saves nothing', async () => {
    const tenant = createTenant();
    const place = { ...OFFER, candidates: [{ id: 'a', content: {}, when: 'profil.isIdentified' }] };
    const { problems, decision } = await tenant.run((call) => placePreview({ place, person: 'p1' }, call));
    assert.deepEqual(
      problems.map(({ pointer, start, end, suggestion }) => [pointer, start, end, suggestion]),
      [['/candidates/0/when', 0, 6, 'profile']],
    );
    assert.equal(decision, undefined);
    assert.deepEqual(await tenant.run((call) => placePreview({ place: draft }, call)), { problems: [] });
    assert.deepEqual((await tenant.run((call) => placeList({}, call))).items, []);
  });

  it('decides for a person as the place would once it is saved, whatever is in force', async () => {
    const tenant = createTenant([{ id: 'p1', segments: ['buyers'] }, { id: 'p2' }]);
    await tenant.save({ ...OFFER, candidates: [] });
    const ask = async (person: string, context = {}) =>
      (await tenant.run((call) => placePreview({ place: draft, person, context }, call))).decision;
    const shown = await ask('p1', { page: '/' });
    assert.deepEqual([shown?.candidate, shown?.content, shown?.isFallback], ['a', { percent: 10 }, false]);
    assert.deepEqual(
      [await ask('p1'), await ask('p2', { page: '/' })].map((decision) => [decision?.candidate, decision?.considered[0]?.outcome]),
      [
        [null, 'not_known'],
        [null, 'not_met'],
      ],
    );
    assert.match((await ask('nobody'))?.reason ?? '', /nobody is known as nobody/);
  });
});
