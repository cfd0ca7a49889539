import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';
import type { Timers } from '../environment.ts';
import type { Change } from '../ports.ts';
import { inside } from './broker/egress-scope.ts';
import { HandlerCall } from './handler-call.ts';
import { pluginFailure } from './plugin-failure.ts';
import { RunningCall } from './running-call.ts';
import type { CallEnvironment, HandlerRun } from './handler-run.ts';

/** What a handler gave, and what is to be committed with it. */
export interface HandlerResult<Output> {
  readonly output: Output;
  readonly changes: readonly Change[];
}

/**
 * Runs one handler of a plugin with a `call` of its own, which ends with it: when it resolves, throws, takes too long or
 * is aborted. A handler that goes on after that finds everything closed.
 *
 * @throws TendrilError of the catalogue, whatever the plugin threw; ACTION_TIMEOUT, ACTION_ABORTED
 */
export async function runHandler<Output>(
  run: HandlerRun,
  environment: CallEnvironment & { readonly timers: Timers },
  handler: (call: Call) => Promise<Output>,
): Promise<HandlerResult<Output>> {
  if (run.signal?.aborted === true) throw new TendrilError('ACTION_ABORTED', { plugin: run.plugin.id, handler: run.handler });
  const running = new RunningCall(run, environment);
  const call = new HandlerCall(running);
  let stop: (error: TendrilError) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  const cutOff = (code: 'ACTION_TIMEOUT' | 'ACTION_ABORTED') => (): void => {
    const error = new TendrilError(code, {
      plugin: run.plugin.id,
      handler: run.handler,
      ...(code === 'ACTION_TIMEOUT' && { timeoutMs: run.timeoutMs }),
    });
    running.abort(error);
    stop(error);
  };
  const cancelTimer = environment.timers.after(run.timeoutMs, cutOff('ACTION_TIMEOUT'));
  const onAbort = cutOff('ACTION_ABORTED');
  run.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const working = inside(running.egress, async () => handler(call));
    const output = await Promise.race([working, stopped]);
    return { output, changes: running.changes };
  } catch (error) {
    throw pluginFailure(error, running);
  } finally {
    cancelTimer();
    run.signal?.removeEventListener('abort', onAbort);
    running.end();
  }
}
