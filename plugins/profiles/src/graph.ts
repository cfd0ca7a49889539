import type { Call, Expectation, LoggedEvent, Row } from '@tendril/plugin-api';
import type { IdentitiesRow, LinksRow, PeopleRow, Settings } from './gen/manifest.gen.ts';
import { identityKey } from './identity.ts';
import type { IdentityRules } from './identity-rules.ts';
import type { Mention } from './mentions.ts';
import type { Part } from './part.ts';
import type { Person } from './part.ts';
import { reachable } from './reachable.ts';
import { createdPositionOf, emptyPerson, fromRow, isIdentified, newPerson, toRow, toTombstone } from './person.ts';

/** What a batch has to read before it begins. */
export interface Needs {
  /** Keys of identities. */
  readonly identities: ReadonlySet<string>;
  /** Ids of people, tombstones among them. */
  readonly people: ReadonlySet<string>;
  /** Ids of links. */
  readonly links: ReadonlySet<string>;
}

/** An identity, and the part that it belongs to. */
export interface Holder {
  /** As it is stored: of a long one the digest. */
  readonly identity: string;
  readonly part: Part;
  readonly expect: Expectation | undefined;
  readonly met: Set<string>;
  isShared: boolean;
  /** Position of the event that made it shared. */
  sharedAt: number | undefined;
  /** Part of its own, once shared. */
  alone: string | undefined;
  isChanged: boolean;
}

/** Why two people are one. */
export interface Evidence {
  readonly reason: LinksRow['reason'];
  /** Which parts it ties. */
  readonly intoPart: Part;
  readonly fromPart: Part;
  /** Identity in common, or what was given as reason. */
  readonly evidence?: string;
  /** Id of the link; made from the event's place otherwise. */
  readonly link?: string;
  /** Whether `intoPart` stays, whoever was there first. */
  readonly isDirected?: boolean;
}

/** A merge or its undoing in this batch. */
export interface LinkChange {
  readonly link: LinksRow;
  readonly kind: 'merged' | 'unmerged';
  readonly into: string;
  readonly from: string;
}

/** A person that holds more parts than this is joined to nobody by itself any more. */
const MOST_PARTS = 100;

/** The identities and people that a batch of events touches, read once, changed in memory. */
export class Graph {
  readonly rules: IdentityRules;
  readonly #call: Call<Settings>;
  readonly #holders = new Map<string, Holder>();
  readonly #dropped = new Set<string>();
  readonly #people = new Map<string, Person>();
  readonly #parts = new Map<string, Part>();
  /** Where tombstones lead that were asked for. */
  readonly #tombstones = new Map<string, string>();
  readonly #links = new Map<string, { row: LinksRow; isChanged: boolean }>();
  readonly #linkChanges: LinkChange[] = [];

  private constructor(rules: IdentityRules, call: Call<Settings>) {
    this.rules = rules;
    this.#call = call;
  }

  /** Reads what the identities lead to: one question for each table, one more for tombstones. */
  static async load(needs: Needs, rules: IdentityRules, call: Call<Settings>): Promise<Graph> {
    const graph = new Graph(rules, call);
    const [identities, links] = await Promise.all([
      needs.identities.size === 0 ? [] : call.table<IdentitiesRow>('identities').getMany([...needs.identities]),
      needs.links.size === 0 ? [] : call.table<LinksRow>('links').getMany([...needs.links]),
    ]);
    for (const row of links) if (row !== undefined) graph.#links.set(row.key, { row: row.value, isChanged: false });
    const tied = links.flatMap((row) => (row === undefined ? [] : [row.value.intoPart, row.value.fromPart]));
    const owners = identities.flatMap((row) => (row === undefined ? [] : [row.value.person, row.value.alone ?? row.value.person]));
    await graph.loadPeople([...needs.people, ...tied, ...owners]);
    for (const row of identities) if (row !== undefined) graph.#hold(row);
    return graph;
  }

