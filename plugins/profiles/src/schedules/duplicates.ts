import type { ScheduleHandler } from '@tendril/plugin-api';
import { learnModel } from '../duplicates/learn.ts';
import { duplicateSettings } from '../duplicates/settings.ts';
import { goOn } from '../duplicates/walk.ts';
import type { Settings } from '../gen/manifest.gen.ts';

/** Learns how much each field says, when that is due, and goes on with comparing everybody. */
export const duplicates: ScheduleHandler<Settings> = async (call) => {
  const settings = duplicateSettings(call.settings);
  if (!settings.isEnabled) return;
  const isAnew = await learnModel(settings, call);
  await goOn(settings, isAnew, call);
};
