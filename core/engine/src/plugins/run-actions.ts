import { TendrilError } from '@tendril/plugin-api';
import type { EffectCheck, Json, JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import type { LoadedAction } from './contract.ts';
import { plainJson } from './plain-json.ts';
import type { PluginRun, RunForTenant } from './plugin-consumers.ts';
import { valueAt } from './pointer.ts';
import type { HandlerResult } from './run-handler.ts';
import { OUTPUT_LIMITS } from './run-limits.ts';

/** What an action or its check is run with, beside the action. */
export type ActionRun = Omit<PluginRun, 'plugin' | 'handler' | 'ceiling' | 'timeoutMs'> & { readonly timeoutMs?: number };

/** Running actions and their checks. */
export interface ActionRuns {
  /** Does not ask whether the plugin is enabled, nor validate: that is the call path's. @throws TendrilError */
  runAction(tenantId: string, action: LoadedAction, input: JsonObject, run: ActionRun): Promise<HandlerResult<Json>>;
  runCheck(tenantId: string, action: LoadedAction, input: JsonObject, run: ActionRun): Promise<EffectCheck<Json>>;
}

/** @returns the way to the handlers of actions */
export function createActionRuns(runForTenant: RunForTenant): ActionRuns {
  return {
    runAction: async (tenantId, action, input, run) => {
      assertGranted(action, input);
      const { output, changes } = await runForTenant(tenantId, { ...runOf(action, run), input }, async (runner, call) => {
        const handler = runner.action(action.id);
        if (handler === undefined)
          throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: action.plugin.id, missing: [`action ${action.id}`] });
        return handler(input, call);
      });
      return { output: plainOutput(action, output, action.action.effect === 'read' ? 'absent' : 'happened'), changes };
    },
    runCheck: async (tenantId, action, input, run) => {
      const { output } = await runForTenant(
        tenantId,
        { ...runOf(action, run), ceiling: { effect: 'read', idempotency: 'natural' }, handler: `check ${action.id}`, input },
        async (runner, call) => {
          const handler = runner.check(action.id);
          return handler === undefined ? ({ effect: 'unknown' } as const) : handler(input, call);
        },
      );
      const answer = plainOutput(action, output, 'unknown') as JsonObject | null;
      // Whoever decides by it whether to do something again must not be led on by what is no answer.
      if (!EFFECT_CHECKS.has(answer?.['effect']))
        throw invalidOutput(action, { pointer: '/effect', message: 'is no answer of a check' }, 'unknown');
      return answer as unknown as EffectCheck<Json>;
    },
  };
}

const EFFECT_CHECKS = new Set<unknown>(['happened', 'absent', 'unknown']);

/** As JSON and nothing else, whatever the handler gave. */
function plainOutput(action: LoadedAction, output: unknown, effect: string): Json {
  const copy = plainJson(output, OUTPUT_LIMITS);
  if ('problem' in copy) throw invalidOutput(action, copy.problem, effect);
  return copy.value;
}

/** Whoever retries has to know whether the effect took place, whatever was said about it. */
function invalidOutput({ name, plugin }: LoadedAction, problem: Problem, effect: string): TendrilError {
  return new TendrilError('ACTION_OUTPUT_INVALID', { action: name, plugin: plugin.id, problems: [problem], effect });
}

function runOf(action: LoadedAction, run: ActionRun): PluginRun {
  const { effect, idempotency = 'natural', retryAfterHeaders } = action.action;
  return {
    ...run,
    plugin: action.plugin,
    handler: `action ${action.id}`,
    ceiling: { effect, idempotency },
    timeoutMs: Math.min(run.timeoutMs ?? action.timeoutMs, action.timeoutMs),
    ...(retryAfterHeaders !== undefined && { retryAfterHeaders }),
  };
}

/** A manifest asks for what its own actions spend and send; the operator may have granted less. */
function assertGranted({ name, plugin, action: { send, spend } }: LoadedAction, input: JsonObject): void {
  const { permissions, contributes } = plugin.manifest;
  const refused = (what: JsonObject): TendrilError => new TendrilError('PERMISSION_DENIED', { plugin: plugin.id, action: name, ...what });
  if (
    send !== undefined &&
    !Object.hasOwn(contributes.channels ?? {}, send.channel) &&
    permissions?.channels?.includes(send.channel) !== true
  )
    throw refused({ channel: send.channel });
  if (spend === undefined) return;
  const currency = valueAt(input, spend.currency);
  if (typeof currency !== 'string' || permissions?.money?.currencies.includes(currency) !== true)
    throw refused({ currency: typeof currency === 'string' ? currency : null });
}
