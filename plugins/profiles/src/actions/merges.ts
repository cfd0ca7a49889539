import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { LinksRow, MergesInput, MergesOutput, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { groupsOf, identitiesOf, traitsInForce } from '../in-force.ts';
import { readPerson, toIso } from '../profile.ts';
import { reachable } from '../reachable.ts';

type Item = MergesOutput['items'][number];
type Brief = NonNullable<Item['undoing']>['staying'];

/** Merges of a person with their evidence, newest first, and what undoing each would give. @throws TendrilError NOT_FOUND */
export const merges: ActionHandler<MergesInput, MergesOutput, Settings> = async ({ id, limit = 100 }, call) => {
  const { value: person } = await readPerson(id, call);
  const links = await linksOf(person, limit, call);
  return {
    items: links.slice(0, limit).map((link) => toItem(link, person)),
    apart: person.parts.flatMap((part) => (part.apart ?? []).map((other) => ({ left: part.id, right: other }))),
  };
};

async function linksOf(person: PeopleRow, limit: number, call: Call<Settings>): Promise<readonly LinksRow[]> {
  const table = call.table<LinksRow>('links');
  const found = new Map<string, LinksRow>();
  const held = await table.getMany((person.links ?? []).map((tie) => tie.id));
  for (const row of held) if (row !== undefined) found.set(row.key, row.value);
  // What was undone is kept by the ids of the two people that it was about.
  for (const { id } of person.parts) {
    for (const [index, equals] of [
      ['by_into', { into: id }],
      ['by_from', { from: id }],
    ] as const) {
      const page = await table.query({ index, equals, order: 'descending', limit });
      for (const row of page.items) found.set(row.key, row.value);
    }
  }
  return [...found.values()].toSorted((left, right) => right.position - left.position);
}

function toItem(link: LinksRow, person: PeopleRow): Item {
  const { id, into, from, reason, evidence, eventId, position, at, isUndone, undoneAt, undoneReason } = link;
  return {
    link: id,
    into,
    from,
    reason,
    ...(evidence !== undefined && { evidence }),
    eventId,
    position,
    at: toIso(at),
    isUndone,
    ...(undoneAt !== undefined && { undoneAt: toIso(undoneAt) }),
    ...(undoneReason !== undefined && { undoneReason }),
    ...(!isUndone && { undoing: undoingOf(id, person) }),
  };
}

function undoingOf(link: string, person: PeopleRow): NonNullable<Item['undoing']> {
  const staying = reachable(
    person.id,
    (person.links ?? []).filter((tie) => tie.id !== link),
  );
  return {
    staying: briefOf(person.parts.filter(({ id }) => staying.has(id))),
    leaving: briefOf(person.parts.filter(({ id }) => !staying.has(id))),
  };
}

function briefOf(parts: PeopleRow['parts']): Brief {
  return {
    identities: [...identitiesOf({ parts })],
    groups: [...groupsOf({ parts })],
    traits: Object.fromEntries([...traitsInForce(parts)].map(([name, { value }]) => [name, value])),
    firstSeenAt: toIso(Math.min(...parts.map(({ firstSeenAt }) => firstSeenAt))),
    lastSeenAt: toIso(Math.max(...parts.map(({ lastSeenAt }) => lastSeenAt))),
  };
}
