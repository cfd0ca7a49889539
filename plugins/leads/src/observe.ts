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
  if (stated !== before) book.setProspect(stated);
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
  const isChanged = after !== before;
  if (isChanged) book.setProspect({ ...after, ...identitiesOf(event), position: event.position });
  return isChanged;
}

/** The same prospect where nothing of it changes. */
function withTraits(before: ProspectsRow, { traits, occurredAt }: LoggedEvent, observer: Observer, { value }: Settings): ProspectsRow {
  const { values, times = {} } = before;
  const stated = observer.traits(traits);
  let [freshValues, freshTimes]: readonly (Record<string, unknown> | undefined)[] = [];
  for (const name in stated) {
    const knownAt = Object.hasOwn(times, name) ? Number(times[name]) : undefined;
    if (occurredAt < (knownAt ?? 0) || (occurredAt === knownAt && values[name] === stated[name])) continue;
    freshValues ??= { ...values };
    freshTimes ??= { ...times };
    freshValues[name] = stated[name];
    freshTimes[name] = occurredAt;
  }
  const valueCents = centsOf(traits, value?.trait);
  const isWorthSame = valueCents === undefined || valueCents === before.valueCents;
  if (freshValues === undefined && isWorthSame) return before;
  return {
    ...before,
    ...(freshValues === undefined || freshTimes === undefined ? {} : { values: freshValues, times: freshTimes }),
    ...(isWorthSame ? {} : { valueCents }),
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
