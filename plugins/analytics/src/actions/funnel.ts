import type { ActionHandler, AnalyticsAnswer, FunnelQuestion } from '@tendril/plugin-api';
import type { FunnelInput, Settings } from '../gen/manifest.gen.ts';
import { scopeOf, selectionOf, splitOf } from '../question.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_WINDOW_HOURS = 168;

/** How many people go how far. */
export const funnel: ActionHandler<FunnelInput, AnalyticsAnswer<FunnelQuestion>, Settings> = (input, call) =>
  call.analytics.ask({
    ask: 'funnel',
    steps: input.steps.map((step) => selectionOf(step)),
    windowMs: Math.max(1, Math.round((input.windowHours ?? DEFAULT_WINDOW_HOURS) * HOUR_MS)),
    ...scopeOf(input),
    ...splitOf({ ...(input.by !== undefined && { by: input.by }), ...(input.limit !== undefined && { limit: input.limit }) }),
  });
