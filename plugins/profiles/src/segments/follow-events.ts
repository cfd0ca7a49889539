import type { Call, Json, LoggedEvent } from '@tendril/plugin-api';
import type { Aggregate } from '../behaviour/aggregate.ts';
import type { MembersRow, Settings } from '../gen/manifest.gen.ts';
import type { Graph } from '../graph.ts';
import { identityKey, identityOf } from '../identity.ts';
import type { Part, Person } from '../part.ts';
import { isIdentified } from '../person.ts';
import { isSame } from '../runs.ts';
import { Catalogue } from './catalogue.ts';
import { changeKeys } from './condition.ts';
import { memberId } from './definition.ts';
import { changedByTime, concernsAnything, evaluate, nextDueAt } from './evaluate.ts';
import type { MembershipChange, Outcome, Subject } from './evaluate.ts';
import { SEGMENT_ENTERED, SEGMENT_LEFT } from './facts.ts';
import type { Model } from './model.ts';
import { NEW_PERSON } from './model.ts';
import { PartStates } from './part-states.ts';
import { Standing } from './standing.ts';
import { statedOf } from './stated.ts';
import type { Stated } from './stated.ts';

/** Parts of a condition that are told with a change, at most. */
const MOST_REASONS = 20;
const GROUPS = changeKeys.field('groups');
const CONSENT = changeKeys.field('consent');
const IS_IDENTIFIED = changeKeys.field('isIdentified');
const SEEN = [changeKeys.field('lastSeenAt'), changeKeys.field('firstSeenAt')];
const UNCHANGED: Outcome = { changes: [], isComputedChanged: false };

/** Behaviour states, computed traits and segments of the people that a batch of events touches: event by event. */
export class SegmentsBatch {
  readonly catalogue: Catalogue;
  readonly states: PartStates;
  readonly #call: Call<Settings>;
  readonly #standings = new Map<string, Standing>();
  readonly #people = new Map<string, Person>();
  readonly #identified = new Set<string>();
  /** How often an event reported the same, by mark. */
  readonly #marks = new Map<string, number>();
  #reportingEvent = '';
  #reported = 0;
  #graph: Graph | undefined;
  #now: number;
  #seenLinks = 0;

  private constructor(catalogue: Catalogue, now: number, call: Call<Settings>) {
    this.catalogue = catalogue;
    this.states = new PartStates(call);
    this.#call = call;
    this.#now = now;
  }

  /** @param now the log's clock before the batch */
  static async load(now: number, call: Call<Settings>): Promise<SegmentsBatch> {
    return new SegmentsBatch(await Catalogue.load(call), now, call);
  }

  get model(): Model {
    return this.catalogue.model;
  }

  /** The log's clock. */
  get now(): number {
    return this.#now;
  }

