import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { BehavioursRow, ClockRow, PeopleRow, SegmentWhyInput, SegmentWhyOutput, Settings } from '../gen/manifest.gen.ts';
import { identitiesOf } from '../in-force.ts';
import { readPerson, toIso } from '../profile.ts';
import { Catalogue } from '../segments/catalogue.ts';
import { compileCondition } from '../segments/condition.ts';
import type { Condition } from '../segments/condition.ts';
import { viewsOf } from '../segments/person-at-rest.ts';

type Counted = SegmentWhyOutput['events'][number];

const MOST_EVENTS = 50;
/** Events of the person that are looked through for those that count. */
const LOOKED_THROUGH = 1_000;

/** Why somebody is in a segment or not. @throws TendrilError NOT_FOUND when there is no such segment or person */
export const segmentWhy: ActionHandler<SegmentWhyInput, SegmentWhyOutput, Settings> = async ({ name, person: id }, call) => {
  const [catalogue, { value: person }, clock] = await Promise.all([
    Catalogue.load(call),
    readPerson(id, call),
    call.table<ClockRow>('clock').get('log'),
  ]);
  const definition = catalogue.find('segment', name);
  const version = definition?.active ?? definition?.next;
  if (version?.condition === undefined) throw new TendrilError('NOT_FOUND', { field: 'name', segment: name });
  const now = Math.max(call.clock.now(), clock?.value.now ?? 0);
  const condition = compileCondition(version.condition, call.expressions);
  const [view] = await viewsOf([person], { model: catalogue.model, condition, now }, call);
  if (view === undefined) throw new TendrilError('NOT_FOUND', { field: 'person' });
  const standing = await call.table<BehavioursRow>('behaviours').get(person.id);
  const membership = standing?.value.segments?.[name];
  return {
    isMember: membership !== undefined,
    ...(membership !== undefined && { since: toIso(membership.since) }),
    version: version.version,
    holdsNow: condition.holds(view),
    joinedBy: condition.joinedBy,
    clauses: condition.clauses.map(({ text, condition: clause }) => ({
      condition: text,
      holds: clause.holds(view),
      values: clause.valuesOf(view).map((part) => ({ ...part })),
    })),
    events: await eventsThatCount(condition, person, now, call),
  };
};

async function eventsThatCount(condition: Condition, person: PeopleRow, now: number, call: Call<Settings>): Promise<Counted[]> {
  const identities = identitiesOf(person).filter((identity) => /^(userId|anonymousId):/.test(identity));
  if (condition.counted.length === 0 || identities.length === 0) return [];
  const page = await call.events.ofPerson(identities, { limit: LOOKED_THROUGH });
  const counted = page.items.flatMap((event) =>
    condition.counted.flatMap(({ expression, aggregate }): Counted[] => {
      const sample = aggregate.definition.event === event.name ? aggregate.sampleOf(event) : undefined;
      if (sample === undefined || aggregate.add(undefined, sample, now) === undefined) return [];
      const { id, name, occurredAt, properties } = event;
      return [{ id, name, occurredAt: toIso(occurredAt), countsFor: expression, properties: { ...properties } }];
    }),
  );
  return counted.toSorted((left, right) => (left.occurredAt < right.occurredAt ? 1 : -1)).slice(0, MOST_EVENTS);
}
