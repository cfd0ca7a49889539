import type { JsonObject } from '@tendril/plugin-api';
import type { Pages, Retry } from '@tendril/schemas';
import type { ActionStep, CompiledStep, CompiledWait, PageSource, RetryPolicy, StepBase } from './compiled.ts';
import { blocksOf, isStepList, kindOf } from './definition.ts';
import type { StepDefinition, WaitDefinition } from './definition.ts';
import { optionalDuration } from './duration.ts';
import { compileObject, compileValue, required } from '../expressions/index.ts';
import type { Evaluate } from '../expressions/index.ts';

const DEFAULT_RETRY: RetryPolicy = { attempts: 5, backoff: 'exponential', initialMs: 1_000, maxMs: 300_000, codes: undefined };

/** Compiles a list of steps. @param prefix of their paths, with the dot at its end */
export function compileSteps(steps: readonly StepDefinition[] | undefined, prefix: string): readonly CompiledStep[] {
  return (steps ?? []).map((step, index, all) => compileStep(step, `${prefix}${String(index)}`, all[index + 1]));
}

/** The one step of a single call of an action. */
export function compileActionCall(action: string, connection: string | undefined, input: JsonObject): ActionStep {
  return {
    ...baseOf({}, '0', undefined),
    kind: 'action',
    action,
    connection,
    guard: undefined,
    input: () => input,
    retry: DEFAULT_RETRY,
    idempotencyKey: undefined,
  };
}

function baseOf(step: StepDefinition, path: string, next: StepDefinition | undefined): StepBase {
  return {
    path,
    id: step.id,
    timeoutMs: optionalDuration(step.timeout),
    onTimeout: step.onTimeout && compileSteps(step.onTimeout, `${path}.onTimeout.`),
    onError: compileOnError(step, path),
    retry: step.retry && compileRetry(step.retry),
    compensate: step.compensate && compileSteps(step.compensate, `${path}.compensate.`),
    marksPosition: countsFromStepBefore(next) || blocksOf(step).some(({ steps }) => countsFromStepBefore(steps[0])),
  };
}

function countsFromStepBefore(step: StepDefinition | undefined): boolean {
  const wait = step?.wait;
  return typeof wait === 'object' && 'event' in wait && (wait.since ?? 'previous_step') === 'previous_step';
}

function compileStep(step: StepDefinition, path: string, next: StepDefinition | undefined): CompiledStep {
  const base = baseOf(step, path, next);
  switch (kindOf(step)) {
    case 'action':
      return {
        ...base,
        kind: 'action',
        action: step.action ?? '',
        connection: step.connection,
        guard: step.if === undefined ? undefined : required(step.if),
        input: compileObject(step.with ?? {}),
        retry: base.retry ?? DEFAULT_RETRY,
        idempotencyKey: optionalText(step.idempotencyKey),
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
      return {
        ...base,
        kind: 'parallel',
        branches: compileBlocks(step.parallel ?? {}, `${path}.parallel`, false),
        join: step.join ?? 'all',
      };
    case 'forEach':
      return {
        ...base,
        kind: 'forEach',
        list: typeof step.forEach === 'string' ? compileValue(step.forEach) : undefined,
        pages: typeof step.forEach === 'object' ? compilePages(step.forEach) : undefined,
        name: step.as ?? 'item',
        concurrency: step.concurrency ?? 1,
        body: compileSteps(step.do, ''),
        collect: optionalText(step.collect),
        continueOnError: step.continueOnError ?? false,
      };
    case 'wait':
      return { ...base, kind: 'wait', timeoutMs: waitTimeoutMs(step.wait), wait: compileWait(step.wait ?? '') };
    case 'approve':
      return {
        ...base,
        kind: 'approve',
        timeoutMs: optionalDuration(step.approve?.timeout),
        by: step.approve?.by,
        title: optionalText(step.approve?.title),
        message: optionalText(step.approve?.message),
      };
    case 'call':
      return {
        ...base,
        kind: 'call',
        pipeline: step.call ?? '',
        input: compileObject(step.with ?? {}),
        detached: step.detached ?? false,
      };
    case 'emit':
      return {
        ...base,
        kind: 'emit',
        event: step.emit?.event ?? '',
        properties: compileObject(step.emit?.properties ?? {}),
        userId: optionalText(step.emit?.userId),
      };
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

function compileBlocks(
  blocks: Readonly<Record<string, readonly StepDefinition[]>>,
  prefix: string,
  byIndex: boolean,
): ReadonlyMap<string, readonly CompiledStep[]> {
  return new Map(
    Object.entries(blocks).map(([name, steps], index) => [name, compileSteps(steps, `${prefix}.${byIndex ? String(index) : name}.`)]),
  );
}

function compileOnError({ onError }: StepDefinition, path: string): ReadonlyMap<string, readonly CompiledStep[]> | undefined {
  if (onError === undefined) return undefined;
  return isStepList(onError)
    ? new Map([['*', compileSteps(onError, `${path}.onError.`)]])
    : compileBlocks(onError, `${path}.onError`, true);
}

function compilePages(pages: Pages): PageSource {
  return {
    action: pages.action,
    connection: pages.connection,
    input: compileObject((pages.with ?? {}) as JsonObject),
    itemsField: pages.items,
    cursorField: pages.cursor ?? 'nextCursor',
    cursorInput: pages.cursorInput ?? 'cursor',
    maxItems: pages.max ?? Infinity,
  };
}

function compileWait(wait: WaitDefinition): CompiledWait {
  if (typeof wait === 'string') return { kind: 'duration', value: compileValue(wait) };
  if ('until' in wait) return { kind: 'until', value: compileValue(wait.until), timeZone: timeZoneOf(wait) };
  if ('at' in wait) return { kind: 'at', time: wait.at, days: wait.on && new Set(wait.on), timeZone: timeZoneOf(wait) };
  return {
    kind: 'event',
    event: wait.event,
    where: wait.where === undefined ? undefined : required(wait.where),
    since: wait.since ?? 'previous_step',
  };
}

function timeZoneOf({ timeZone }: { readonly timeZone?: string }): Evaluate {
  return compileValue(timeZone ?? 'person');
}

function waitTimeoutMs(wait: WaitDefinition | undefined): number | undefined {
  return typeof wait === 'object' && 'event' in wait ? optionalDuration(wait.timeout) : undefined;
}

function optionalText(text: string | undefined): Evaluate | undefined {
  return text === undefined ? undefined : compileValue(text);
}

function compileRetry(retry: Retry): RetryPolicy {
  return {
    attempts: retry.attempts ?? DEFAULT_RETRY.attempts,
    backoff: retry.backoff ?? DEFAULT_RETRY.backoff,
    initialMs: optionalDuration(retry.initial) ?? DEFAULT_RETRY.initialMs,
    maxMs: optionalDuration(retry.max) ?? DEFAULT_RETRY.maxMs,
    codes: retry.on === undefined ? undefined : new Set(retry.on),
  };
}
