import type { Expectation, LoggedEvent } from '@tendril/plugin-api';
import type { PeopleRow } from './gen/manifest.gen.ts';
import type { Run, Statement } from './runs.ts';
import { saidAt } from './said-at.ts';

/** A part as it is stored. */
export type PartRow = PeopleRow['parts'][number];

/** The last word on one purpose, category or channel. */
export interface Consent {
  readonly isGranted: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly source: string;
}

/** Room for 10^14 positions. */
const ID_CHARACTERS = 9;

/** A trait's statement that waits to be applied. */
export interface NamedStatement extends Statement {
  readonly name: string;
}

/** What ties two parts of one person. */
export type Tie = NonNullable<PeopleRow['links']>[number];

/** A person while a batch of events is worked through. */
export interface Person {
  readonly id: string;
  /** What the stored row has to be still when the batch is committed; any when missing. */
  readonly expect: Expectation | undefined;
  readonly parts: Part[];
  links: Tie[];
  /** Ids of segments that the person is in. */
  segments: readonly string[];
  /** Computed traits by name. */
  computed: Readonly<Record<string, unknown>>;
  /** Groups of the person when the batch began. */
  readonly groupsBefore: ReadonlySet<string>;
  mergedInto: Person | undefined;
  isTouched: boolean;
}

/** What was one person before any merge: nothing that other parts do changes it. */
export class Part {
  readonly id: string;
  readonly createdPosition: number;
  readonly identities: string[];
  readonly groups: string[];
  readonly apart: Set<string>;
  /** Statements of this batch, not yet applied. */
  statements: NamedStatement[] = [];
  person: Person;
  firstSeenAt: number;
  lastSeenAt: number;
  /** Whether a row of it may be stored already. */
  readonly isStored: boolean;
  /** Whether it came to another person in this batch. */
  isMoved = false;
  readonly #row: PartRow | undefined;
  #traits: Map<string, Run> | undefined;
  #consent: Map<string, Consent> | undefined;

  constructor(person: Person, given: PartRow | { readonly id: string; readonly event: LoggedEvent }) {
    this.person = person;
    this.id = given.id;
    this.isStored = !('event' in given);
    if ('event' in given) {
      this.createdPosition = given.event.position;
      this.firstSeenAt = this.lastSeenAt = saidAt(given.event);
      this.identities = [];
      this.groups = [];
      this.apart = new Set();
    } else {
      this.#row = given;
      this.createdPosition = given.createdPosition;
      this.firstSeenAt = given.firstSeenAt;
      this.lastSeenAt = given.lastSeenAt;
      this.identities = [...given.identities];
      this.groups = [...given.groups];
      this.apart = new Set(given.apart);
    }
  }

  /** Traits in force of this part, by name. Opened when first asked for: most events state none. */
  get traits(): Map<string, Run> {
    this.#traits ??= new Map(Object.entries(this.#row?.traits ?? {}).map(([name, run]) => [name, toRun(run)]));
    return this.#traits;
  }

  get consent(): Map<string, Consent> {
    this.#consent ??= new Map(Object.entries(this.#row?.consent ?? {}));
    return this.#consent;
  }

  get isIdentified(): boolean {
    return this.identities.some((identity) => identity.startsWith('userId:'));
  }

  toRow(): PartRow {
    const { id, identities, groups, apart, firstSeenAt, lastSeenAt, createdPosition } = this;
    // fromEntries defines own properties, so that a trait called __proto__ is a trait like any other.
    const traits =
      this.#traits === undefined
        ? (this.#row?.traits ?? {})
        : Object.fromEntries([...this.#traits].map(([name, run]) => [name, toTrait(run)]));
    const consent = this.#consent === undefined ? this.#row?.consent : Object.fromEntries(this.#consent);
    return {
      id,
      identities,
      groups,
      traits,
      ...(consent !== undefined && Object.keys(consent).length > 0 && { consent }),
      ...(apart.size > 0 && { apart: [...apart] }),
      firstSeenAt,
      lastSeenAt,
      createdPosition,
    };
  }
}

/**
 * Id of whom the event is the first to mention: its place in the log, so that a replay gives the same. Of one length, so that
 * rows of new people lie together at the end of a table.
 */
export function partIdOf({ position }: Pick<LoggedEvent, 'position'>): string {
  return `p${position.toString(36).padStart(ID_CHARACTERS, '0')}`;
}

/** A run as it is stored: `since` only where it differs. */
export function toTrait({ value, at, since, source }: Run): PartRow['traits'][string] {
  return since === at ? { value, at, source } : { value, at, since, source };
}

/** A stored run. */
export function toRun({ value, at, since, source }: PartRow['traits'][string]): Run {
  return { value, at, since: since ?? at, source };
}
