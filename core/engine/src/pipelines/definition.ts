import type { JsonObject } from '@tendril/plugin-api';
import type { Retry, Setting } from '@tendril/schemas';

/** A pipeline whose shape has been checked, as `pipeline.schema.json` describes it, with all kinds of steps as one type. */
export interface Definition {
  readonly pipeline: string;
  readonly title?: string;
  readonly description?: string;
  readonly settings?: Readonly<Record<string, Setting>>;
  readonly trigger: TriggerDefinition;
  readonly steps: readonly StepDefinition[];
  readonly timeout?: string;
}

/** What starts a run. */
export interface TriggerDefinition {
  readonly event: string;
  readonly where?: string;
  readonly maxAge?: string;
  readonly imported?: boolean;
}

/** Steps for any error, or by its code. */
export type OnErrorDefinition = readonly StepDefinition[] | Readonly<Record<string, readonly StepDefinition[]>>;

/** One step; which members there are says what it does. */
export interface StepDefinition {
  readonly id?: string;
  readonly action?: string;
  readonly connection?: string;
  readonly with?: JsonObject;
  readonly if?: string;
  readonly then?: readonly StepDefinition[];
  readonly else?: readonly StepDefinition[];
  readonly switch?: string;
  readonly cases?: Readonly<Record<string, readonly StepDefinition[]>>;
  readonly default?: readonly StepDefinition[];
  readonly parallel?: Readonly<Record<string, readonly StepDefinition[]>>;
  readonly wait?: string | { readonly until: string };
  readonly set?: JsonObject;
  readonly stop?: { readonly reason?: string };
  readonly fail?: { readonly reason?: string };
  readonly retry?: Retry;
  readonly timeout?: string;
  readonly onError?: OnErrorDefinition;
}

/** Kinds of steps, each named after the member that makes it one. */
export const STEP_KINDS = ['action', 'switch', 'parallel', 'wait', 'set', 'stop', 'fail', 'if'] as const;

/** What a step does. */
export type StepKind = (typeof STEP_KINDS)[number];

/** What a step does; an `if` beside another kind is a guard. `undefined` when it is none of the kinds. */
export function kindOf(step: object): StepKind | undefined {
  return STEP_KINDS.find((kind) => kind in step);
}

/** Lists of steps inside a step, each with its place in the step and the part of a path that names it. */
export function blocksOf(
  step: StepDefinition,
): readonly { readonly place: readonly string[]; readonly steps: readonly StepDefinition[] }[] {
  const blocks: { place: readonly string[]; steps: readonly StepDefinition[] }[] = [];
  for (const name of ['then', 'else', 'default'] as const) {
    const steps = step[name];
    if (steps !== undefined) blocks.push({ place: [name], steps });
  }
  for (const name of ['cases', 'parallel'] as const) {
    for (const [key, steps] of Object.entries(step[name] ?? {})) blocks.push({ place: [name, key], steps });
  }
  if (step.onError === undefined) return blocks;
  if (isStepList(step.onError)) blocks.push({ place: ['onError'], steps: step.onError });
  else for (const [code, steps] of Object.entries(step.onError)) blocks.push({ place: ['onError', code], steps });
  return blocks;
}

/** What decides which action a step calls: of a capability, the connection has a say. */
export function callKey({ action = '', connection = '' }: StepDefinition): string {
  return action.includes('@') ? `${action} ${connection}` : action;
}

/** Tells the two forms of `onError` apart. */
export function isStepList(onError: OnErrorDefinition): onError is readonly StepDefinition[] {
  return Array.isArray(onError);
}
