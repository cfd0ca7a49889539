import type { Json } from '@tendril/plugin-api';

/** What an aggregate takes of one event. */
export interface Sample {
  /** When it happened, at most when it was taken in: a clock that runs ahead moves nothing into the future. */
  readonly at: number;
  /** Message id: tells which of two at the same millisecond is the later one. */
  readonly id: string;
  /** Of the property; null for aggregates that need none. */
  readonly value: Json;
}

/**
 * One way to sum up events in little space. `add` and `merge` commute and associate: the same samples give the same
 * state in any order and in any grouping. States are JSON.
 */
export interface Tally<State extends Json> {
  /** Whether a value counts at all. */
  accepts(value: Json): boolean;
  /** The state of one sample alone. */
  of(sample: Sample): State;
  merge(left: State, right: State): State;
  /** What it comes to. `undefined` where there is none, as the average of nothing. */
  value(state: State | undefined): Json | undefined;
}

/** A tally that time alone changes: samples leave its window, or days pass. */
export interface TimedTally<State extends Json> {
  accepts(value: Json): boolean;
  of(sample: Sample): State;
  merge(left: State, right: State): State;
  /** @param now epoch milliseconds, never less than any sample's */
  value(state: State | undefined, now: number): Json | undefined;
  /** The next moment at which the value may be another if nothing happens; `Infinity` when it stays. */
  nextChangeAt(state: State, now: number): number;
  /** Without what can count no more; `undefined` when nothing is left. The value stays. */
  prune(state: State, now: number): State | undefined;
}
