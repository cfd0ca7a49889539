import type { ActionHandler, AnalyticsAnswer, PagesQuestion } from '@tendril/plugin-api';
import type { PagesInput, Settings } from '../gen/manifest.gen.ts';
import { filtersOf, gapOf, scopeOf, splitOf } from '../question.ts';

/** Views of pages, and time on them. */
export const pages: ActionHandler<PagesInput, AnalyticsAnswer<PagesQuestion>, Settings> = (input, call) =>
  call.analytics.ask({
    ask: 'pages',
    where: filtersOf(input.where ?? []),
    ...scopeOf(input),
    ...gapOf(input),
    ...splitOf({ ...(input.limit !== undefined && { limit: input.limit }) }),
  });
