import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { dismissDuplicate } from '../../src/actions/dismiss-duplicate.ts';
import { duplicates } from '../../src/actions/duplicates.ts';
import { findDuplicates } from '../../src/actions/find-duplicates.ts';
import { merge } from '../../src/actions/merge.ts';
import { unmerge } from '../../src/actions/unmerge.ts';
import { pairIdOf } from '../../src/duplicates/pair.ts';
import { ADA, createWorld } from './duplicates-world.ts';

const SLIPPED = { ...ADA, lastName: 'Lovelcae' };
const GRACE = { firstName: 'Grace', lastName: 'Hopper', birthday: '1906-12-09', address: { city: 'Arlington', postalCode: '22201' } };

async function twoAdas(settings: Parameters<typeof createWorld>[0] = {}) {
  const world = createWorld(settings);
  await world.identify({ user1: ADA, user2: GRACE });
  await world.identify({ anonymous1: SLIPPED });
  const [first, second] = [await world.idOf('user1'), await world.idOf('anonymous1')];
  return { ...world, first, second, pair: pairIdOf(first, second) };
}

describe('probable duplicates', () => {
  it('are proposed with evidence when the second one comes, nobody else', async () => {
    const world = await twoAdas();
    const { items } = await world.act((call) => duplicates({}, call));
    assert.deepEqual(
      items.map(({ id, state }) => ({ id, state })),
      [{ id: world.pair, state: 'open' }],
    );
    const [found] = items;
    assert.ok(found !== undefined && found.probability > 0.99);
    assert.equal(found.evidence.find(({ field }) => field === 'lastName')?.level, 'near');
    assert.ok(Math.abs(found.evidence.reduce((sum, { bits }) => sum + bits, 0) - found.bits) < 1e-6);
    assert.ok(!JSON.stringify(items).toLowerCase().includes('lovel'), 'no values in the evidence');
  });

  it('are found within one batch of the log', async () => {
    const world = createWorld();
    await world.identify({ user1: ADA, anonymous1: SLIPPED, user2: GRACE });
    assert.equal((await world.pairs()).length, 1);
  });

  it('are not proposed twice, by the same event again or by another look', async () => {
    const world = await twoAdas();
    const before = await world.pairs();
    await world.identify({ anonymous1: SLIPPED, user1: ADA });
    const all = await world.act((call) => findDuplicates({}, call));
    assert.deepEqual({ ...all, looked: undefined }, { looked: undefined, proposed: 0, mergeRequests: 0 });
    assert.equal(all.looked, 3);
    assert.deepEqual(await world.pairs(), before);
  });

  it('stay dismissed once a person said so, whatever comes', async () => {
    const world = await twoAdas({ duplicates: { mergeFrom: 1 } });
    const answer = await world.act((call) => dismissDuplicate({ id: world.pair, reason: 'mother and daughter' }, call));
    assert.deepEqual(answer, { id: world.pair, state: 'dismissed' });
    assert.deepEqual(await world.act((call) => dismissDuplicate({ id: world.pair }, call)), answer);
    await world.identify({ anonymous1: ADA });
    await world.act((call) => findDuplicates({ person: world.second }, call));
    const [pair] = await world.pairs();
    assert.deepEqual([pair?.state, pair?.decidedBy, pair?.reason], ['dismissed', 'person', 'mother and daughter']);
    assert.deepEqual((await world.act((call) => duplicates({}, call))).items, []);
    assert.equal((await world.act((call) => duplicates({ person: world.first, state: 'dismissed' }, call))).items.length, 1);
  });

  it('stay dismissed in a replay, which meets what the person said in the log', async () => {
    const world = await twoAdas();
    await world.act((call) => dismissDuplicate({ id: world.pair, reason: 'mother and daughter' }, call));
    const [said] = world.emitted.filter(({ name }) => name === 'tendril.profiles.duplicate_dismissed');
    const replay = await twoAdas();
    assert.equal(replay.pair, world.pair);
    await replay.tell(said?.name ?? '', said?.properties ?? {});
    const [pair] = await replay.pairs();
    assert.deepEqual([pair?.state, pair?.reason], ['dismissed', 'mother and daughter']);

    const before = createWorld();
    await before.tell(said?.name ?? '', { ...said?.properties });
    assert.deepEqual(
      (await before.pairs()).map(({ id, state }) => [id, state]),
      [[world.pair, 'dismissed']],
    );
    await before.tell('tendril.profiles.duplicate_dismissed', { left: 7 });
    assert.equal((await before.pairs()).length, 1);
  });

  it('are withdrawn when values change so that they are likely no longer', async () => {
    const world = await twoAdas();
    await world.identify({
      anonymous1: { firstName: 'Bertram', lastName: 'Quill', birthday: '1999-01-31', address: { city: 'Oslo', postalCode: '00155' } },
    });
    const [pair] = await world.pairs();
    assert.deepEqual([pair?.state, pair?.decidedBy], ['closed', 'data']);
    assert.deepEqual((await world.act((call) => duplicates({ person: world.first }, call))).items, []);
  });

  it('are withdrawn when next to nothing is known of one of them any more', async () => {
    const world = await twoAdas();
    await world.identify({ anonymous1: { firstName: '', lastName: null, birthday: '', address: {} } });
    const [pair] = await world.pairs();
    assert.equal(pair?.state, 'closed');
    const compared = (await world.rows('compared')) as readonly { person: string }[];
    assert.ok(compared.every(({ person }) => person !== world.second));
    assert.ok(!JSON.stringify(await world.rows('blocks')).includes(world.second));
  });

  it('are not looked for when the settings say so', async () => {
    const world = await twoAdas({ duplicates: { isEnabled: false } });
    assert.deepEqual(await world.pairs(), []);
    assert.deepEqual(await world.rows('blocks'), []);
    await assert.rejects(
      world.act((call) => findDuplicates({}, call)),
      (error) => TendrilError.is(error) && error.code === 'INPUT_INVALID',
    );
  });

  it('refuse pairs and people that are not there', async () => {
    const world = await twoAdas();
    const isMissing = (error: unknown) => TendrilError.is(error) && error.code === 'NOT_FOUND';
    await assert.rejects(
      world.act((call) => dismissDuplicate({ id: 'p1~p2' }, call)),
      isMissing,
    );
    await assert.rejects(
      world.act((call) => findDuplicates({ person: 'p1' }, call)),
      isMissing,
    );
    await assert.rejects(
      world.act((call) => duplicates({ person: 'p1' }, call)),
      isMissing,
    );
  });

  it('compare by the fields of the settings, anew when these change', async () => {
    const world = await twoAdas({ duplicates: { fields: { lastName: 'surname' }, proposeFrom: 0.99 } });
    assert.deepEqual(await world.pairs(), []);
    const other = { fields: { firstName: 'givenName', lastName: 'surname', birthday: 'birthDate' } } as const;
    await world.act((call) => findDuplicates({}, Object.create(call, { settings: { value: { duplicates: other } } })));
    assert.equal((await world.pairs()).length, 1);
  });
});

