import type { ActionHandler, AnalyticsAnswer, SessionsQuestion } from '@tendril/plugin-api';
import type { SessionsInput, Settings } from '../gen/manifest.gen.ts';
import { gapOf, scopeOf, splitOf } from '../question.ts';

/** Figures of sessions. */
export const sessions: ActionHandler<SessionsInput, AnalyticsAnswer<SessionsQuestion>, Settings> = (input, call) =>
  call.analytics.ask({
    ask: 'sessions',
    ...scopeOf(input),
    ...gapOf(input),
    ...splitOf({ ...(input.per !== undefined && { per: input.per }) }),
  });
