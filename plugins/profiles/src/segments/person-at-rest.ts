import type { Call } from '@tendril/plugin-api';
import type { BehavioursRow, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { toProfile } from '../profile.ts';
import type { Condition, PersonView } from './condition.ts';
import type { Model } from './model.ts';
import type { Stated } from './stated.ts';

/** States of aggregates by part, as they are stored or as they were put together for the occasion. */
export type StatesOfPart = (part: string, aggregateId: string) => string | undefined;

/** What a condition sees of people as they are stored. */
export async function viewsOf(
  people: readonly PeopleRow[],
  options: { readonly model: Model; readonly condition: Condition; readonly now: number; readonly extra?: StatesOfPart },
  call: Call<Settings>,
): Promise<readonly PersonView[]> {
  const { model, condition, now, extra } = options;
  const aggregates = new Map(condition.aggregates.map((aggregate) => [aggregate.id, aggregate]));
  const parts = people.flatMap((person) => person.parts.map(({ id }) => id));
  const rows = parts.length === 0 ? [] : await call.table<BehavioursRow>('behaviours').getMany(parts);
  const byPart = new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.key, row.value]])));
  return people.map((person): PersonView => {
    const { traits, groups, consent, isIdentified, firstSeenAt, lastSeenAt } = toProfile(person);
    const profile: Stated = { traits, groups, consent, isIdentified, firstSeenAt, lastSeenAt, scores: traits['scores'] ?? {} };
    return {
      now,
      profile,
      stateOf: (id) => {
        const keyed = model.keyOf(id);
        const states = person.parts.map(
          (part) => extra?.(part.id, id) ?? (keyed === undefined ? undefined : byPart.get(part.id)?.states[keyed.key]),
        );
        const known = states.filter((state) => state !== undefined);
        return known.length < 2 ? known[0] : aggregates.get(id)?.merge(known);
      },
      isIn: (segment) => person.segments?.includes(segment) === true,
    };
  });
}
