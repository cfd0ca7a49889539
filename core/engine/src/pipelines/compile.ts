import type { JsonObject } from '@tendril/plugin-api';
import type { Retry, Setting } from '@tendril/schemas';
import { isStepList, kindOf } from './definition.ts';
import type { Definition, StepDefinition } from './definition.ts';
import { parseDuration } from './duration.ts';
import type { Expression } from './expressions/expression.ts';
import { compileObject, compileValue, required } from './expressions/template.ts';
import type { Evaluate } from './expressions/template.ts';

/** How a step is tried again; times in milliseconds. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: 'exponential' | 'fixed';
  readonly initialMs: number;
  readonly maxMs: number;
  /** Only these codes; all errors with remedy `retry` without it. */
  readonly codes: ReadonlySet<string> | undefined;
}

interface StepBase {
  /** Where it stands in the definition: `0`, `1.then.0`. */
  readonly path: string;
  readonly id: string | undefined;
  readonly timeoutMs: number | undefined;
  /** Steps by error code, `*` for the others. */
  readonly onError: ReadonlyMap<string, readonly CompiledStep[]> | undefined;
}

/** A step that calls an action. */
export interface ActionStep extends StepBase {
  readonly kind: 'action';
  readonly action: string;
  readonly connection: string | undefined;
  readonly guard: Expression | undefined;
  readonly input: Evaluate<JsonObject>;
  readonly retry: RetryPolicy;
}

/** A step that goes one of several ways. */
export interface IfStep extends StepBase {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: readonly CompiledStep[];
  readonly else: readonly CompiledStep[];
}

/** A step that goes one of several ways by a value; cases by the value's text. */
export interface SwitchStep extends StepBase {
  readonly kind: 'switch';
  readonly value: Evaluate;
  readonly cases: ReadonlyMap<string, readonly CompiledStep[]>;
  readonly default: readonly CompiledStep[];
}

/** A step that goes several ways at once; branches by name. */
export interface ParallelStep extends StepBase {
  readonly kind: 'parallel';
  readonly branches: ReadonlyMap<string, readonly CompiledStep[]>;
}

/** A step that waits for a duration (as text) or until a moment (ISO 8601). */
export interface WaitStep extends StepBase {
  readonly kind: 'wait';
  readonly isUntil: boolean;
  readonly value: Evaluate;
}

/** A step that computes values. */
export interface SetStep extends StepBase {
  readonly kind: 'set';
  readonly values: Evaluate<JsonObject>;
}

/** A step that ends the run. */
export interface EndStep extends StepBase {
  readonly kind: 'stop' | 'fail';
  readonly reason: Evaluate | undefined;
}

/** One step, ready to run. */
export type CompiledStep = ActionStep | IfStep | SwitchStep | ParallelStep | WaitStep | SetStep | EndStep;

/** A pipeline, ready to run. Holds no state: one serves all runs of its version. */
export interface CompiledPipeline {
  readonly id: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting>>;
  readonly trigger: {
    readonly event: string;
    readonly where: Expression | undefined;
    readonly maxAgeMs: number;
    readonly takesImported: boolean;
  };
  readonly steps: readonly CompiledStep[];
  readonly timeoutMs: number | undefined;
  readonly readsProfile: boolean;
}

const DAY_MS = 86_400_000;
const DEFAULT_RETRY: RetryPolicy = { attempts: 5, backoff: 'exponential', initialMs: 1_000, maxMs: 300_000, codes: undefined };

/** Compiles a definition that the checker has passed. @throws EvaluationFault when an expression does not compile after all */
export function compilePipeline(definition: Definition): CompiledPipeline {
  const { trigger } = definition;
  return {
    id: definition.pipeline,
    title: definition.title ?? definition.pipeline,
    settings: definition.settings ?? {},
    trigger: {
      event: trigger.event,
      where: trigger.where === undefined ? undefined : required(trigger.where),
      maxAgeMs: milliseconds(trigger.maxAge) ?? DAY_MS,
      takesImported: trigger.imported ?? false,
    },
    steps: compileSteps(definition.steps, ''),
    timeoutMs: milliseconds(definition.timeout),
    readsProfile: /\bprofile\b/.test(JSON.stringify([definition.steps, trigger])),
  };
}

