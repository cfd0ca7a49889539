import { TendrilError } from '@tendril/plugin-api';
import type { Connection, Json, JsonObject, PollAnswer, PushRequest } from '@tendril/plugin-api';
import type { Trigger, Webhook } from '@tendril/schemas';
import type { CompiledSchema, LoadedPlugin } from './contract.ts';
import { durationMs } from './duration.ts';
import type { RunForTenant } from './plugin-consumers.ts';
import { plainJson } from './plain-json.ts';
import type { HandlerResult } from './run-handler.ts';
import { OUTPUT_LIMITS } from './run-limits.ts';

const TIMEOUT_MS = 60_000;
const LONGEST_PAGE = 1_000;

/** A trigger of a loaded plugin. */
export interface LoadedTrigger {
  /** `plugin.trigger`. */
  readonly name: string;
  readonly id: string;
  readonly plugin: LoadedPlugin;
  readonly trigger: Trigger;
  /** Of `push`: what brings its items. */
  readonly webhook: Webhook | undefined;
  /** What its webhook's bodies have to match. */
  readonly webhookSchema: CompiledSchema | undefined;
  readonly input: CompiledSchema;
  readonly output: CompiledSchema;
  /** Of `poll`: how often at most, in milliseconds. */
  readonly everyMs: number;
}

/** With what a trigger's handler is run. */
export interface TriggerRun {
  /** What the pipeline says, valid by the trigger's schema. */
  readonly input: JsonObject;
  readonly connection: Connection | undefined;
  readonly isTest: boolean;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly signal?: AbortSignal;
}

/** Running triggers of plugins. What the handlers gathered is to be committed with what their items start. */
export interface PluginTriggers {
  find(name: string): LoadedTrigger | undefined;
  /** @throws TendrilError of the catalogue; PLUGIN_FAULTY when an item does not match its schema */
  poll(tenantId: string, trigger: LoadedTrigger, cursor: Json | undefined, run: TriggerRun): Promise<HandlerResult<PollAnswer>>;
  push(
    tenantId: string,
    trigger: LoadedTrigger,
    request: Omit<PushRequest, 'input'>,
    run: TriggerRun,
  ): Promise<HandlerResult<readonly JsonObject[]>>;
}

/** @returns triggers of the plugins that are loaded when they are asked for */
export function createPluginTriggers({
  plugins,
  runForTenant,
}: {
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly runForTenant: RunForTenant;
}): PluginTriggers {
  const runOf = ({ plugin, id }: LoadedTrigger, run: TriggerRun): Parameters<RunForTenant>[1] => {
    const { connection, signal, isTest, idempotencyKey, attempt, input } = run;
    return {
      plugin,
      handler: `trigger ${id}`,
      // It finds out what there is: what it does itself has to bear being done again.
      ceiling: { effect: 'read', idempotency: 'natural' },
      isTest,
      idempotencyKey,
      attempt,
      timeoutMs: TIMEOUT_MS,
      input,
      ...(connection !== undefined && { connection }),
      ...(signal !== undefined && { signal }),
    };
  };

  return {
    find: (name) => find(plugins(), name),
    poll: async (tenantId, trigger, cursor, run) => {
      const result = await runForTenant(tenantId, runOf(trigger, run), async (runner, call) => {
        const handler = runner.poll(trigger.id) ?? missing(trigger);
        return handler(run.input, call, cursor);
      });
      const output = plainAnswer(trigger, result.output) as PollAnswer | null;
      assertItems(trigger, output?.items);
      return { output: output as PollAnswer, changes: result.changes };
    },
    push: async (tenantId, trigger, request, run) => {
      const result = await runForTenant(tenantId, runOf(trigger, run), async (runner, call) => {
        const handler = runner.push(trigger.id) ?? missing(trigger);
        return handler({ ...request, input: run.input }, call);
      });
      const output = plainAnswer(trigger, result.output) as unknown as readonly JsonObject[];
      assertItems(trigger, output);
      return { output, changes: result.changes };
    },
  };
}

function find(plugins: ReadonlyMap<string, LoadedPlugin>, name: string): LoadedTrigger | undefined {
  const [pluginId = '', id = ''] = name.split('.');
  const plugin = plugins.get(pluginId);
  const triggers = plugin?.manifest.contributes.triggers ?? {};
  const trigger = Object.hasOwn(triggers, id) ? triggers[id] : undefined;
  const schemas = plugin?.schemas.triggers.get(id);
  if (plugin === undefined || trigger === undefined || schemas === undefined) return undefined;
  const webhook = trigger.webhook === undefined ? undefined : plugin.manifest.contributes.webhooks?.[trigger.webhook];
  const webhookSchema = plugin.schemas.webhooks.get(trigger.webhook ?? '');
  return { name, id, plugin, trigger, webhook, webhookSchema, ...schemas, everyMs: durationMs(trigger.every ?? '') };
}

function missing({ plugin, id }: LoadedTrigger): never {
  throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`trigger ${id}`] });
}

function plainAnswer({ name, plugin }: LoadedTrigger, answer: unknown): Json {
  const copy = plainJson(answer, OUTPUT_LIMITS);
  if (!('problem' in copy)) return copy.value;
  throw new TendrilError('PLUGIN_FAULTY', {
    plugin: plugin.id,
    trigger: name,
    reason: 'its handler gave no JSON',
    problems: [copy.problem],
  });
}

/** Only the places are told: what is in an item may be personal. */
function assertItems({ name, plugin, output }: LoadedTrigger, items: unknown): void {
  const refuse = (reason: string, details: JsonObject = {}): never => {
    throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, trigger: name, reason, ...details });
  };
  if (!Array.isArray(items)) return refuse('its handler gave no list of items');
  if (items.length > LONGEST_PAGE) return refuse('its handler gave too many items at once', { limit: LONGEST_PAGE });
  for (const [index, item] of items.entries()) {
    const problems = output.validate(item);
    if (problems.length > 0) refuse('an item does not match its schema', { index, problems: problems as unknown as Json });
  }
}
