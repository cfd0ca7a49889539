/** How a trait is computed. */
export interface TraitDefinition {
  readonly event: string;
  readonly aggregate: string;
  readonly where?: string;
  readonly property?: string;
  readonly window?: string;
}

/** What a trait can be of the events; as `profiles.trait_save` takes it. */
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

/** `sum of total of Order Completed in 90d`. */
export function traitText({ event, aggregate, where, property, window }: TraitDefinition): string {
  const of = property === undefined ? '' : ` of ${property}`;
  return `${aggregate}${of} of ${event}${where === undefined ? '' : ` where ${where}`}${window === undefined ? '' : ` in ${window}`}`;
}
