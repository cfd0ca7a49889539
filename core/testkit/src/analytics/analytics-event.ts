import type { AnalyticsEvent } from '@tendril/plugin-api';

const START = Date.UTC(2026, 2, 1);

/** An event of a copy, of one person and a moment that its position gives unless told. */
export function analyticsEvent(event: Partial<AnalyticsEvent> & { readonly position: number }): AnalyticsEvent {
  const occurredAt = event.occurredAt ?? START + event.position * 1_000;
  return {
    name: 'Product Viewed',
    kind: 'track',
    appId: 'app-1',
    isTest: false,
    receivedAt: occurredAt,
    person: 'person-1',
    isAnonymous: false,
    properties: {},
    ...event,
    occurredAt,
  };
}
