import type { ScheduleHandler } from '@tendril/plugin-api';
import { compareSome } from '../duplicates/later.ts';
import { duplicateSettings } from '../duplicates/settings.ts';
import type { Settings } from '../gen/manifest.gen.ts';

/** Goes on with comparing people of imports. */
export const compareImported: ScheduleHandler<Settings> = async (call) => {
  const settings = duplicateSettings(call.settings);
  if (settings.isEnabled) await compareSome(settings, call);
};
