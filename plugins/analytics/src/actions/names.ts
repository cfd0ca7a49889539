import type { ActionHandler } from '@tendril/plugin-api';
import type { NamesInput, NamesOutput, Settings } from '../gen/manifest.gen.ts';

/** Names of events with what they carry. */
export const names: ActionHandler<NamesInput, NamesOutput, Settings> = async (input, call) => {
  const answer = await call.analytics.ask({ ask: 'names', ...input });
  return {
    ...answer,
    names: answer.names.map(({ firstAt, lastAt, properties, ...name }) => ({
      ...name,
      properties: [...properties],
      firstAt: new Date(firstAt).toISOString(),
      lastAt: new Date(lastAt).toISOString(),
    })),
  };
};
