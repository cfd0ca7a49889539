import type { ActionHandler } from '@tendril/plugin-api';
import { openSegment } from '../client.ts';
import type { TestInput, TestOutput } from '../gen/manifest.gen.ts';

/** Tells whether a source has the write key. */
export const test: ActionHandler<TestInput, TestOutput> = async (_input, call) => {
  await openSegment(call).probe();
  return { isKnown: true };
};
