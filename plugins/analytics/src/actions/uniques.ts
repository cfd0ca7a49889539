import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, AnalyticsAnswer, UniquesQuestion } from '@tendril/plugin-api';
import type { Settings, UniquesInput } from '../gen/manifest.gen.ts';
import { scopeOf, selectionOf, splitOf } from '../question.ts';

/** How many different people, sessions or values. */
export const uniques: ActionHandler<UniquesInput, AnalyticsAnswer<UniquesQuestion>, Settings> = (input, call) =>
  call.analytics.ask({ ask: 'uniques', events: selectionOf(input.events), of: countedIn(input), ...scopeOf(input), ...splitOf(input) });

function countedIn({ of = 'people', property }: UniquesInput): UniquesQuestion['of'] {
  if (of !== 'property') return of;
  if (property === undefined)
    throw new TendrilError('INPUT_INVALID', { pointer: '/property', expected: 'the property whose values are counted' });
  return { property };
}