  get graph(): Graph {
    if (this.#graph === undefined) throw new TypeError('people are read before segments are worked out');
    return this.#graph;
  }

  /** So many changes were reported so far. */
  get reported(): number {
    return this.#reported;
  }

  /** Whether there is nothing to be worked out, as long as nobody defines anything. */
  get isIdle(): boolean {
    return this.model.nodes.length === 0 && this.model.aggregates.length === 0;
  }

  /** Keys of identities and ids of people that an event of the hub names, where an aggregate counts such events. */
  needsOf(event: LoggedEvent): { readonly identities: readonly string[]; readonly people: readonly string[] } {
    if (event.kind !== 'hub' || !this.model.aggregatesByEvent.has(event.name)) return { identities: [], people: [] };
    return { identities: identityKeysOf(event), people: personIn(event) };
  }

  /** Reads what is known of the people that were read. */
  async open(graph: Graph): Promise<void> {
    this.#graph = graph;
    if (!this.isIdle) await this.openPeople(graph.people());
  }

  /** Reads what is known of further people. */
  async openPeople(people: Iterable<Person>): Promise<void> {
    const fresh = [...people].filter(({ id }) => !this.#people.has(id));
    await this.states.load(fresh.flatMap(({ parts }) => parts.map(({ id }) => id)));
    for (const person of fresh) this.#adopt(person);
  }

  #adopt(person: Person): void {
    this.#people.set(person.id, person);
    if (isIdentified(person)) this.#identified.add(person.id);
  }

  /** Takes note of an event, whomever it is about. To be called before `follow`, in the order of the log. */
  moveClock({ receivedAt }: LoggedEvent): void {
    this.#now = Math.max(this.#now, receivedAt);
  }

  /** Works out what an event changes for the person that it belongs to. */
  follow(event: LoggedEvent, given: Part | undefined): void {
    this.#followLinks(event);
    if (this.isIdle) return;
    const isHubEventThatCounts = event.kind === 'hub' && this.model.aggregatesByEvent.has(event.name);
    const part = given ?? (isHubEventThatCounts ? this.#partOfHubEvent(event) : undefined);
    if (part === undefined) return;
    const changed = new Set<string>();
    const counted = this.#count(event, part, changed);
    if (given !== undefined) this.#noteFields(event, part, changed);
    if (changed.size > 0 || counted.length > 0) this.work(part.person, changed, event, counted);
  }

  /** Works out what a change of fields, such as consent, means for somebody. */
  followFields(person: Person, fields: readonly string[], event: LoggedEvent): void {
    if (!this.isIdle) this.work(person, new Set(fields.map(changeKeys.field)), event);
  }

  /** @returns the aggregates that the event counts for; who has to be worked out for it is added to `changed` */
  #count(event: LoggedEvent, part: Part, changed: Set<string>): readonly Aggregate[] {
    const keyedAggregates = this.model.aggregatesByEvent.get(event.name);
    if (keyedAggregates === undefined) return [];
    // What stands was worked out from the state before: not so where time has gone on, or others count along.
    const isAlone = part.person.parts.length === 1 && this.standingOf(part.person.id).dueAt > this.#now;
    const counted: Aggregate[] = [];
    for (const keyed of keyedAggregates) {
      const { key, aggregate } = keyed;
      const sample = aggregate.sampleOf(event);
      if (sample === undefined) continue;
      const before = this.states.of(part.id).get(key);
      const after = this.states.add(part.id, keyed, sample, this.#now);
      counted.push(aggregate);
      if (isAlone) this.#noteValues(aggregate, before, after, changed);
      else changed.add(changeKeys.aggregate(aggregate.id));
    }
    return counted;
  }

  /** Leaves out what comes to the same with the value as it was and as it is now. */
  #noteValues(aggregate: Aggregate, before: string | undefined, after: string | undefined, changed: Set<string>): void {
    const valueBefore = aggregate.value(before, this.#now);
    const valueAfter = aggregate.value(after, this.#now);
    if (isSame(valueBefore, valueAfter)) return;
    for (const node of this.model.readersOfAggregate(aggregate.id))
      if (node.kind === 'trait' || !node.condition.isSameFor(aggregate.id, valueBefore, valueAfter)) changed.add(node.key);
  }

  #noteFields(event: LoggedEvent, part: Part, changed: Set<string>): void {
    const { person } = part;
    if (!this.#people.has(person.id)) {
      this.#people.set(person.id, person);
      changed.add(NEW_PERSON);
    }
    if (event.kind !== 'group') {
      for (const [name, value] of Object.entries(event.traits)) if (!isKnown(part, name, value)) changed.add(changeKeys.trait(name));
    }
    if (event.identities.groupId !== undefined) changed.add(GROUPS);
    if (Object.hasOwn(event.context, 'consent')) changed.add(CONSENT);
    for (const key of SEEN) if (this.model.readersOf(key).length > 0) changed.add(key);
    if (!this.#identified.has(person.id) && isIdentified(person)) {
      this.#identified.add(person.id);
      changed.add(IS_IDENTIFIED);
    }
  }

  #followLinks(event: LoggedEvent): void {
    const links = this.graph.linkChanges();
    for (; this.#seenLinks < links.length; this.#seenLinks += 1) {
      const change = links[this.#seenLinks];
      if (change === undefined || this.isIdle) continue;
      const into = this.standingOf(change.into);
      const from = this.standingOf(change.from);
      if (change.kind === 'merged') from.moveTo(into);
      else from.copyFrom(into);
      for (const id of [change.into, change.from]) {
        const person = this.graph.findPerson(id);
        if (person?.id !== id) continue;
        this.#adopt(person);
        this.work(person, 'all', event);
      }
    }
  }

  standingOf(personId: string): Standing {
    let standing = this.#standings.get(personId);
    if (standing === undefined) {
      standing = new Standing(this.states.row(personId));
      this.#standings.set(personId, standing);
    }
    return standing;
  }

  /** People who were worked out in this batch: what is stored of them may be out of date. */
  knownPeople(): readonly Person[] {
    return [...this.#standings.keys()].flatMap((id) => {
      const person = this.graph.findPerson(id);
      return person?.id === id ? [person] : [];
    });
  }

  /**
   * Works out again what changed of a person, and reports what came of it.
   *
   * @param counted aggregates that were added to
   */
  work(person: Person, changed: Set<string> | 'all', event: LoggedEvent, counted: readonly Aggregate[] = []): void {
    const standing = this.standingOf(person.id);
    const computed = new Map(Object.entries(person.computed)) as Map<string, Json>;
    const subject = new LazySubject(person, standing, computed, this);
    const now = this.#now;
    const isDue = standing.dueAt <= now;
    if (isDue && changed !== 'all') for (const key of changedByTime(this.model, subject, standing.dueAt - 1, now)) changed.add(key);
    const isAffected = changed === 'all' || concernsAnything(this.model, subject, changed);
    const { changes, isComputedChanged } = isAffected ? evaluate(this.model, subject, changed, now) : UNCHANGED;
    if (changed === 'all' || isDue) standing.setDueAt(nextDueAt(this.model, subject, now));
    else standing.setDueAt(Math.min(standing.dueAt, this.#dueOf(subject, changed, counted)));
    if (isComputedChanged) person.computed = Object.fromEntries(computed);
    this.#showSegments(person.id, standing);
    if (isComputedChanged) person.isTouched = true;
    if (changes.length === 0) return;
    const identities = identitiesOf(person);
    for (const change of changes) this.#report({ id: person.id, identities }, change, event);
  }

  #showSegments(personId: string, standing: Standing): void {
    const person = this.graph.findPerson(personId);
    if (!standing.isMembershipChanged || person?.id !== personId) return;
    standing.isMembershipChanged = false;
    person.segments = [...standing.segments.keys()].sort();
    person.isTouched = true;
  }

  /** When what just changed changes again by itself. */
  #dueOf(subject: Subject, changed: ReadonlySet<string>, counted: readonly Aggregate[]): number {
    for (const key of changed)
      if (key.startsWith('definition:') || (key.startsWith('trait:') && this.model.dates.has(key.slice('trait:'.length))))
        return nextDueAt(this.model, subject, this.#now);
    let dueAt = Infinity;
    for (const aggregate of counted) dueAt = Math.min(dueAt, aggregate.nextChangeAt(subject.stateOf(aggregate.id), this.#now));
    return dueAt;
  }

  #report(
    { id, identities }: { readonly id: string; readonly identities: ReturnType<typeof identitiesOf> },
    { segment, version, kind, reason }: MembershipChange,
    event: LoggedEvent,
  ): void {
    if (this.#reportingEvent !== event.id) {
      this.#reportingEvent = event.id;
      this.#marks.clear();
    }
    const mark = `${event.id}/${segment}/${id}/${kind}`;
    const count = (this.#marks.get(mark) ?? 0) + 1;
    this.#marks.set(mark, count);
    this.#reported += 1;
    this.#call.changes.emit({
      name: kind === 'entered' ? SEGMENT_ENTERED : SEGMENT_LEFT,
      identities,
      properties: {
        segment,
        version,
        person: id,
        reason: reason.slice(0, MOST_REASONS).map(({ expression, value }) => ({ expression, value })),
      },
      discriminator: count === 1 ? mark : `${mark}/${String(count)}`,
    });
  }

  /** An event of the hub that names somebody by an identity, or by id. */
  #partOfHubEvent(event: LoggedEvent): Part | undefined {
    for (const key of identityKeysOf(event)) {
      const part = this.graph.find({ key })?.part;
      if (part !== undefined) return part;
    }
    const [person] = personIn(event);
    return person === undefined ? undefined : this.graph.findPart(person);
  }

  /** Puts what changed into the changeset. */
  write(): void {
    const { changes } = this.#call;
    const written = new Set(this.states.changed());
    for (const [id, standing] of this.#standings) {
      standing.forgetUnknown(this.model);
      this.#showSegments(id, standing);
      if (standing.isChanged) written.add(id);
      for (const [slot, since] of standing.memberWrites) {
        if (since === undefined) changes.delete('members', memberId(slot, id));
        else changes.put('members', { id: memberId(slot, id), slot, person: id, since } satisfies MembersRow);
      }
    }
    for (const part of written) {
      const standing = this.#standings.get(part) ?? new Standing(this.states.row(part));
      changes.put('behaviours', { part, states: this.states.toRow(part, this.model), ...standing.toRow() });
    }
    this.catalogue.write();
  }
}

/** What is in force of a person is put together only if a condition reads it. */
class LazySubject implements Subject {
  readonly standing: Standing;
  readonly computed: Map<string, Json>;
  readonly #person: Person;
  readonly #batch: SegmentsBatch;
  readonly #merged = new Map<string, string | undefined>();
  #stated: Stated | undefined;

