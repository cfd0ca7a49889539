import type { ActionHandler, AnalyticsAnswer, PathsQuestion } from '@tendril/plugin-api';
import type { PathsInput, Settings } from '../gen/manifest.gen.ts';
import { gapOf, scopeOf, selectionOf, splitOf } from '../question.ts';

const DEFAULT_DEPTH = 3;

/** What people do next, or did before. */
export const paths: ActionHandler<PathsInput, AnalyticsAnswer<PathsQuestion>, Settings> = (input, call) =>
  call.analytics.ask({
    ask: 'paths',
    around: selectionOf(input.around),
    direction: input.direction ?? 'after',
    depth: input.depth ?? DEFAULT_DEPTH,
    ...scopeOf(input),
    ...gapOf(input),
    ...splitOf({ ...(input.limit !== undefined && { limit: input.limit }) }),
  });
