import type { ActionHandler } from '@tendril/plugin-api';
import { ask, textOf } from '../client.ts';
import type { TestInput, TestOutput } from '../gen/manifest.gen.ts';

/** Tells whether the connection works: the hub runs it when somebody connects. */
export const test: ActionHandler<TestInput, TestOutput> = async (_input, call) => {
  const answer = await ask(call, { method: 'GET', path: '/account' });
  return { account: textOf(answer, 'name') };
};
