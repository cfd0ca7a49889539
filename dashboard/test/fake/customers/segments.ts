import type { ComputedTrait, DefinitionSaved, NewSegment, NewTrait, Segment } from '../../../src/api/customers/segments.ts';
import type { World } from '../world.ts';
import { Refusal, pageOf } from './answer.ts';
import type { FakeActions, Input } from './answer.ts';

const KNOWN_FUNCTIONS = /\b(?!did\b|count\b|sum\b|days_since\b|days_since_trait\b|in_segment\b|has\b|contains\b)([a-z_]+)\(/;

/** Segments and computed traits of a made-up tenant; conditions are checked by the names of their functions only. */
export function makeSegments(world: World, { isEmpty }: { readonly isEmpty: boolean }): FakeActions {
  const segments = new Map<string, Segment>();
  const traits = new Map<string, ComputedTrait>();
  const find = (name: unknown): Segment => {
    const found = segments.get(String(name));
    if (found === undefined) throw new Refusal(404, 'NOT_FOUND', 'There is no such thing.');
    return found;
  };
  const save = (asked: NewSegment): DefinitionSaved => {
    check(asked.condition);
    const before = segments.get(asked.name);
    const isChanged = before?.condition !== asked.condition;
    segments.set(asked.name, {
      title: '',
      description: '',
      members: 0,
      reads: ['event Offer Viewed'],
      usedBy: [],
      ...before,
      ...asked,
      state: before === undefined ? 'preparing' : 'active',
      version: (before?.version ?? 0) + (isChanged ? 1 : 0),
      savedAt: Date.now(),
      ...(before === undefined ? { progress: { stage: 'counting', ratio: 0.4, version: 1 } } : {}),
    });
    return { name: asked.name, isNew: before === undefined, isChanged, warnings: [] };
  };
  if (!isEmpty) {
    save({ name: 'engaged', title: 'Engaged', condition: 'did("Offer Viewed", 3, "30d")' });
    segments.set('engaged', { ...withoutProgress(find('engaged')), state: 'active', members: 64 });
    save({ name: 'at_risk', title: 'At risk', condition: 'days_since("Call Answered") >= 30 || profile.traits.loan == true' });
    traits.set(
      'offers_30d',
      makeTrait({
        name: 'offers_30d',
        title: 'Offers seen in 30 days',
        trait: { event: 'Offer Viewed', aggregate: 'count', window: '30d' },
      }),
    );
  }
  const inSegment = (name: string) => world.people.filter(({ person }) => person.segments.includes(name)).map(({ person }) => person);
  return {
    'profiles.segment_list': () => ({ items: [...segments.values()] }),
    'profiles.segment_get': ({ name }) => find(name),
    'profiles.segment_save': (input) => save(input as unknown as NewSegment),
    'profiles.segment_delete': ({ name }) => {
      if (find(name).usedBy.length > 0) throw new Refusal(409, 'IN_USE', 'It is in use.');
      segments.delete(String(name));
      return { name, warnings: [] };
    },
    'profiles.segment_members': (input) =>
      pageOf(
        inSegment(String(input['name'])).map(({ id, firstSeenAt, traits: known }) => ({ id, since: firstSeenAt, traits: known })),
        input,
      ),
    'profiles.segment_preview': ({ condition }) => {
      check(String(condition));
      const people = inSegment('engaged');
      return {
        count: people.length,
        estimate: people.length,
        peopleExamined: world.people.length,
        peopleTotal: world.people.length,
        eventsExamined: 4_120,
        isPartial: false,
        sample: people.slice(0, 5).map(({ id, traits: known }) => ({ id, traits: known })),
        warnings: String(condition).includes('Ofer Viewed')
          ? [{ message: 'No event is named `Ofer Viewed` so far. Was `Offer Viewed` meant?' }]
          : [],
      };
    },
    'profiles.segment_why': explain,
    'profiles.trait_list': () => ({ items: [...traits.values()] }),
    'profiles.trait_save': (input) => {
      const asked = input as unknown as NewTrait;
      const isNew = !traits.has(asked.name);
      traits.set(asked.name, makeTrait(asked));
      return { name: asked.name, isNew, isChanged: true, warnings: [] };
    },
    'profiles.trait_delete': ({ name }) => {
      traits.delete(String(name));
      return { name };
    },
  };
}

function check(condition: string): void {
  const found = KNOWN_FUNCTIONS.exec(condition);
  if (found === null) return;
  const [, name = ''] = found;
  throw new Refusal(422, 'EXPRESSION_INVALID', 'The expression does not compile.', {
    expression: condition,
    problem: `There is no function \`${name}\`.`,
    start: found.index,
    end: found.index + name.length,
    suggestion: 'did',
  });
}

function withoutProgress({ progress: _progress, ...segment }: Segment): Segment {
  return segment;
}

function makeTrait({ name, trait, title = '', description = '' }: NewTrait): ComputedTrait {
  return { name, trait, title, description, state: 'active', version: 1, savedAt: Date.now() };
}

function explain({ name }: Input): object {
  return {
    isMember: name === 'engaged',
    since: Date.now() - 86_400_000,
    version: 1,
    holdsNow: name === 'engaged',
    joinedBy: '&&',
    clauses: [
      {
        condition: 'did("Offer Viewed", 3, "30d")',
        holds: name === 'engaged',
        values: [{ expression: 'did("Offer Viewed", 3, "30d")', value: name === 'engaged' }],
      },
    ],
    events: [
      { id: 'msg-1', name: 'Offer Viewed', occurredAt: Date.now() - 4_000_000, countsFor: 'did("Offer Viewed", 3, "30d")', properties: {} },
    ],
  };
}
