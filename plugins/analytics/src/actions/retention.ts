import type { ActionHandler } from '@tendril/plugin-api';
import type { RetentionInput, RetentionOutput, Settings } from '../gen/manifest.gen.ts';
import { scopeOf, selectionOf } from '../question.ts';

const DEFAULT_PERIODS = 8;

/** Who comes back. */
export const retention: ActionHandler<RetentionInput, RetentionOutput, Settings> = async (input, call) => {
  const { cohorts, ...freshness } = await call.analytics.ask({
    ask: 'retention',
    first: selectionOf(input.first),
    back: selectionOf(input.back),
    per: input.per ?? 'week',
    periods: input.periods ?? DEFAULT_PERIODS,
    ...scopeOf(input),
  });
  return { cohorts: cohorts.map(({ at, people, back }) => ({ at, people, back: [...back] })), ...freshness };
};
