import type { ActionHandler, AnalyticsAnswer, BreakdownQuestion } from '@tendril/plugin-api';
import type { BreakdownInput, Settings } from '../gen/manifest.gen.ts';
import { scopeOf, selectionOf, splitOf } from '../question.ts';

/** The most frequent values of a property. */
export const breakdown: ActionHandler<BreakdownInput, AnalyticsAnswer<BreakdownQuestion>, Settings> = (input, call) =>
  call.analytics.ask({
    ask: 'breakdown',
    events: selectionOf(input.events),
    property: input.property,
    ...scopeOf(input),
    ...splitOf({ ...(input.limit !== undefined && { limit: input.limit }) }),
  });
