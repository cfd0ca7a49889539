import type { Merge, Profile, TimelineEntry } from '../../../src/api/customers/people.ts';
import type { World } from '../world.ts';
import { Refusal, pageOf } from './answer.ts';
import type { FakeActions, Input } from './answer.ts';

const LINK = 'lnk_1';

/** Profiles, timelines and merges of a made-up tenant. */
export function makePeople(world: World): FakeActions {
  const merges: Merge[] = [];
  const [first, second] = world.people;
  if (first !== undefined && second !== undefined) merges.push(makeMerge(first.person, second.person));

  const find = (id: unknown): Profile => {
    const found = world.people.find(({ person }) => person.id === id)?.person;
    if (found === undefined) throw new Refusal(404, 'PERSON_UNKNOWN', 'There is no such person.');
    return found;
  };
  return {
    'profiles.get': ({ id }) => withoutHistory(find(id)),
    'profiles.get_many': ({ ids }) => ({ people: (ids as readonly string[]).map((id) => withoutHistory(find(id))) }),
    'profiles.find': (known) => {
      const [[kind, value] = []] = Object.entries(known);
      const person = world.people.find((each) => each.person.identities.includes(`${String(kind)}:${String(value)}`))?.person;
      return person === undefined ? {} : { person: withoutHistory(person) };
    },
    'profiles.history': ({ id }) => ({ traits: world.people.find(({ person }) => person.id === id)?.person.history ?? {} }),
    'profiles.timeline': (input) => pageOf(makeTimeline(world, String(input['id']), merges), input),
    'profiles.merges': ({ id }) => ({ items: merges.filter(({ into, from }) => into === id || from === id), apart: [] }),
    'profiles.merge': (input) => merge(input, merges, find),
    'profiles.unmerge': ({ link, reason }) => {
      const index = merges.findIndex((each) => each.link === link);
      const before = merges[index];
      if (before === undefined) throw new Refusal(404, 'MERGE_UNKNOWN', 'There is no such merge.');
      const { undoing: _undoing, ...rest } = before;
      merges[index] = { ...rest, isUndone: true, undoneAt: Date.now(), ...(typeof reason === 'string' ? { undoneReason: reason } : {}) };
      return { link, isChanged: true, isVisible: true };
    },
  };
}

function merge({ into, from, reason }: Input, merges: Merge[], find: (id: unknown) => Profile): object {
  const made = makeMerge(find(into), find(from));
  merges.unshift({
    ...made,
    link: `lnk_${String(merges.length + 1)}`,
    reason: 'person',
    ...(typeof reason === 'string' ? { evidence: reason } : {}),
  });
  return { link: merges[0]?.link, isChanged: true, isVisible: true, into, from };
}

function makeMerge(into: Profile, from: Profile): Merge {
  return {
    link: LINK,
    into: into.id,
    from: from.id,
    reason: 'email',
    evidence: into.identities[1] ?? '',
    eventId: 'msg-merge',
    position: 41,
    at: Date.now() - 3_600_000,
    isUndone: false,
    undoing: { staying: halfOf(into), leaving: halfOf(from) },
  };
}

function halfOf({ identities, groups, traits, firstSeenAt, lastSeenAt }: Profile): NonNullable<Merge['undoing']>['staying'] {
  return { identities, groups, traits, firstSeenAt, lastSeenAt };
}

function withoutHistory(profile: Profile & { readonly history?: unknown }): Profile {
  const { history: _history, ...rest } = profile;
  return rest;
}

function makeTimeline(world: World, id: string, merges: readonly Merge[]): readonly TimelineEntry[] {
  const events: TimelineEntry[] = world.events
    .filter((event) => event.profileId === id)
    .toReversed()
    .map(({ id: messageId, position, kind, name, occurredAt, properties, traits }) => ({
      id: messageId,
      position,
      kind,
      name,
      occurredAt,
      properties,
      traits,
      ...(kind === 'identify' ? { changes: [{ kind: 'trait', trait: 'job', before: 'student', value: traits['job'] ?? null }] } : {}),
    }));
  const own = merges.filter(({ into }) => into === id);
  return [
    ...events,
    {
      id: 'msg-entered',
      position: 44,
      kind: 'hub',
      name: 'tendril.segment.entered',
      occurredAt: Date.now() - 3_000_000,
      properties: { segment: 'engaged' },
      traits: {},
    },
    ...own.map((each) => ({
      id: `msg-${each.link}`,
      position: each.position,
      kind: 'identify',
      name: '$identify',
      occurredAt: each.at,
      properties: {},
      traits: {},
      changes: [
        { kind: 'merged', link: each.link, person: each.from, reason: each.reason },
        { kind: 'consent', category: 'marketing', isGranted: true },
      ],
    })),
  ];
}
