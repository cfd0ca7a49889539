import type { ActionHandler, AnalyticsAnswer, NumberQuestion } from '@tendril/plugin-api';
import type { Settings, SumInput } from '../gen/manifest.gen.ts';
import { scopeOf, selectionOf, splitOf } from '../question.ts';

/** What the numbers of a property come to. */
export const sum: ActionHandler<SumInput, AnalyticsAnswer<NumberQuestion>, Settings> = (input, call) =>
  call.analytics.ask({
    ask: 'number',
    events: selectionOf(input.events),
    property: input.property,
    take: input.take ?? 'sum',
    ...scopeOf(input),
    ...splitOf(input),
  });
