import type { Json } from '@tendril/plugin-api';
import { isSame } from '../runs.ts';
import { changeKeys, momentOf, nextDayAfter } from './condition.ts';
import type { PartValue, PersonView } from './condition.ts';
import { slotOf } from './definition.ts';
import type { Model, Node, SegmentNode } from './model.ts';
import type { Standing } from './standing.ts';

/** A person whose segments and computed traits are worked out. */
export interface Subject {
  readonly standing: Standing;
  /** Computed traits by name, those without a value left out. */
  readonly computed: Map<string, Json>;
  /** What events stated: traits and the other fields of `profile`, as of now. */
  readonly stated: { readonly traits: Readonly<Record<string, unknown>> };
  /** State of an aggregate over all parts of the person. */
  stateOf(aggregateId: string): string | undefined;
}

/** A segment that a person came into or left. */
export interface MembershipChange {
  readonly segment: string;
  readonly version: number;
  readonly kind: 'entered' | 'left';
  /** What the condition's parts came to. */
  readonly reason: readonly PartValue[];
}

/** What came of working a person out. */
export interface Outcome {
  /** To be reported, in order. */
  readonly changes: readonly MembershipChange[];
  readonly isComputedChanged: boolean;
}

/** What of a person changed: keys of changes, or all of it. */
export type Changed = ReadonlySet<string> | 'all';

/**
 * Works out again what reads what changed: computed traits, then segments in the order of their dependencies, then
 * versions that are being prepared.
 */
export function evaluate(model: Model, subject: Subject, changed: Changed, now: number): Outcome {
  return new Evaluation(model, subject, now).run(changed);
}

/** Whether `evaluate` has anything to look at. */
export function concernsAnything(model: Model, { computed }: Subject, changed: ReadonlySet<string>): boolean {
  if (model.settling.length > 0) return true;
  for (const key of changed) {
    if (model.readersOf(key).length > 0) return true;
    if (key.startsWith('trait:') && model.readersOf(changeKeys.anyTrait).length > 0) return true;
  }
  for (const name of computed.keys()) if (!model.hasTrait(name)) return true;
  return false;
}

class Evaluation {
  readonly #model: Model;
  readonly #subject: Subject;
  readonly #now: number;
  readonly #affected: Uint8Array;
  readonly #changes: MembershipChange[] = [];
  readonly #traits: Record<string, unknown>;
  readonly #view: PersonView;
  #isComputedChanged = false;

  constructor(model: Model, subject: Subject, now: number) {
    this.#model = model;
    this.#subject = subject;
    this.#now = now;
    this.#affected = new Uint8Array(model.nodes.length);
    this.#traits = { ...subject.stated.traits, ...Object.fromEntries(subject.computed) };
    const { standing } = subject;
    this.#view = viewOf(
      { ...subject.stated, traits: this.#traits },
      (id) => subject.stateOf(id),
      (name) => standing.segments.has(name),
      now,
    );
  }

