import type { ActionHandler } from '@tendril/plugin-api';
import { openHubSpot } from '../client.ts';
import type { TestInput, TestOutput } from '../gen/manifest.gen.ts';

/** Tells whether the connection works, by asking for one contact. */
export const test: ActionHandler<TestInput, TestOutput> = async (_input, call) => {
  await openHubSpot(call).probe();
  return { isReadable: true };
};
