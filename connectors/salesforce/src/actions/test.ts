import type { ActionHandler } from '@tendril/plugin-api';
import { openSalesforce } from '../client.ts';
import type { Settings, TestInput, TestOutput } from '../gen/manifest.gen.ts';

/** Tells whether the connection works, by asking how many requests of the day are left. */
export const test: ActionHandler<TestInput, TestOutput, Settings> = async (_input, call) => {
  const { most, left } = await (await openSalesforce(call)).requestsPerDay();
  return { requestsPerDay: most, requestsLeft: left };
};