  constructor(person: Person, standing: Standing, computed: Map<string, Json>, batch: SegmentsBatch) {
    this.#person = person;
    this.standing = standing;
    this.computed = computed;
    this.#batch = batch;
  }

  get stated(): Stated {
    return (this.#stated ??= statedOf(this.#person));
  }

  stateOf(aggregateId: string): string | undefined {
    const keyed = this.#batch.model.keyOf(aggregateId);
    if (keyed === undefined) return undefined;
    const [only, ...others] = this.#person.parts;
    if (only !== undefined && others.length === 0) return this.#batch.states.of(only.id).get(keyed.key);
    if (!this.#merged.has(aggregateId)) {
      const states = this.#person.parts.map(({ id }) => this.#batch.states.of(id).get(keyed.key));
      this.#merged.set(aggregateId, keyed.aggregate.merge(states));
    }
    return this.#merged.get(aggregateId);
  }
}

/** Whether a trait is what it was, whatever comes first: applications say the same again and again. */
function isKnown({ person, traits, statements }: Part, name: string, value: unknown): boolean {
  const known = person.parts.length === 1 ? traits.get(name) : undefined;
  return known !== undefined && isSame(known.value, value) && statements.every((said) => said.name !== name || isSame(said.value, value));
}

function identityKeysOf({ identities: { userId, anonymousId } }: LoggedEvent): readonly string[] {
  return Object.entries({ userId, anonymousId }).flatMap(([kind, value]) =>
    value === undefined ? [] : [identityKey(identityOf(kind, value))],
  );
}

function personIn({ properties }: LoggedEvent): readonly string[] {
  const person = properties['person'];
  return typeof person === 'string' && person !== '' ? [person] : [];
}

/** By what the person's own events name it: the first of each kind. */
function identitiesOf({ parts }: Person): { readonly userId?: string; readonly anonymousId?: string } {
  const all = parts.flatMap(({ identities }) => identities);
  const first = (kind: string): string | undefined => all.find((identity) => identity.startsWith(`${kind}:`))?.slice(kind.length + 1);
  const [userId, anonymousId] = [first('userId'), first('anonymousId')];
  return { ...(userId !== undefined && { userId }), ...(anonymousId !== undefined && { anonymousId }) };
}
