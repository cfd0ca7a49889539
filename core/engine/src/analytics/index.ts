export { createAnalytics } from './create-analytics.ts';
export type { AnalyticsOptions, AnalyticsRoom } from './create-analytics.ts';
