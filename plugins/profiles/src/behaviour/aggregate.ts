import type { Expression, Expressions, Json, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import { bucketed } from './bucketed.ts';
import { WITH_PROPERTY, aggregateId } from './definition.ts';
import type { AggregateDefinition } from './definition.ts';
import { count } from './tallies/count.ts';
import { first, last } from './tallies/edge.ts';
import { maximum, minimum } from './tallies/extreme.ts';
import { exists, since } from './tallies/latest.ts';
import { mostFrequent } from './tallies/most-frequent.ts';
import { average, sum } from './tallies/sum.ts';
import { recentUniqueCount, uniqueCount } from './tallies/unique-count.ts';
import type { Sample, Tally, TimedTally } from './tally.ts';
import { untimed } from './untimed.ts';
import { windowOf } from './window.ts';
import type { Window } from './window.ts';
import { saidAt } from '../said-at.ts';

/** What a filter may read of an event. */
export const FILTER_ROOTS = ['event', 'properties', 'context', 'traits'] as const;

/** An aggregate at work. States are kept as JSON texts: only those that an event touches are opened. */
export interface Aggregate {
  readonly id: string;
  readonly definition: AggregateDefinition;
  /** What the event adds; `undefined` when it does not count. */
  sampleOf(event: LoggedEvent): Sample | undefined;
  /** @param now what can count no more at this moment is dropped @returns `undefined` when nothing is left */
  add(state: string | undefined, sample: Sample, now: number): string | undefined;
  /** One state of those of several parts; `undefined` for none. */
  merge(states: readonly (string | undefined)[]): string | undefined;
  /** What it comes to; null where there is no value. */
  value(state: string | undefined, now: number): Json;
  /** The next moment at which the value may be another though nothing happens; `Infinity` when it stays. */
  nextChangeAt(state: string | undefined, now: number): number;
  /** Without what can count no more. */
  prune(state: string, now: number): string | undefined;
}

/**
 * Makes an aggregate of its definition.
 *
 * @throws TendrilError EXPRESSION_INVALID when the filter does not compile
 */
export function compileAggregate(definition: AggregateDefinition, expressions: Expressions): Aggregate {
  const tally = tallyOf(definition);
  const filter =
    definition.where === undefined ? undefined : expressions.compile(definition.where, { roots: FILTER_ROOTS, returns: 'boolean' });
  const path = definition.property?.split('.');
  return {
    id: aggregateId(definition),
    definition,
    sampleOf: (event) => {
      if (filter !== undefined && !passes(filter, event)) return undefined;
      const value = path === undefined ? null : valueAt(event.properties, path);
      if (!tally.accepts(value)) return undefined;
      return { at: saidAt(event), id: event.id, value };
    },
    add: (state, sample, now) => {
      const added = tally.of(sample);
      return encode(tally.prune(state === undefined ? added : tally.merge(decode(state), added), now));
    },
    merge: (states) => {
      const known = states.filter((state) => state !== undefined);
      if (known.length < 2) return known[0];
      return encode(known.map(decode).reduce((left, right) => tally.merge(left, right)));
    },
    value: (state, now) => tally.value(state === undefined ? undefined : decode(state), now) ?? null,
    nextChangeAt: (state, now) => (state === undefined ? Infinity : tally.nextChangeAt(decode(state), now)),
    prune: (state, now) => encode(tally.prune(decode(state), now)),
  };
}

/** Whether a condition over an event holds; one that cannot be answered does not. */
export function passes(filter: Expression, { name, kind, properties, context, traits, identities }: LoggedEvent): boolean {
  return filter.isTrue({ event: { name, kind, properties, context, traits, identities }, properties, context, traits });
}

function tallyOf({ aggregate, windowMs }: AggregateDefinition): TimedTally<Json> {
  const window = windowMs === 0 ? undefined : windowOf(windowMs);
  switch (aggregate) {
    case 'count':
      return over(count, window);
    case 'sum':
      return over(sum, window);
    case 'average':
      return over(average, window);
    case 'minimum':
      return over(minimum, window);
    case 'maximum':
      return over(maximum, window);
    case 'first':
      return over(first, window);
    case 'last':
      return erased(last(window));
    case 'unique_count':
      return window === undefined ? over(uniqueCount, undefined) : erased(recentUniqueCount(window));
    case 'most_frequent':
      return over(mostFrequent, window);
    case 'since':
      return erased(since(window));
    case 'exists':
      return erased(exists(window));
  }
}

function over<State extends Json>(tally: Tally<State>, window: Window | undefined): TimedTally<Json> {
  return window === undefined ? erased(untimed(tally)) : erased(bucketed(tally, window));
}

/** States come from where the same tally put them: their type is known by the aggregate's id. */
function erased<State extends Json>(tally: TimedTally<State>): TimedTally<Json> {
  return tally;
}

function encode(state: Json | undefined): string | undefined {
  return state === undefined ? undefined : JSON.stringify(state);
}

function decode(state: string): Json {
  return JSON.parse(state) as Json;
}

function valueAt(properties: JsonObject, path: readonly string[]): Json {
  let value: Json = properties;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Readonly<Record<string, Json>>)[name] ?? null;
  }
  return value;
}

/** What is wrong with a definition beyond its schema, in a sentence; `undefined` when nothing is. */
export function problemOf({ aggregate, property }: Pick<AggregateDefinition, 'aggregate' | 'property'>): string | undefined {
  if (WITH_PROPERTY.has(aggregate) && property === undefined) return `\`${aggregate}\` needs a property to look at.`;
  if (!WITH_PROPERTY.has(aggregate) && property !== undefined) return `\`${aggregate}\` looks at no property.`;
  return undefined;
}
