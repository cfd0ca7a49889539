import type { Expressions } from '@tendril/plugin-api';
import { TendrilError } from '@tendril/plugin-api';
import { compileAggregate, problemOf } from '../behaviour/aggregate.ts';
import type { Aggregate } from '../behaviour/aggregate.ts';
import { windowMsOf } from '../behaviour/window.ts';
import type { Version } from './definition.ts';

/** A computed trait as it is defined. */
export type TraitDefinition = NonNullable<Version['trait']>;

/**
 * The aggregate that a computed trait shows.
 *
 * @throws TendrilError INPUT_INVALID, EXPRESSION_INVALID when the definition cannot be
 */
export function aggregateOfTrait(
  { event, aggregate, where, property, window = 'ever' }: TraitDefinition,
  expressions: Expressions,
): Aggregate {
  const windowMs = windowMsOf(window);
  if (windowMs === undefined)
    throw new TendrilError('INPUT_INVALID', { field: 'window', reason: 'is a number with `m`, `h` or `d`, such as `30d`, at most 3650d' });
  const problem = problemOf({ aggregate, ...(property !== undefined && { property }) });
  if (problem !== undefined) throw new TendrilError('INPUT_INVALID', { field: 'property', reason: problem });
  return compileAggregate(
    { event, aggregate, windowMs, ...(where !== undefined && { where }), ...(property !== undefined && { property }) },
    expressions,
  );
}
