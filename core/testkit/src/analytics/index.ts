export { NaiveAnalytics } from './naive-analytics.ts';
export { analyticsEvent } from './analytics-event.ts';
export { testAnalyticsDriver } from './test-analytics-driver.ts';
export type { AnalyticsUnderTest } from './test-analytics-driver.ts';
