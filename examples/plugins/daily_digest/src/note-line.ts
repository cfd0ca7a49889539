import type { ActionHandler } from '@tendril/plugin-api';

/** The call's key is the line's: the same call again leaves the same line. */
export const noteLine: ActionHandler<{ readonly text: string }> = async ({ text }, call) => {
  call.changes.put('lines', { id: call.idempotencyKey, text, notedAt: call.clock.now() });
  return {};
};
