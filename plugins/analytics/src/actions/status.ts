import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, StatusInput, StatusOutput } from '../gen/manifest.gen.ts';

/** How far the columnar copy is. */
export const status: ActionHandler<StatusInput, StatusOutput, Settings> = (_input, call) => call.analytics.freshness();
