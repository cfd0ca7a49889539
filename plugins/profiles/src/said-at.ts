import type { LoggedEvent } from '@tendril/plugin-api';

/**
 * When what an event says was said: when it happened, and at most when it was taken in. Whoever says that it is the year 2099 would otherwise
 * have the last word until then.
 */
export function saidAt({ occurredAt, receivedAt }: Pick<LoggedEvent, 'occurredAt' | 'receivedAt'>): number {
  return Math.min(occurredAt, receivedAt);
}
