import type { ActionHandler } from '@tendril/plugin-api';
import type { RebuildInput, RebuildOutput, Settings } from '../gen/manifest.gen.ts';

/** Natural: emptied again it is filled from the beginning again, with the same events. */
export const rebuild: ActionHandler<RebuildInput, RebuildOutput, Settings> = async (_input, call) => {
  await call.analytics.rebuild();
  return { isEmptied: true };
};
