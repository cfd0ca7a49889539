import type { ActionHandler, AnalyticsAnswer, CountQuestion } from '@tendril/plugin-api';
import type { CountInput, Settings } from '../gen/manifest.gen.ts';
import { scopeOf, selectionOf, splitOf } from '../question.ts';

/** How many events. */
export const count: ActionHandler<CountInput, AnalyticsAnswer<CountQuestion>, Settings> = (input, call) =>
  call.analytics.ask({ ask: 'count', events: selectionOf(input.events), ...scopeOf(input), ...splitOf(input) });
