import { createHash } from 'node:crypto';
import type { Expectation, LoggedEvent, Row } from '@tendril/plugin-api';
import type { PeopleRow } from './gen/manifest.gen.ts';
import type { Run, Statement } from './runs.ts';

/** A trait's statement that waits to be applied. */
export interface NamedStatement extends Statement {
  readonly name: string;
}

/** A person while a batch of events is worked through. */
export interface Person {
  readonly id: string;
  /** What the stored row has to be still when the batch is committed. */
  readonly expect: Expectation;
  readonly createdPosition: number;
  readonly identities: Set<string>;
  readonly groups: Set<string>;
  readonly traits: Map<string, Run>;
  /** Statements of this batch, not yet applied. */
  readonly statements: NamedStatement[];
  /** People that this batch joined to this one. */
  readonly absorbed: Person[];
  mergedInto: Person | undefined;
  isIdentified: boolean;
  firstSeenAt: number;
  lastSeenAt: number;
  isTouched: boolean;
}

/** A person whom the event is the first to mention. Its id comes from the event's place, so that a replay gives the same. */
export function newPerson(event: LoggedEvent): Person {
  return {
    id: `p${createHash('sha256').update(`${event.position}:${event.id}`).digest('hex').slice(0, 24)}`,
    expect: 'absent',
    createdPosition: event.position,
    identities: new Set(),
    groups: new Set(),
    traits: new Map(),
    statements: [],
    absorbed: [],
    mergedInto: undefined,
    isIdentified: false,
    firstSeenAt: event.occurredAt,
    lastSeenAt: event.occurredAt,
    isTouched: true,
  };
}

/** A stored person, to be worked on. */
export function fromRow({ value, version }: Row<PeopleRow>): Person {
  return {
    id: value.id,
    expect: version,
    createdPosition: value.createdPosition,
    identities: new Set(value.identities),
    groups: new Set(value.groups),
    traits: new Map(
      Object.entries(value.traits).map(([name, { since, ...trait }]) => [name, { ...trait, value: trait.value, since: since ?? trait.at }]),
    ),
    statements: [],
    absorbed: [],
    mergedInto: undefined,
    isIdentified: value.isIdentified,
    firstSeenAt: value.firstSeenAt,
    lastSeenAt: value.lastSeenAt,
    isTouched: false,
  };
}

/** The row of a person; of one that was merged, the tombstone. */
export function toRow(person: Person): PeopleRow {
  const { id, isIdentified, firstSeenAt, lastSeenAt, createdPosition } = person;
  const seen = { id, isIdentified, firstSeenAt, lastSeenAt, createdPosition };
  if (person.mergedInto !== undefined) {
    return { ...seen, state: 'merged', mergedInto: person.mergedInto.id, traits: {}, identities: [], groups: [] };
  }
  return { ...seen, state: 'active', traits: toTraits(person.traits), identities: [...person.identities], groups: [...person.groups] };
}

/** A run as it is stored: `since` only where it differs. */
export function toTrait({ value, at, since, source }: Run): PeopleRow['traits'][string] {
  return since === at ? { value, at, source } : { value, at, since, source };
}

// fromEntries defines own properties, so that a trait called __proto__ is a trait like any other.
function toTraits(traits: ReadonlyMap<string, Run>): PeopleRow['traits'] {
  return Object.fromEntries([...traits].map(([name, run]) => [name, toTrait(run)]));
}