  run(changed: Changed): Outcome {
    if (changed === 'all') this.#affected.fill(1);
    else for (const key of changed) this.#touch(key);
    for (const node of this.#model.settling) this.#settle(node);
    for (const name of [...this.#subject.computed.keys()]) if (!this.#model.hasTrait(name)) this.#workTrait(name, null);
    for (const node of this.#model.nodes) if (this.#affected[node.index] === 1) this.#work(node);
    return { changes: this.#changes, isComputedChanged: this.#isComputedChanged };
  }

  #touch(key: string): void {
    for (const index of this.#model.readersOf(key)) this.#affected[index] = 1;
    if (key.startsWith('trait:')) for (const index of this.#model.readersOf(changeKeys.anyTrait)) this.#affected[index] = 1;
  }

  #work(node: Node): void {
    if (node.kind === 'trait') this.#workTrait(node.definition.name, node.aggregates[0]?.value(this.#stateOf(node), this.#now) ?? null);
    else if (node.role === 'active') this.#workSegment(node);
    else this.#workNext(node);
  }

  #stateOf(node: Node): string | undefined {
    const [aggregate] = node.aggregates;
    return aggregate === undefined ? undefined : this.#subject.stateOf(aggregate.id);
  }

  #workTrait(name: string, value: Json): void {
    const { computed } = this.#subject;
    if (isSame(computed.get(name) ?? null, value)) return;
    if (value === null) {
      computed.delete(name);
      // What events stated under the same name shows again.
      const { traits } = this.#subject.stated;
      if (Object.hasOwn(traits, name)) this.#traits[name] = traits[name];
      else delete this.#traits[name];
    } else {
      computed.set(name, value);
      this.#traits[name] = value;
    }
    this.#isComputedChanged = true;
    this.#touch(changeKeys.trait(name));
  }

  #workSegment(node: SegmentNode): void {
    const { definition, version, condition } = node;
    const { standing } = this.#subject;
    const isIn = condition.holds(this.#view);
    if (isIn === standing.segments.has(definition.name)) return;
    if (isIn) standing.enter(definition.name, { position: version.position, since: this.#now });
    else standing.leave(definition.name);
    this.#report(node, isIn);
  }

  #workNext({ definition, version, condition }: SegmentNode): void {
    const { standing } = this.#subject;
    const slot = slotOf(definition.name, version.position);
    const isIn = condition.holds(this.#view);
    if (isIn !== standing.next.has(slot)) standing.prepare(slot, isIn ? this.#now : undefined);
  }

  /** The version before served when this person was looked at last: tells the difference, once. */
  #settle(node: SegmentNode): void {
    const { definition, version } = node;
    const { standing } = this.#subject;
    const slot = slotOf(definition.name, version.position);
    const before = standing.segments.get(definition.name);
    const since = standing.next.get(slot);
    if (before?.position === version.position || (before === undefined && since === undefined)) return;
    standing.endPreparing(slot);
    if (since === undefined) standing.leave(definition.name);
    else standing.enter(definition.name, { position: version.position, since: before?.since ?? since });
    if (before !== undefined && since !== undefined) return;
    this.#report(node, since !== undefined, definition.settling?.isQuiet);
  }

  #report({ definition, version, condition }: SegmentNode, isIn: boolean, isQuiet = false): void {
    this.#touch(changeKeys.segment(definition.name));
    if (isQuiet) return;
    this.#changes.push({
      segment: definition.name,
      version: version.version,
      kind: isIn ? 'entered' : 'left',
      reason: condition.valuesOf(this.#view),
    });
  }
}

function viewOf(
  profile: object,
  stateOf: (aggregateId: string) => string | undefined,
  isIn: (segment: string) => boolean,
  now: number,
): PersonView {
  return { now, profile: { scores: {}, ...profile }, stateOf, isIn };
}

/** The next moment at which something of a person may change though nothing happens; `Infinity` when nothing will. */
export function nextDueAt(model: Model, subject: Subject, now: number): number {
  let dueAt = Infinity;
  for (const { aggregate } of model.aggregates) dueAt = Math.min(dueAt, aggregate.nextChangeAt(subject.stateOf(aggregate.id), now));
  for (const trait of model.dates) dueAt = Math.min(dueAt, nextDayOf(subject, trait, now));
  return dueAt;
}

/** What changed because time went on from `since` to `now`. */
export function changedByTime(model: Model, subject: Subject, since: number, now: number): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const { aggregate } of model.aggregates)
    if (aggregate.nextChangeAt(subject.stateOf(aggregate.id), since) <= now) changed.add(changeKeys.aggregate(aggregate.id));
  for (const trait of model.dates) if (nextDayOf(subject, trait, since) <= now) changed.add(changeKeys.date(trait));
  return changed;
}

function nextDayOf({ stated, computed }: Subject, trait: string, now: number): number {
  const at = momentOf(computed.get(trait) ?? (Object.hasOwn(stated.traits, trait) ? stated.traits[trait] : undefined));
  return at === undefined ? Infinity : nextDayAfter(at, now);
}
