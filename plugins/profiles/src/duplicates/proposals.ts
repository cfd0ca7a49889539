import type { Call, Expectation } from '@tendril/plugin-api';
import type { DuplicatesRow, Settings } from '../gen/manifest.gen.ts';
import type { Evidence } from './evidence.ts';
import { pairIdOf } from './pair.ts';
import type { PairScore } from './score.ts';

/** Who or what decided of a pair. */
export type Decider = NonNullable<DuplicatesRow['decidedBy']>;

interface Held {
  readonly expect: Expectation;
  value: DuplicatesRow | undefined;
  isChanged: boolean;
}

/** Proposed pairs that a batch reads and changes. */
export class Proposals {
  readonly #call: Call<Settings>;
  readonly #now: number;
  readonly #held = new Map<string, Held>();

  constructor(call: Call<Settings>) {
    this.#call = call;
    this.#now = call.clock.now();
  }

  /** Reads pairs that are not at hand yet. */
  async load(ids: Iterable<string>): Promise<void> {
    const wanted = [...new Set(ids)].filter((id) => !this.#held.has(id));
    if (wanted.length === 0) return;
    const rows = await this.#call.table<DuplicatesRow>('duplicates').getMany(wanted);
    for (const [place, id] of wanted.entries()) {
      const row = rows[place];
      this.#held.set(id, { expect: row?.version ?? 'absent', value: row?.value, isChanged: false });
    }
  }

  get(id: string): DuplicatesRow | undefined {
    return this.#held.get(id)?.value;
  }

  /**
   * Proposes a pair, or brings what is proposed up to date. A pair that was dismissed stays so.
   *
   * @returns the pair and whether it was not open before; nothing for a dismissed one
   */
  propose(
    people: readonly [string, string],
    { probability, bits }: PairScore,
    evidence: readonly Evidence[],
  ): { readonly pair: DuplicatesRow; readonly isNew: boolean } | undefined {
    const id = pairIdOf(...people);
    const before = this.get(id);
    if (before?.state === 'dismissed') return undefined;
    const isNew = before?.state !== 'open';
    if (before !== undefined && !isNew && before.probability === probability) return { pair: before, isNew };
    const [left = '', right = ''] = people.toSorted();
    const told = evidence.map(({ shapes, ...rest }) => ({ ...rest, shapes: [...shapes] as [string, string] }));
    const proposedAt = isNew ? this.#now : before.proposedAt;
    const isMergeRequested = !isNew && before.isMergeRequested === true;
    const pair: DuplicatesRow = {
      id,
      left,
      right,
      state: 'open',
      probability,
      bits,
      evidence: told,
      proposedAt,
      ...(isMergeRequested && { isMergeRequested }),
    };
    this.#set(id, pair);
    return { pair, isNew };
  }

  /** Notes that a merge was asked for. */
  requestMerge(pair: DuplicatesRow): void {
    this.#set(pair.id, { ...pair, isMergeRequested: true });
  }

  /** Ends a pair. Nothing for one that is not there or has this state already. */
  decide(id: string, state: Exclude<DuplicatesRow['state'], 'open'>, decidedBy: Decider, reason?: string): void {
    const before = this.get(id);
    if (before === undefined || before.state === state) return;
    this.#set(id, { ...before, state, decidedAt: this.#now, decidedBy, ...(reason !== undefined && { reason }) });
  }

  /** Writes down that a person said of two that they are two, proposed or not. Nothing once they are one, or were dismissed before. */
  dismiss(people: readonly [string, string], reason: string | undefined): void {
    const [left, right] = people[0] < people[1] ? people : [people[1], people[0]];
    const id = pairIdOf(left, right);
    const before = this.get(id);
    if (before !== undefined) {
      if (before.state !== 'merged') this.decide(id, 'dismissed', 'person', reason);
      return;
    }
    const nothing = { probability: 0, bits: 0, evidence: [] };
    this.#set(id, {
      id,
      left,
      right,
      state: 'dismissed',
      ...nothing,
      proposedAt: this.#now,
      decidedAt: this.#now,
      decidedBy: 'person',
      ...(reason !== undefined && { reason }),
    });
  }

  /** Writes down that two are two because a person said so of one of them before it was merged. */
  inherit(from: DuplicatesRow, people: readonly [string, string]): void {
    const [left = '', right = ''] = people.toSorted();
    const id = pairIdOf(left, right);
    if (this.get(id)?.state !== 'dismissed') this.#set(id, { ...from, id, left, right });
  }

  /** Puts what changed into the changeset. */
  write(): void {
    for (const { expect, value, isChanged } of this.#held.values()) {
      if (isChanged && value !== undefined) this.#call.changes.put('duplicates', value, expect);
    }
  }

  #set(id: string, value: DuplicatesRow): void {
    const held = this.#held.get(id);
    if (held === undefined) throw new TypeError('pairs are loaded before they are decided');
    held.value = value;
    held.isChanged = true;
  }
}
