import type { BehavioursRow } from '../gen/manifest.gen.ts';
import { definitionId, slotOf } from './definition.ts';
import type { Model } from './model.ts';

/** A membership that is in force. */
export type Membership = NonNullable<BehavioursRow['segments']>[string];

type StandingRow = Pick<BehavioursRow, 'segments' | 'next' | 'dueAt'>;

/** In which segments a person is, while a batch of events is worked through. */
export class Standing {
  readonly #stored: StandingRow;
  readonly #segments: Map<string, Membership>;
  readonly #next: Map<string, number>;
  readonly #memberWrites = new Map<string, number | undefined>();
  #dueAt: number;
  /** Whether there is something to be written. */
  isChanged = false;
  /** Whether somebody came into a segment or left one since this was last set. */
  isMembershipChanged = false;

  constructor(stored: StandingRow = {}) {
    const { segments = {}, next = {}, dueAt = Infinity } = stored;
    this.#stored = stored;
    this.#segments = new Map(Object.entries(segments));
    this.#next = new Map(Object.entries(next));
    this.#dueAt = dueAt;
  }

  /** By name: what is in force, as it was reported. */
  get segments(): ReadonlyMap<string, Membership> {
    return this.#segments;
  }

  /** By segment with version: since when a person will be in once that version serves. */
  get next(): ReadonlyMap<string, number> {
    return this.#next;
  }

  /** When something may change though nothing happens, in epoch milliseconds. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Memberships to be written, by segment with version: since when, or `undefined` for none. */
  get memberWrites(): ReadonlyMap<string, number | undefined> {
    return this.#memberWrites;
  }

  setDueAt(dueAt: number): void {
    if (dueAt === this.#dueAt) return;
    this.#dueAt = dueAt;
    this.isChanged = true;
  }

  enter(name: string, membership: Membership): void {
    const before = this.#segments.get(name);
    if (before !== undefined && before.position !== membership.position) this.#setMember(slotOf(name, before.position), undefined);
    this.#segments.set(name, membership);
    this.#setMember(slotOf(name, membership.position), membership.since);
    this.isMembershipChanged = true;
  }

  leave(name: string): void {
    const membership = this.#segments.get(name);
    if (membership === undefined) return;
    this.#segments.delete(name);
    this.#setMember(slotOf(name, membership.position), undefined);
    this.isMembershipChanged = true;
  }

  /** Notes whether the person will be in once a version serves. */
  prepare(slot: string, since: number | undefined): void {
    if (since === undefined) this.#next.delete(slot);
    else this.#next.set(slot, since);
    this.#setMember(slot, since);
  }

  /** The version serves: what was prepared of it is over. */
  endPreparing(slot: string): void {
    if (this.#next.delete(slot)) this.isChanged = true;
  }

  /** What somebody was in, the person is in whom he became part of. */
  moveTo(other: Standing): void {
    other.copyFrom(this);
    for (const name of [...this.#segments.keys()]) this.leave(name);
    for (const slot of [...this.#next.keys()]) this.prepare(slot, undefined);
    this.setDueAt(Infinity);
  }

  copyFrom(other: Standing): void {
    for (const [name, membership] of other.#segments) if (!this.#segments.has(name)) this.enter(name, membership);
    for (const [slot, since] of other.#next) if (!this.#next.has(slot)) this.prepare(slot, since);
  }

  /** Forgets segments that there are no more, and versions that are not prepared any more. */
  forgetUnknown(model: Model): void {
    for (const [name, { position }] of [...this.#segments]) {
      const definition = model.definitions.get(definitionId('segment', name));
      const isKnown =
        definition?.active?.position === position || (definition?.settling !== undefined && definition.settling.from === position);
      if (!isKnown) this.leave(name);
    }
    for (const slot of [...this.#next.keys()]) if (!model.isPrepared(slot)) this.prepare(slot, undefined);
  }

  /** Takes a membership away that nothing here knows of. */
  clear(slot: string): void {
    this.#setMember(slot, undefined);
  }

  #setMember(slot: string, since: number | undefined): void {
    this.#memberWrites.set(slot, since);
    this.isChanged = true;
  }

  toRow(): StandingRow {
    if (!this.isChanged) {
      const { segments, next, dueAt } = this.#stored;
      return { ...(segments !== undefined && { segments }), ...(next !== undefined && { next }), ...(dueAt !== undefined && { dueAt }) };
    }
    return {
      ...(this.#segments.size > 0 && { segments: Object.fromEntries(this.#segments) }),
      ...(this.#next.size > 0 && { next: Object.fromEntries(this.#next) }),
      ...(this.#dueAt !== Infinity && { dueAt: this.#dueAt }),
    };
  }
}