describe('merges of probable duplicates', () => {
  it('end the pair, and the pairs of whom was merged', async () => {
    const world = await twoAdas();
    await world.identify({ anonymous2: ADA });
    const third = await world.idOf('anonymous2');
    assert.equal((await world.act((call) => duplicates({}, call))).items.length, 3);
    await world.act((call) => merge({ into: world.first, from: world.second }, call));
    const states = Object.fromEntries((await world.pairs()).map(({ id, state, decidedBy }) => [id, [state, decidedBy]]));
    assert.deepEqual(states, {
      [world.pair]: ['merged', 'person'],
      [pairIdOf(world.second, third)]: ['closed', 'data'],
      [pairIdOf(world.first, third)]: ['open', undefined],
    });
    const compared = (await world.rows('compared')) as readonly { person: string }[];
    assert.ok(compared.every(({ person }) => person !== world.second));
    assert.ok(!JSON.stringify(await world.rows('blocks')).includes(world.second));
    await assert.rejects(
      world.act((call) => dismissDuplicate({ id: world.pair }, call)),
      (error) => TendrilError.is(error) && error.code === 'INPUT_INVALID',
    );
  });

  it('hand on what was dismissed', async () => {
    const world = await twoAdas();
    await world.identify({ anonymous2: ADA });
    const third = await world.idOf('anonymous2');
    await world.act((call) => dismissDuplicate({ id: pairIdOf(world.second, third) }, call));
    await world.act((call) => merge({ into: world.first, from: world.second }, call));
    const states = Object.fromEntries((await world.pairs()).map(({ id, state }) => [id, state]));
    assert.equal(states[pairIdOf(world.first, third)], 'dismissed');
    await world.act((call) => findDuplicates({}, call));
    assert.equal((await world.pairs()).find(({ id }) => id === pairIdOf(world.first, third))?.state, 'dismissed');
  });

  it('happen by rule from the probability of the settings on, and can be undone for good', async () => {
    const world = await twoAdas({ duplicates: { mergeFrom: 0.95 } });
    assert.equal(await world.idOf('anonymous1'), world.first);
    const [pair] = await world.pairs();
    assert.deepEqual([pair?.state, pair?.decidedBy], ['merged', 'rule']);
    await world.act((call) => unmerge({ person: world.first }, call));
    const alone = await world.idOf('anonymous1');
    assert.notEqual(alone, world.first);
    await world.identify({ anonymous1: ADA });
    await world.act((call) => findDuplicates({}, call));
    assert.equal(await world.idOf('anonymous1'), alone);
    assert.equal((await world.pairs())[0]?.state, 'dismissed');
  });

  it('never happen by rule between two identified people, who are proposed to a person', async () => {
    const world = createWorld({ duplicates: { mergeFrom: 0.5 } });
    await world.identify({ user1: ADA, user2: ADA });
    assert.notEqual(await world.idOf('user1'), await world.idOf('user2'));
    assert.deepEqual(
      (await world.pairs()).map(({ state, isMergeRequested }) => [state, isMergeRequested]),
      [['open', undefined]],
    );
    assert.ok(world.emitted.every(({ name }) => name !== 'tendril.profiles.merge_requested'));
  });

  it('never happen by rule between twins, who share all but the given name', async () => {
    const world = createWorld({ duplicates: { mergeFrom: 0.5, proposeFrom: 0.01 } });
    await world.identify({ user1: ADA, anonymous1: { ...ADA, firstName: 'Bertram' } });
    assert.notEqual(await world.idOf('user1'), await world.idOf('anonymous1'));
    assert.deepEqual(
      (await world.pairs()).map(({ state }) => state),
      ['open'],
    );
  });

  it('never join two identified people by way of a third', async () => {
    const world = createWorld({ duplicates: { mergeFrom: 0.5 } });
    await world.identify({ user1: ADA, user2: ADA, anonymous1: SLIPPED });
    assert.notEqual(await world.idOf('user1'), await world.idOf('user2'));
  });
});
