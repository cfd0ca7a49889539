import type { ActionHandler } from '@tendril/plugin-api';
import type { ReadyMadeInput, ReadyMadeOutput, Settings } from '../gen/manifest.gen.ts';
import { READY_MADE } from '../ready-made.ts';

const MOST_NAMES = 1_000;

/** Questions that need no set-up, with what has not been seen yet of what they need. */
export const readyMade: ActionHandler<ReadyMadeInput, ReadyMadeOutput, Settings> = async (_input, call) => {
  const { names } = await call.analytics.ask({ ask: 'names', limit: MOST_NAMES, includesTest: true });
  const properties = new Map(names.map(({ name, properties: carried }) => [name, new Set(carried.map((property) => property.name))]));
  return {
    items: READY_MADE.map(({ id, title, action, events, input }) => {
      const missing = events.filter((name) => !properties.has(name));
      return {
        id,
        title,
        action,
        input: { ...input((event, property) => properties.get(event)?.has(property) === true) },
        isReady: missing.length === 0,
        missing,
      };
    }),
  };
};
