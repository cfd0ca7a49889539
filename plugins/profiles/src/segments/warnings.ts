import type { Call } from '@tendril/plugin-api';
import type { PeopleRow, SegmentSaveOutput, Settings } from '../gen/manifest.gen.ts';
import { traitsInForce } from '../in-force.ts';
import { toProfile } from '../profile.ts';
import type { Catalogue } from './catalogue.ts';
import type { Condition } from './condition.ts';
import { invalid } from './condition.ts';
import { nearest } from './nearest.ts';

/** Something that is allowed and looks like a mistake. */
export type Warning = SegmentSaveOutput['warnings'][number];

/** People and events from which is known what traits and events there are. */
const SAMPLE = { people: 200, events: 2_000, stretches: 5 } as const;

/** Names that a condition uses and that nobody has seen, with what was meant perhaps. */
export async function warningsOf(condition: Condition, catalogue: Catalogue, call: Call<Settings>): Promise<Warning[]> {
  const events = condition.aggregates.map(({ definition }) => definition.event);
  const traits = [...condition.traits, ...condition.dates];
  const [eventNames, traitNames] = await Promise.all([
    events.length === 0 ? new Set<string>() : eventNamesOf(events, call),
    traits.length === 0 ? new Set<string>() : traitNamesOf(catalogue, call),
  ]);
  return [
    ...unknown(condition.source, [...new Set(events)], eventNames, 'event'),
    ...unknown(condition.source, [...new Set(traits)], traitNames, 'trait'),
  ];
}

/** Warns of an event that a computed trait counts and that nobody has seen. */
export async function warningsOfEvent(event: string, call: Call<Settings>): Promise<Warning[]> {
  return unknown(undefined, [event], await eventNamesOf([event], call), 'event');
}

/** Warns of the name of a computed trait that people state themselves. */
export async function warningsOfTrait(name: string, call: Call<Settings>): Promise<Warning[]> {
  const people = await peopleSeenLast(call);
  if (!people.some(({ parts }) => traitsInForce(parts).has(name))) return [];
  return [{ message: `People state a trait \`${name}\` themselves; the computed one stands before it.` }];
}

function unknown(source: string | undefined, wanted: readonly string[], known: ReadonlySet<string>, kind: 'event' | 'trait'): Warning[] {
  // Where nothing has happened yet, nothing can be said.
  if (known.size === 0) return [];
  return wanted
    .filter((name) => !known.has(name))
    .map((name) => {
      const meant = nearest(name, known);
      const message = `No ${kind} \`${name}\` was seen lately${meant === undefined ? '' : `; there is \`${meant}\``}.`;
      if (source === undefined) return { message };
      const { start, end } = invalid(source, message, name).details;
      return { message, start: Number(start), end: Number(end) };
    });
}

/** Names of the last events and, while one that is wanted is not among them, of stretches before: an import or what the hub reports may fill the end. */
async function eventNamesOf(wanted: readonly string[], call: Call<Settings>): Promise<Set<string>> {
  const head = await call.events.head();
  const names = new Set<string>();
  let after = Math.max(0, head - SAMPLE.events);
  const step = Math.max(SAMPLE.events, Math.ceil(after / (SAMPLE.stretches - 1)));
  for (let stretch = 0; stretch < SAMPLE.stretches; stretch += 1) {
    const { items } = await call.events.read({ after, limit: SAMPLE.events });
    for (const { name } of items) names.add(name);
    if (after === 0 || wanted.every((name) => names.has(name))) break;
    after = Math.max(0, after - step);
  }
  return names;
}

async function traitNamesOf(catalogue: Catalogue, call: Call<Settings>): Promise<Set<string>> {
  const people = await peopleSeenLast(call);
  const computed = catalogue.definitions().flatMap(({ kind, name }) => (kind === 'trait' ? [name] : []));
  return new Set([...people.flatMap((person) => Object.keys(toProfile(person).traits)), ...(people.length > 0 ? computed : [])]);
}

async function peopleSeenLast(call: Call<Settings>): Promise<readonly PeopleRow[]> {
  const page = await call
    .table<PeopleRow>('people')
    .query({ index: 'recent', equals: { state: 'active' }, order: 'descending', limit: SAMPLE.people });
  return page.items.map(({ value }) => value);
}
