import { hash } from 'node:crypto';

/** How an aggregate sums up. */
export const AGGREGATES = [
  'count',
  'sum',
  'average',
  'minimum',
  'maximum',
  'first',
  'last',
  'unique_count',
  'most_frequent',
  'since',
  'exists',
] as const;

/** One of the ways to sum up. */
export type AggregateKind = (typeof AGGREGATES)[number];

/** Those that look at a property of the event. */
export const WITH_PROPERTY: ReadonlySet<AggregateKind> = new Set([
  'sum',
  'average',
  'minimum',
  'maximum',
  'first',
  'last',
  'unique_count',
  'most_frequent',
]);

/** What is summed up of a person's events. */
export interface AggregateDefinition {
  /** Name of the event. */
  readonly event: string;
  readonly aggregate: AggregateKind;
  /** CEL over the event; all of the name without it. */
  readonly where?: string;
  /** Of the event's properties; `address.city` goes deeper. */
  readonly property?: string;
  /** How far back, in milliseconds; 0 for ever. */
  readonly windowMs: number;
}

/** Names what is summed up: the same for the same definition, whoever asks for it. */
export function aggregateId({ event, aggregate, where = '', property = '', windowMs }: AggregateDefinition): string {
  return hash('sha256', JSON.stringify([event, aggregate, where, property, windowMs]), 'base64url').slice(0, 10);
}
