import type { ComparedPeople } from './compared-people.ts';
import { otherOf, pairIdOf } from './pair.ts';
import type { Decider, Proposals } from './proposals.ts';

/** Somebody who is part of another person by now. */
export interface Absorbed {
  readonly from: string;
  readonly into: string;
  readonly decidedBy: Decider;
}

/**
 * Ends the pairs of those who are part of others by now: with the other it is merged, with a third it is closed (the merged person is compared
 * anew), and what was dismissed is dismissed for the merged person too.
 */
export async function absorbPeople(absorbed: readonly Absorbed[], compared: ComparedPeople, proposals: Proposals): Promise<void> {
  const pairs = absorbed.flatMap(({ from }) => compared.pairsOf(from));
  await proposals.load([...pairs, ...absorbed.map(({ from, into }) => pairIdOf(from, into))]);
  const others = pairs.flatMap((id) => {
    const pair = proposals.get(id);
    return pair === undefined ? [] : [pair.left, pair.right];
  });
  await compared.load([...others, ...absorbed.map(({ into }) => into)]);
  await proposals.load(absorbed.flatMap(({ into }) => others.map((other) => pairIdOf(into, other))));
  for (const each of absorbed) absorb(each, compared, proposals);
}

function absorb({ from, into, decidedBy }: Absorbed, compared: ComparedPeople, proposals: Proposals): void {
  proposals.decide(pairIdOf(from, into), 'merged', decidedBy);
  for (const id of compared.pairsOf(from)) {
    const pair = proposals.get(id);
    if (pair === undefined) continue;
    const other = otherOf(pair, from);
    compared.removePair(other, id);
    if (other === into) continue;
    if (pair.state === 'open') proposals.decide(id, 'closed', 'data');
    if (pair.state !== 'dismissed') continue;
    proposals.inherit(pair, [into, other]);
    compared.addPair(into, pairIdOf(into, other));
    compared.addPair(other, pairIdOf(into, other));
  }
  compared.forget(from);
}