/** The pipeline of a single call of an action. */
export function compileCall(action: string, connection: string | undefined, input: JsonObject): CompiledPipeline {
  const step: ActionStep = {
    path: '0',
    id: undefined,
    timeoutMs: undefined,
    onError: undefined,
    kind: 'action',
    action,
    connection,
    guard: undefined,
    input: () => input,
    retry: DEFAULT_RETRY,
  };
  return {
    id: action,
    title: action,
    settings: {},
    trigger: { event: '', where: undefined, maxAgeMs: 0, takesImported: false },
    steps: [step],
    timeoutMs: undefined,
    readsProfile: false,
  };
}

function compileSteps(steps: readonly StepDefinition[] | undefined, prefix: string): readonly CompiledStep[] {
  return (steps ?? []).map((step, index) => compileStep(step, `${prefix}${String(index)}`));
}

function compileBlocks(
  blocks: Readonly<Record<string, readonly StepDefinition[]>>,
  prefix: string,
  byIndex: boolean,
): ReadonlyMap<string, readonly CompiledStep[]> {
  return new Map(
    Object.entries(blocks).map(([name, steps], index) => [name, compileSteps(steps, `${prefix}.${byIndex ? String(index) : name}.`)]),
  );
}

function compileStep(step: StepDefinition, path: string): CompiledStep {
  const base: StepBase = { path, id: step.id, timeoutMs: milliseconds(step.timeout), onError: compileOnError(step, path) };
  switch (kindOf(step)) {
    case 'action':
      return {
        ...base,
        kind: 'action',
        action: step.action ?? '',
        connection: step.connection,
        guard: step.if === undefined ? undefined : required(step.if),
        input: compileObject(step.with ?? {}),
        retry: compileRetry(step.retry),
      };
    case 'switch':
      return {
        ...base,
        kind: 'switch',
        value: compileValue(`\${{ ${step.switch ?? ''} }}`),
        cases: compileBlocks(step.cases ?? {}, `${path}.cases`, true),
        default: compileSteps(step.default, `${path}.default.`),
      };
    case 'parallel':
      return { ...base, kind: 'parallel', branches: compileBlocks(step.parallel ?? {}, `${path}.parallel`, false) };
    case 'wait': {
      const isUntil = typeof step.wait === 'object';
      return { ...base, kind: 'wait', isUntil, value: compileValue(typeof step.wait === 'object' ? step.wait.until : (step.wait ?? '')) };
    }
    case 'set':
      return { ...base, kind: 'set', values: compileObject(step.set ?? {}) };
    case 'stop':
      return { ...base, kind: 'stop', reason: optionalText(step.stop?.reason) };
    case 'fail':
      return { ...base, kind: 'fail', reason: optionalText(step.fail?.reason) };
    default:
      return {
        ...base,
        kind: 'if',
        condition: required(step.if ?? ''),
        then: compileSteps(step.then, `${path}.then.`),
        else: compileSteps(step.else, `${path}.else.`),
      };
  }
}

function compileOnError({ onError }: StepDefinition, path: string): ReadonlyMap<string, readonly CompiledStep[]> | undefined {
  if (onError === undefined) return undefined;
  return isStepList(onError)
    ? new Map([['*', compileSteps(onError, `${path}.onError.`)]])
    : compileBlocks(onError, `${path}.onError`, true);
}

function optionalText(text: string | undefined): Evaluate | undefined {
  return text === undefined ? undefined : compileValue(text);
}

function compileRetry(retry: Retry | undefined): RetryPolicy {
  if (retry === undefined) return DEFAULT_RETRY;
  return {
    attempts: retry.attempts ?? DEFAULT_RETRY.attempts,
    backoff: retry.backoff ?? DEFAULT_RETRY.backoff,
    initialMs: milliseconds(retry.initial) ?? DEFAULT_RETRY.initialMs,
    maxMs: milliseconds(retry.max) ?? DEFAULT_RETRY.maxMs,
    codes: retry.on === undefined ? undefined : new Set(retry.on),
  };
}

function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
