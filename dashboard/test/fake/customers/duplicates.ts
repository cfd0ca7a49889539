import type { Duplicate } from '../../../src/api/customers/duplicates.ts';
import type { World } from '../world.ts';
import { Refusal, pageOf } from './answer.ts';
import type { FakeActions } from './answer.ts';

/** Pairs of a made-up tenant that may be one person. */
export function makeDuplicates(world: World): FakeActions {
  const pairs: Duplicate[] = [];
  for (let index = 10; index < 16; index += 2) {
    const [left, right] = [world.people[index]?.person, world.people[index + 1]?.person];
    if (left === undefined || right === undefined) continue;
    pairs.push({
      id: `${left.id}~${right.id}`,
      left: left.id,
      right: right.id,
      state: 'open',
      probability: 0.98 - index / 100,
      bits: 9.1,
      evidence: [
        { field: 'lastName', level: 'exact', bits: 6.2, shapes: ['aaaa', 'aaaa'] },
        { field: 'email', level: 'near', bits: 5.4, shapes: ['aaa@aaa', 'aaa@aaa'] },
        { field: 'address.city', level: 'different', bits: -1.3, shapes: ['aaaa', 'aaa'] },
        { field: '', level: 'household', bits: -1.2, shapes: [] },
      ],
      proposedAt: Date.now() - 7_200_000,
    });
  }
  return {
    'profiles.duplicates': (input) =>
      pageOf(
        pairs.filter(({ state }) => state === (input['state'] ?? 'open')),
        input,
      ),
    'profiles.dismiss_duplicate': ({ id }) => {
      const index = pairs.findIndex((pair) => pair.id === id);
      const pair = pairs[index];
      if (pair === undefined) throw new Refusal(404, 'DUPLICATE_UNKNOWN', 'There is no such pair.');
      pairs[index] = { ...pair, state: 'dismissed', decidedBy: 'person', decidedAt: Date.now() };
      return { id, state: 'dismissed' };
    },
    'profiles.find_duplicates': ({ cursor }) =>
      cursor === undefined
        ? { looked: 200, proposed: 1, mergeRequests: 0, nextCursor: '200' }
        : { looked: 40, proposed: 0, mergeRequests: 0 },
  };
}
