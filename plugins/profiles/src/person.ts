import type { Expectation, LoggedEvent, Row } from '@tendril/plugin-api';
import type { PeopleRow } from './gen/manifest.gen.ts';
import { Part, partIdOf } from './part.ts';
import type { Person } from './part.ts';

/** A person whom the event is the first to mention. */
export function newPerson(event: LoggedEvent): Person {
  const person = emptyPerson(partIdOf(event), 'absent');
  person.parts.push(new Part(person, { id: person.id, event }));
  return person;
}

/** Nobody yet: parts are to be put in. */
export function emptyPerson(id: string, expect: Expectation | undefined): Person {
  return { id, expect, parts: [], links: [], segments: [], computed: {}, groupsBefore: new Set(), mergedInto: undefined, isTouched: true };
}

/** A stored person, to be worked on. */
export function fromRow({ value, version }: Row<PeopleRow>): Person {
  const person: Person = {
    id: value.id,
    expect: version,
    parts: [],
    links: [...(value.links ?? [])],
    segments: value.segments ?? [],
    computed: value.computed ?? {},
    groupsBefore: new Set(value.parts.flatMap(({ groups }) => groups)),
    mergedInto: undefined,
    isTouched: false,
  };
  person.parts.push(...value.parts.map((part) => new Part(person, part)));
  return person;
}

/** The row of a person. */
export function toRow({ id, parts, links, segments, computed }: Person): PeopleRow {
  return {
    id,
    state: 'active',
    lastSeenAt: Math.max(...parts.map(({ lastSeenAt }) => lastSeenAt)),
    parts: parts.map((part) => part.toRow()),
    ...(links.length > 0 && { links }),
    ...(segments.length > 0 && { segments: [...segments] }),
    ...(Object.keys(computed).length > 0 && { computed }),
  };
}

/** What is left of a person that was merged: the way to the other. */
export function toTombstone(id: string, into: Person): PeopleRow {
  return { id, state: 'merged', mergedInto: into.id, parts: [] };
}

/** Whether a userId is known. */
export function isIdentified({ parts }: Person): boolean {
  return parts.some((part) => part.isIdentified);
}

/** Position of the event that made the oldest part. */
export function createdPositionOf({ parts }: Person): number {
  return Math.min(...parts.map(({ createdPosition }) => createdPosition));
}
