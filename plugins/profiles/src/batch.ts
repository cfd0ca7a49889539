import type { Call, Expectation, LoggedEvent } from '@tendril/plugin-api';
import type { IdentitiesRow, MergesRow, PeopleRow, Settings } from './gen/manifest.gen.ts';
import { identityKey } from './identity.ts';
import { fromRow, newPerson } from './person.ts';
import type { Person } from './person.ts';

/** Which person an identity belongs to. */
interface Link {
  readonly person: Person;
  readonly expect: Expectation | undefined;
  readonly isChanged: boolean;
}

/** The identities and people that a batch of events touches, read once, changed in memory. */
export class Batch {
  readonly #links: Map<string, Link>;
  readonly #people: Map<string, Person>;
  readonly #merges: MergesRow[] = [];
  readonly #maxIdentities: number;

  private constructor(links: Map<string, Link>, people: Map<string, Person>, maxIdentities: number) {
    this.#links = links;
    this.#people = people;
    this.#maxIdentities = maxIdentities;
  }

  /** Reads what the identities lead to: one question for the identities, one for the people. */
  static async load(identities: ReadonlySet<string>, call: Call<Settings>): Promise<Batch> {
    const keys = [...new Set(Array.from(identities, identityKey))];
    const linkRows = await call.table<IdentitiesRow>('identities').getMany(keys);
    const ids = [...new Set(linkRows.flatMap((row) => (row === undefined ? [] : [row.value.person])))];
    const rows = ids.length === 0 ? [] : await call.table<PeopleRow>('people').getMany(ids);
    const people = new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.key, fromRow(row)] as const])));
    const links = new Map<string, Link>();
    for (const row of linkRows) {
      const person = row === undefined ? undefined : people.get(row.value.person);
      if (row !== undefined && person !== undefined) links.set(row.value.identity, { person, expect: row.version, isChanged: false });
    }
    return new Batch(links, people, call.settings.maxIdentities ?? 200);
  }

  find(identity: string | undefined): Person | undefined {
    return identity === undefined ? undefined : this.#links.get(identityKey(identity))?.person;
  }

  create(event: LoggedEvent): Person {
    const person = newPerson(event);
    this.#people.set(person.id, person);
    return person;
  }

  /** Makes the identity lead to the person, unless it leads to somebody already. */
  attach(person: Person, identity: string): void {
    const key = identityKey(identity);
    if (this.#links.has(key)) return;
    if (identity.startsWith('anonymousId:') && person.identities.size >= this.#maxIdentities) return;
    person.identities.add(identity);
    person.isIdentified ||= identity.startsWith('userId:');
    person.isTouched = true;
    this.#links.set(key, { person, expect: 'absent', isChanged: true });
  }

  /** Makes one person of two. The loser's identities lead to the winner; its row becomes a tombstone. */
  merge(loser: Person, winner: Person, reason: MergesRow['reason'], event: LoggedEvent): void {
    if (loser === winner) return;
    for (const identity of loser.identities) {
      const key = identityKey(identity);
      this.#links.set(key, { person: winner, expect: this.#links.get(key)?.expect, isChanged: true });
      winner.identities.add(identity);
    }
    for (const group of loser.groups) winner.groups.add(group);
    winner.statements.push(...loser.statements.splice(0));
    winner.absorbed.push(loser, ...loser.absorbed.splice(0));
    winner.isIdentified ||= loser.isIdentified;
    winner.firstSeenAt = Math.min(winner.firstSeenAt, loser.firstSeenAt);
    winner.lastSeenAt = Math.max(winner.lastSeenAt, loser.lastSeenAt);
    winner.isTouched = true;
    loser.mergedInto = winner;
    loser.isTouched = true;
    this.#merges.push({ loser: loser.id, winner: winner.id, reason, eventId: event.id, position: event.position, at: event.occurredAt });
  }

  /** People that the batch changed, tombstones among them. */
  touched(): readonly Person[] {
    return [...this.#people.values()].filter((person) => person.isTouched);
  }

  /** Puts changed identities and merges into the changeset. */
  write(call: Call<Settings>): void {
    for (const [identity, { person, expect, isChanged }] of this.#links) {
      if (isChanged) call.changes.put('identities', { identity, person: person.id } satisfies IdentitiesRow, expect);
    }
    for (const merge of this.#merges) call.changes.put('merges', merge);
  }
}