  /** Reads people that are not at hand yet, through tombstones. */
  async loadPeople(ids: readonly string[]): Promise<void> {
    for (let wanted = this.#unknown(ids); wanted.length > 0;) {
      const rows = await this.#call.table<PeopleRow>('people').getMany(wanted);
      const targets: string[] = [];
      for (const row of rows) {
        if (row === undefined) continue;
        if (row.value.mergedInto === undefined) this.#adopt(fromRow(row));
        else {
          this.#tombstones.set(row.key, row.value.mergedInto);
          targets.push(row.value.mergedInto);
        }
      }
      wanted = this.#unknown(targets);
    }
  }

  #unknown(ids: readonly string[]): string[] {
    return [...new Set(ids)].filter((id) => !this.#people.has(id) && !this.#parts.has(id) && !this.#tombstones.has(id));
  }

  #adopt(person: Person): void {
    this.#people.set(person.id, person);
    for (const part of person.parts) this.#parts.set(part.id, part);
  }

  #hold({ value, version }: Row<IdentitiesRow>): void {
    const part = this.#parts.get(value.part);
    if (part === undefined) return;
    const { identity, met, isShared = false, sharedAt, alone } = value;
    this.#holders.set(identity, { identity, part, expect: version, met: new Set(met), isShared, sharedAt, alone, isChanged: false });
  }

  /** Who holds an identity. */
  find({ key }: Pick<Mention, 'key'>): Holder | undefined {
    return this.#holders.get(key);
  }

  /** A part by the id of a person or part, tombstones among them. */
  findPart(id: string): Part | undefined {
    return this.#parts.get(id) ?? this.findPerson(id)?.parts[0];
  }

  /** A person by its id or that of any of its parts. */
  findPerson(id: string): Person | undefined {
    const part = this.#parts.get(id);
    if (part !== undefined) return part.person;
    const target = this.#tombstones.get(id);
    // Rows of 0.1 may lead to another tombstone.
    return target === undefined ? undefined : this.findPerson(target);
  }

  findLink(id: string): LinksRow | undefined {
    return this.#links.get(id)?.row;
  }

  create(event: LoggedEvent): Part {
    const person = newPerson(event);
    this.#adopt(person);
    const [part] = person.parts;
    if (part === undefined) throw new TypeError('a new person has a part');
    return part;
  }

  /** Gives the part an identity that nobody has, if it has room for it. */
  attach(part: Part, { identity, key, rule }: Mention): void {
    if (this.#holders.has(key)) return;
    const { person } = part;
    if (this.countOf(person, rule.kind) >= rule.perPerson) return;
    const count = person.parts.reduce((sum, { identities }) => sum + identities.length, 0);
    if (count >= this.rules.maxIdentities && !this.#dropWeakest(part, rule.priority)) return;
    part.identities.push(identity);
    person.isTouched = true;
    const expect = this.#dropped.delete(key) ? undefined : 'absent';
    this.#holders.set(key, {
      identity: key,
      part,
      expect,
      met: new Set(),
      isShared: false,
      sharedAt: undefined,
      alone: undefined,
      isChanged: true,
    });
  }

  /** How many identities of a kind somebody has. */
  countOf({ parts }: Person, kind: string): number {
    let count = 0;
    for (const { identities } of parts) for (const identity of identities) if (this.rules.ruleOf(identity)?.kind === kind) count += 1;
    return count;
  }

  #dropWeakest(part: Part, priority: number): boolean {
    let weakest = -1;
    let weakestPriority = priority;
    for (const [index, identity] of part.identities.entries()) {
      const other = this.rules.ruleOf(identity)?.priority ?? Infinity;
      if (other <= weakestPriority) continue;
      weakest = index;
      weakestPriority = other;
    }
    const [identity] = weakest < 0 ? [] : part.identities.splice(weakest, 1);
    if (identity === undefined) return false;
    const key = identityKey(identity);
    this.#holders.delete(key);
    this.#dropped.add(key);
    return true;
  }

  /** Notes that an identity was mentioned with somebody who is not whom it belongs to. Too many make it shared. */
  meet(holder: Holder, part: Part, sharedAfter: number, { position }: LoggedEvent): void {
    if (holder.isShared || sharedAfter === Infinity) return;
    if (part.person.parts.some(({ id }) => holder.met.has(id))) return;
    holder.met.add(part.id);
    holder.isShared = holder.met.size >= sharedAfter;
    if (holder.isShared) holder.sharedAt = position;
    holder.isChanged = true;
  }

  /** The part of its own that a shared identity has. */
  aloneOf(holder: Holder, event: LoggedEvent): Part {
    const known = holder.alone === undefined ? undefined : this.#parts.get(holder.alone);
    if (known !== undefined) return known;
    const part = this.create(event);
    holder.alone = part.id;
    holder.isChanged = true;
    return part;
  }

  /** Whether a person has separated the two. */
  isApart(left: Person, right: Person): boolean {
    const ids = new Set(right.parts.map(({ id }) => id));
    return left.parts.some(({ apart }) => apart.size > 0 && [...apart].some((id) => ids.has(id)));
  }

  /** Whether two people may be made one without a person's word. */
  hasRoom(left: Person, right: Person): boolean {
    return left.parts.length + right.parts.length <= MOST_PARTS;
  }

  /** Makes one person of two. The one with a userId stays, else the one that was there first. */
  merge(evidence: Evidence, event: LoggedEvent): void {
    const { intoPart, fromPart } = evidence;
    if (intoPart.person === fromPart.person) return;
    const isTurned = evidence.isDirected !== true && !isRather(intoPart.person, fromPart.person);
    const [winnerPart, loserPart] = isTurned ? [fromPart, intoPart] : [intoPart, fromPart];
    const [winner, loser] = [winnerPart.person, loserPart.person];
    this.#removeApart(winner, loser);
    const link: LinksRow = {
      id: evidence.link ?? `l${event.position}-${loser.id}`,
      into: winner.id,
      from: loser.id,
      intoPart: winnerPart.id,
      fromPart: loserPart.id,
      reason: evidence.reason,
      ...(evidence.evidence !== undefined && { evidence: evidence.evidence }),
      eventId: event.id,
      position: event.position,
      at: event.occurredAt,
      isUndone: false,
    };
    for (const part of loser.parts.splice(0)) move(part, winner);
    winner.links = [...winner.links, ...loser.links, { id: link.id, left: winnerPart.id, right: loserPart.id }];
    // What both were told to have entered is true of the one until it is looked at anew.
    winner.segments = [...new Set([...winner.segments, ...loser.segments])].toSorted();
    winner.isTouched = true;
    loser.mergedInto = winner;
    loser.isTouched = true;
    this.#links.set(link.id, { row: link, isChanged: true });
    this.#linkChanges.push({ link, kind: 'merged', into: winner.id, from: loser.id });
  }

  #removeApart(left: Person, right: Person): void {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      for (const part of one.parts) if (part.apart.size > 0) for (const { id } of other.parts) part.apart.delete(id);
    }
  }

  /** Takes a link away: the parts on both sides are people of their own again, and stay apart. */
  separate(link: LinksRow, reason: string | undefined, event: LoggedEvent): void {
    const left = this.#parts.get(link.intoPart);
    const right = this.#parts.get(link.fromPart);
    if (left === undefined || right === undefined || left.person !== right.person || link.isUndone) return;
    const person = left.person;
    const remaining = person.links.filter(({ id }) => id !== link.id);
    const ofPerson = reachable(person.id, remaining);
    const leaving = person.parts.filter(({ id }) => !ofPerson.has(id));
    const id = leaving.find((part) => part.id === link.from)?.id ?? oldestOf(leaving);
    if (id === undefined) return;
    const other = { ...emptyPerson(id, undefined), groupsBefore: this.#people.get(id)?.groupsBefore ?? new Set<string>() };
    this.#people.set(id, other);
    this.#tombstones.delete(id);
    for (const part of leaving) move(part, other);
    person.parts.splice(0, person.parts.length, ...person.parts.filter((part) => part.person === person));
    const isLeaving = new Set(leaving.map((part) => part.id));
    other.links = remaining.filter((tie) => isLeaving.has(tie.left));
    person.links = remaining.filter((tie) => !isLeaving.has(tie.left));
    other.segments = person.segments;
    left.apart.add(right.id);
    right.apart.add(left.id);
    person.isTouched = true;
    const undone: LinksRow = {
      ...link,
      isUndone: true,
      undoneBy: event.id,
      undonePosition: event.position,
      undoneAt: event.occurredAt,
      ...(reason !== undefined && { undoneReason: reason }),
    };
    this.#links.set(link.id, { row: undone, isChanged: true });
    this.#linkChanges.push({ link: undone, kind: 'unmerged', into: person.id, from: id });
  }

  /** Parts of which the batch states something. */
  stated(): readonly Part[] {
    return [...this.#parts.values()].filter(({ statements }) => statements.length > 0);
  }

  /** People that were read or made. */
  people(): readonly Person[] {
    return [...this.#people.values()];
  }

  /** People whom the batch changed and who are people still. */
  touched(): readonly Person[] {
    return [...this.#people.values()].filter((person) => person.isTouched && person.mergedInto === undefined);
  }

  /** Those whom the batch joined to others. */
  merged(): readonly Person[] {
    return [...this.#people.values()].filter(({ mergedInto }) => mergedInto !== undefined);
  }

  /** Merges and their undoing, in order. */
  linkChanges(): readonly LinkChange[] {
    return this.#linkChanges;
  }

  /** Puts what changed into the changeset. */
  async write(): Promise<void> {
    const { changes } = this.#call;
    await this.#loadMoved();
    for (const person of this.touched()) changes.put('people', toRow(person), person.expect);
    for (const part of this.#parts.values()) {
      if (part.isMoved && part.id !== part.person.id) changes.put('people', toTombstone(part.id, part.person));
    }
    for (const holder of this.#holders.values()) {
      if (holder.isChanged || holder.part.isMoved) changes.put('identities', toIdentityRow(holder), holder.expect);
    }
    for (const key of this.#dropped) if (!this.#holders.has(key)) changes.delete('identities', key);
    for (const { row, isChanged } of this.#links.values()) if (isChanged) changes.put('links', row);
  }

  /** Identities of parts that came to another person lead there from now on. */
  async #loadMoved(): Promise<void> {
    const moved = [...this.#parts.values()].filter(({ isMoved }) => isMoved);
    const keys = moved.flatMap(({ identities }) => identities.map(identityKey)).filter((key) => !this.#holders.has(key));
    if (keys.length === 0) return;
    for (const row of await this.#call.table<IdentitiesRow>('identities').getMany(keys)) if (row !== undefined) this.#hold(row);
  }
}

function move(part: Part, to: Person): void {
  part.person = to;
  part.isMoved = true;
  to.parts.push(part);
}

function isRather(left: Person, right: Person): boolean {
  if (isIdentified(left) !== isIdentified(right)) return isIdentified(left);
  return createdPositionOf(left) < createdPositionOf(right);
}

function oldestOf(parts: readonly Part[]): string | undefined {
  return parts.toSorted((left, right) => left.createdPosition - right.createdPosition)[0]?.id;
}

function toIdentityRow({ identity, part, met, isShared, sharedAt, alone }: Holder): IdentitiesRow {
  return {
    identity,
    part: part.id,
    person: part.person.id,
    ...(met.size > 0 && { met: [...met] }),
    ...(isShared && { isShared }),
    ...(sharedAt !== undefined && { sharedAt }),
    ...(alone !== undefined && { alone }),
  };
}
