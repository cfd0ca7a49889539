import type { Call, Row } from '@tendril/plugin-api';
import type { Sample } from '../behaviour/tally.ts';
import type { BehavioursRow, Settings } from '../gen/manifest.gen.ts';
import type { KeyedAggregate, Model } from './model.ts';

/** Rows asked for at once. */
const MOST_ROWS = 1_000;

/** What of each part the aggregates hold, while a batch of events is worked through. */
export class PartStates {
  readonly #call: Call<Settings>;
  readonly #rows = new Map<string, Row<BehavioursRow> | undefined>();
  readonly #states = new Map<string, Map<string, string>>();
  readonly #changed = new Set<string>();

  constructor(call: Call<Settings>) {
    this.#call = call;
  }

  /** Reads what is not at hand yet. */
  async load(parts: Iterable<string>): Promise<void> {
    const wanted = [...new Set(parts)].filter((part) => !this.#rows.has(part));
    for (let from = 0; from < wanted.length; from += MOST_ROWS) {
      const ids = wanted.slice(from, from + MOST_ROWS);
      const rows = await this.#call.table<BehavioursRow>('behaviours').getMany(ids);
      for (const [index, id] of ids.entries()) this.#rows.set(id, rows[index]);
    }
  }

  /** The row as it was read. */
  row(part: string): BehavioursRow | undefined {
    return this.#rows.get(part)?.value;
  }

  of(part: string): Map<string, string> {
    let states = this.#states.get(part);
    if (states === undefined) this.#states.set(part, (states = new Map(Object.entries(this.row(part)?.states ?? {}))));
    return states;
  }

  /** Adds what an event says. @returns the state as it is now */
  add(part: string, { key, aggregate }: KeyedAggregate, sample: Sample, now: number): string | undefined {
    const states = this.of(part);
    const added = aggregate.add(states.get(key), sample, now);
    if (added === undefined) states.delete(key);
    else states.set(key, added);
    this.#changed.add(part);
    return added;
  }

  /** Parts whose states changed. */
  changed(): ReadonlySet<string> {
    return this.#changed;
  }

  /** As they are to be stored: without those of aggregates that are kept no more. */
  toRow(part: string, model: Model): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.of(part)].filter(([key]) => model.isKept(key)));
  }
}
