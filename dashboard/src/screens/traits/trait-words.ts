import type { TraitDefinition } from '../../api/customers/segments.ts';

/** How events are summed up, in words, and whether a property is needed. */
export const WAYS: Readonly<Record<TraitDefinition['aggregate'], { readonly text: string; readonly needsProperty: boolean }>> = {
  count: { text: 'how many times', needsProperty: false },
  exists: { text: 'whether ever', needsProperty: false },
  since: { text: 'days since the last one', needsProperty: false },
  sum: { text: 'sum of', needsProperty: true },
  average: { text: 'average of', needsProperty: true },
  minimum: { text: 'least', needsProperty: true },
  maximum: { text: 'greatest', needsProperty: true },
  first: { text: 'first', needsProperty: true },
  last: { text: 'last', needsProperty: true },
  unique_count: { text: 'how many different', needsProperty: true },
  most_frequent: { text: 'most frequent', needsProperty: true },
};

/** A computed trait in one sentence: `sum of total in Order Completed within 30d`. */
export function tellTrait({ event, aggregate, property, where, window }: TraitDefinition): string {
  const { text, needsProperty } = WAYS[aggregate];
  const of = needsProperty ? `${text} ${property ?? ''} in ${event}` : `${text}: ${event}`;
  return `${of}${window === undefined || window === 'ever' ? '' : `, within ${window}`}${where === undefined ? '' : `, where ${where}`}`;
}
