import type { AggregatesRow, DefinitionsRow } from '../gen/manifest.gen.ts';

/** A segment or a computed trait as it is stored. */
export type Definition = DefinitionsRow;

/** One version of a definition. */
export type Version = NonNullable<DefinitionsRow['active']>;

/** An aggregate that is kept, as it is stored. */
export type KeptAggregate = AggregatesRow;

/** Segments that a tenant may have. */
export const MOST_SEGMENTS = 1_000;
/** Computed traits that a tenant may have. */
export const MOST_TRAITS = 300;
/** Aggregates that a tenant may have, those of segments' conditions and of computed traits together. */
export const MOST_AGGREGATES = 300;

/** Key of a definition. */
export function definitionId(kind: Definition['kind'], name: string): string {
  return `${kind}:${name}`;
}

/** Under which the members of one version of a segment are kept: its name and the position of what defined it, never used again. */
export function slotOf(name: string, position: number): string {
  return `${name}@${String(position)}`;
}

/** Key of a membership. */
export function memberId(slot: string, person: string): string {
  return `${slot}/${person}`;
}
