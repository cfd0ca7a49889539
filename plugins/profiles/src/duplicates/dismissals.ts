import type { LoggedEvent } from '@tendril/plugin-api';
import { pairIdOf } from './pair.ts';
import type { Proposals } from './proposals.ts';

/** Says that two people are two. Emitted by `profiles.dismiss_duplicate`. */
export const DUPLICATE_DISMISSED = 'tendril.profiles.duplicate_dismissed';

/** Applies what a person said of pairs, where it is not known already: it is when the action itself wrote it down, it is not in a replay. */
export async function applyDismissals(events: readonly LoggedEvent[], proposals: Proposals): Promise<void> {
  const dismissals = events.filter(({ name }) => name === DUPLICATE_DISMISSED).map(({ properties }) => properties);
  const pairs = dismissals.flatMap(({ left, right, reason }) =>
    typeof left === 'string' && typeof right === 'string' ? [{ people: [left, right] as const, reason }] : [],
  );
  await proposals.load(pairs.map(({ people }) => pairIdOf(...people)));
  for (const { people, reason } of pairs) proposals.dismiss(people, typeof reason === 'string' ? reason : undefined);
}
