import type { JsonObject } from '@tendril/plugin-api';
import type { CompiledPipeline, CompiledTrigger, Flow, RateBound } from './compiled.ts';
import { compileActionCall, compileSteps } from './compile-steps.ts';
import { blocksOf, eventOf, textsOf, triggerKindOf } from './definition.ts';
import type { Definition, StepDefinition, TriggerDefinition } from './definition.ts';
import { optionalDuration } from './duration.ts';
import { compileObject, required } from '../expressions/index.ts';
import type { Expression } from '../expressions/index.ts';

const DAY_MS = 86_400_000;
const DEFAULT_PRIORITY = 5;
const DEFAULT_RETENTION_MS = 90 * DAY_MS;

/** Compiles a definition that the checker has passed. @throws EvaluationFault when an expression does not compile after all */
export function compilePipeline(definition: Definition): CompiledPipeline {
  return {
    id: definition.pipeline,
    title: definition.title ?? definition.pipeline,
    settings: definition.settings ?? {},
    trigger: compileTrigger(definition.trigger),
    flow: compileFlow(definition),
    inputSchema: definition.input,
    output: definition.output === undefined ? undefined : compileObject(definition.output),
    steps: compileSteps(definition.steps, ''),
    onError: compileSteps(definition.onError, 'onError.'),
    timeoutMs: optionalDuration(definition.timeout),
    retentionMs: optionalDuration(definition.retention) ?? DEFAULT_RETENTION_MS,
    readsProfile: readsProfile(definition),
    awaitedEvents: new Set([...awaitedBy(definition.steps), ...awaitedBy(definition.onError)]),
  };
}

/** The pipeline of a single call of an action. */
export function compileCall(action: string, connection: string | undefined, input: JsonObject): CompiledPipeline {
  return {
    id: action,
    title: action,
    settings: {},
    trigger: {
      kind: 'manual',
      event: undefined,
      where: undefined,
      maxAgeMs: 0,
      takesImported: false,
      segment: undefined,
      definition: { manual: {} },
    },
    flow: compileFlow({}),
    inputSchema: undefined,
    output: undefined,
    steps: [compileActionCall(action, connection, input)],
    onError: [],
    timeoutMs: undefined,
    retentionMs: DEFAULT_RETENTION_MS,
    readsProfile: false,
    awaitedEvents: new Set(),
  };
}

function compileTrigger(trigger: TriggerDefinition): CompiledTrigger {
  return {
    kind: triggerKindOf(trigger) ?? 'manual',
    event: eventOf(trigger),
    where: optional(trigger.where),
    maxAgeMs: optionalDuration(trigger.maxAge) ?? DAY_MS,
    takesImported: trigger.imported ?? false,
    segment: trigger.segment,
    definition: trigger,
  };
}

function compileFlow({
  concurrency,
  serial,
  throttle,
  rateLimit,
  debounce,
  batch,
  priority,
}: Pick<Definition, 'concurrency' | 'serial' | 'throttle' | 'rateLimit' | 'debounce' | 'batch' | 'priority'>): Flow {
  return {
    concurrency: concurrency && { limit: concurrency.limit, key: optional(concurrency.key) },
    serial: serial && { key: required(serial.key), max: serial.max, overflow: serial.overflow ?? 'skip' },
    throttle: throttle && { ...rateBound(throttle), burst: throttle.burst ?? 1 },
    rateLimit: rateLimit && rateBound(rateLimit),
    debounce: debounce && {
      periodMs: optionalDuration(debounce.period) ?? 0,
      maxMs: optionalDuration(debounce.max),
      key: optional(debounce.key),
    },
    batch: batch && { size: batch.size, timeoutMs: optionalDuration(batch.timeout) ?? 0, key: optional(batch.key) },
    priority: typeof priority === 'string' ? required(priority) : (priority ?? DEFAULT_PRIORITY),
  };
}

function rateBound({ limit, period, key }: { readonly limit: number; readonly period: string; readonly key?: string }): RateBound {
  return { limit, periodMs: optionalDuration(period) ?? 0, key: optional(key) };
}

function readsProfile({ steps, onError, output, trigger, ...flow }: Definition): boolean {
  const { concurrency, serial, throttle, rateLimit, debounce, batch, priority } = flow;
  const parts = [steps, onError, output, trigger, concurrency, serial, throttle, rateLimit, debounce, batch, priority];
  if (parts.some((part) => [...textsOf(part)].some((text) => /\bprofile\b/.test(text)))) return true;
  // A wait until a time of the person's own day reads the time zone of the profile.
  return [...everyStep(steps), ...everyStep(onError)].some(
    ({ wait }) => typeof wait === 'object' && ('at' in wait || 'until' in wait) && (wait.timeZone ?? 'person') === 'person',
  );
}

function everyStep(steps: readonly StepDefinition[] | undefined): readonly StepDefinition[] {
  return (steps ?? []).flatMap((step) => [step, ...blocksOf(step).flatMap((block) => everyStep(block.steps))]);
}

function awaitedBy(steps: readonly StepDefinition[] | undefined): readonly string[] {
  return everyStep(steps).flatMap(({ wait }) => (typeof wait === 'object' && 'event' in wait ? [wait.event] : []));
}

function optional(source: string | undefined): Expression | undefined {
  return source === undefined ? undefined : required(source);
}
