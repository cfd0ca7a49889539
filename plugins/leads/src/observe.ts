import type { LoggedEvent } from '@tendril/plugin-api';
import { knownAt } from './behaviour/known-at.ts';
import { countEvent, isOf } from './behaviour/day-buckets.ts';
import type { DayBuckets } from './behaviour/day-buckets.ts';
import type { LeadBook } from './book/lead-book.ts';
import type { ProspectsRow, Settings } from './gen/manifest.gen.ts';
import type { Observer } from './observation.ts';
import { centsOf } from './scoring/value.ts';

/**
 * Keeps what the model may know of a person in step with an event. A value counts until one of the same or a later time is
 * stated. A contact fixes what had arrived before it and was true at its time; the event itself is counted after that.
 *
 * @returns whether anything changed that a score rests on
 */
export function observe(event: LoggedEvent, person: string, observer: Observer, book: LeadBook, settings: Settings): boolean {
  const before = book.prospect(person);
  const stated = event.kind === 'group' ? before : withTraits(before, event, observer, settings);
  book.setProspect(stated);
  const isContact = event.name === settings.contactEvent;
  const contacted = isContact ? withContact(stated, event, observer, book, settings) : stated;
  const behaviours = settings.behaviours ?? [];
  const isActive = isContact || behaviours.some((each) => isOf(each, event)) || settings.leadEvents?.includes(event.name) === true;
  const after: ProspectsRow = isActive
    ? {
        ...contacted,
        ...(behaviours.length === 0 ? {} : { behaviour: countEvent((contacted.behaviour ?? {}) as DayBuckets, behaviours, event) }),
        activeAt: Math.max(contacted.activeAt ?? 0, event.occurredAt),
      }
    : contacted;
  const isChanged = isActive || JSON.stringify(after) !== JSON.stringify(before);
  if (isChanged) book.setProspect({ ...after, ...identitiesOf(event), position: event.position });
  return isChanged;
}

function withTraits(before: ProspectsRow, { traits, occurredAt }: LoggedEvent, observer: Observer, { value }: Settings): ProspectsRow {
  const times: Record<string, unknown> = { ...before.times };
  const fresh = Object.entries(observer.traits(traits)).filter(
    ([name]) => occurredAt >= Number(Object.hasOwn(times, name) ? times[name] : 0),
  );
  if (fresh.length === 0 && value?.trait === undefined) return before;
  for (const [name] of fresh) times[name] = occurredAt;
  const valueCents = centsOf(traits, value?.trait);
  return {
    ...before,
    values: { ...before.values, ...Object.fromEntries(fresh) },
    ...(fresh.length === 0 ? {} : { times }),
    ...(valueCents === undefined ? {} : { valueCents }),
  };
}

function withContact(before: ProspectsRow, event: LoggedEvent, observer: Observer, book: LeadBook, settings: Settings): ProspectsRow {
  const { id, occurredAt, properties, person } = { ...event, person: before.person };
  const known = knownAt(book.peopleOf(person), occurredAt, settings);
  const valueCents = centsOf(properties, settings.value?.property);
  return {
    ...before,
    contact: { event: id, at: occurredAt, values: { ...known, ...observer.properties(properties) } },
    ...(valueCents === undefined ? {} : { valueCents }),
  };
}

function identitiesOf({ identities: { userId, anonymousId } }: LoggedEvent): Pick<ProspectsRow, 'identities'> {
  if (userId === undefined && anonymousId === undefined) return {};
  return { identities: { ...(userId === undefined ? {} : { userId }), ...(anonymousId === undefined ? {} : { anonymousId }) } };
}
