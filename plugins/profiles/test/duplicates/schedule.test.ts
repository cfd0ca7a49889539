import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Call, JsonObject } from '@tendril/plugin-api';
import { findDuplicates } from '../../src/actions/find-duplicates.ts';
import { linkRecords } from '../../src/duplicates/index.ts';
import { duplicateSettings } from '../../src/duplicates/settings.ts';
import type { DuplicateModelsRow, DuplicateWalksRow, Settings } from '../../src/gen/manifest.gen.ts';
import { duplicates as listDuplicates } from '../../src/actions/duplicates.ts';
import { compareImported } from '../../src/schedules/compare-imported.ts';
import { duplicates } from '../../src/schedules/duplicates.ts';
import { createWorld } from './duplicates-world.ts';

const NAMES = 'ada grace alan edsger barbara donald frances john margaret niklaus radia tony'.split(' ');

function digestNumber(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}

/** So many people, each tenth of them there twice with a slip in the surname. */
function crowd(count: number): Readonly<Record<string, JsonObject>> {
  const people: Record<string, JsonObject> = {};
  for (let place = 0; place < count; place += 1) {
    const draw = (field: string, limit: number): number => digestNumber(`${place}:${field}`) % limit;
    const lastName = digestNumber(`surname ${draw('surname', 5_000)}`)
      .toString(36)
      .replaceAll(/\d/g, 'e');
    const person = {
      firstName: NAMES[draw('name', NAMES.length)] ?? '',
      lastName,
      birthday: `${1940 + draw('year', 60)}-0${1 + draw('month', 9)}-1${draw('day', 10)}`,
      address: { postalCode: String(10_000 + draw('postcode', 500)) },
    };
    people[`anonymous${place}`] = person;
    if (place % 10 === 0) people[`anonymous${place}again`] = { ...person, lastName: `${lastName}a` };
  }
  return people;
}

describe('profiles.duplicates on schedule', () => {
  it('learns a model from enough people, and looks at everybody by it', async () => {
    const world = createWorld();
    const people = crowd(150);
    await world.identify(people);
    await world.act(duplicates);
    const [learnt] = (await world.rows('duplicate_models')) as readonly DuplicateModelsRow[];
    assert.equal(learnt?.people, Object.keys(people).length);
    assert.ok(learnt.model.duplicatesPerPerson > 0.05 && learnt.model.duplicatesPerPerson < 0.15, String(learnt.model.duplicatesPerPerson));
    assert.deepEqual(
      ((await world.rows('duplicate_walks')) as readonly DuplicateWalksRow[]).map(({ isDone }) => isDone),
      [true],
    );
    const open = (await world.pairs()).filter(({ state }) => state === 'open');
    assert.equal(open.length, 15);

    const rows = [await world.rows('duplicate_models'), await world.pairs()];
    await world.act(duplicates);
    assert.deepEqual([await world.rows('duplicate_models'), await world.pairs()], rows, 'nothing is due');
  });

  it('proposes the pairs that a look at all of them at once finds', async () => {
    const world = createWorld();
    const people = crowd(120);
    await world.identify(people);
    await world.act(duplicates);
    const { fields, proposeFrom } = duplicateSettings({});
    const { pairs } = linkRecords(
      Object.entries(people).map(([id, values]) => ({ id, values })),
      fields,
      { fromProbability: proposeFrom },
    );
    const expected = await Promise.all(
      pairs.map(async ({ left, right }) => [await world.idOf(left), await world.idOf(right)].toSorted().join('~')),
    );
    const open = (await world.pairs()).filter(({ state }) => state === 'open').map(({ id }) => id);
    assert.deepEqual(open.toSorted(), expected.toSorted());
  });

  it('finds people who were there before anybody was compared, page by page', async () => {
    const isEnabled = { duplicates: { isEnabled: false } };
    const world = createWorld(isEnabled);
    await world.identify(crowd(30));
    await world.act(duplicates);
    assert.deepEqual(await world.pairs(), []);
    let cursor: string | undefined;
    let looked = 0;
    do {
      const page = await world.act((call) =>
        findDuplicates({ limit: 7, ...(cursor !== undefined && { cursor }) }, Object.create(call, { settings: { value: {} } })),
      );
      looked += page.looked;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.equal(looked, 33);
    assert.equal((await world.pairs()).length, 3);
  });

  it('does not look anybody up by what too many have in common', async () => {
    const world = createWorld();
    const same = Object.fromEntries(
      Array.from({ length: 60 }, (_, place) => [`anonymous${place}`, { firstName: 'Ada', birthday: '1970-01-01' }]),
    );
    await world.identify(same);
    const rows = (await world.rows('blocks')) as readonly { people: readonly string[]; isFull?: boolean }[];
    assert.ok(rows.some(({ isFull, people }) => isFull === true && people.length === 0));
    assert.ok(rows.every(({ people }) => people.length <= 50));
  });
});

describe('profiles.compare_imported on schedule', () => {
  const waiting = async (world: ReturnType<typeof createWorld>): Promise<number | undefined> =>
    (await world.act((call) => listDuplicates({}, call))).waiting;
  const left = async (world: ReturnType<typeof createWorld>): Promise<readonly { readonly at: number }[]> =>
    (await world.rows('compare_later')) as readonly { readonly at: number }[];
  /** The schedule, so long after the last row of an import came. */
  const compareAfter = async (world: ReturnType<typeof createWorld>, ms: number): Promise<void> => {
    const now = ((await left(world)).at(-1)?.at ?? 0) + ms;
    await world.act(async (call) => compareImported(Object.create(call, { clock: { value: { now: () => now } } }) as Call<Settings>));
  };

  it('compares the people of a large import once it is still', async () => {
    const world = createWorld();
    const people = crowd(60);
    await world.identify(people, true);
    assert.deepEqual(await world.pairs(), []);
    assert.equal(await waiting(world), Object.keys(people).length);
    await compareAfter(world, 15_000);
    assert.equal(await waiting(world), 0);
    assert.equal((await world.pairs()).filter(({ state }) => state === 'open').length, 6);
  });

  it('leaves them while rows come', async () => {
    const world = createWorld();
    await world.identify(crowd(60), true);
    await compareAfter(world, 14_000);
    assert.equal(await waiting(world), 66);
  });

  it('begins after ten minutes even so', async () => {
    const world = createWorld();
    await world.identify(crowd(60), true);
    // Each batch of the world is some minutes later than the one before.
    for (let batch = 0; batch < 2; batch += 1)
      await world.identify(Object.fromEntries(Object.entries(crowd(60)).map(([id, traits]) => [`${id}b${batch}`, traits])), true);
    const rows = await left(world);
    assert.ok((rows.at(-1)?.at ?? 0) - (rows[0]?.at ?? 0) > 600_000);
    await compareAfter(world, 1_000);
    assert.equal(await waiting(world), 0);
  });

  it('finds a duplicate of somebody who was left among people who state something themselves', async () => {
    const world = createWorld();
    const people = crowd(60);
    const { anonymous0again: again = {}, ...rest } = people;
    await world.identify(rest, true);
    await world.identify({ anonymous0again: again });
    assert.deepEqual(await world.pairs(), [], 'the other one is not compared yet');
    await compareAfter(world, 15_000);
    assert.equal((await world.pairs()).filter(({ state }) => state === 'open').length, 6);
  });

  it('compares the few people of a small import at once', async () => {
    const world = createWorld();
    await world.identify(crowd(20), true);
    assert.equal(await waiting(world), 0);
    assert.equal((await world.pairs()).filter(({ state }) => state === 'open').length, 2);
  });
});
