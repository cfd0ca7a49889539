import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildCall } from './child-call.ts';

/** The call whose handler's code is on the stack. */
export const running = new AsyncLocalStorage<ChildCall>();
