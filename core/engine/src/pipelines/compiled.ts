import type { JsonObject } from '@tendril/plugin-api';
import type { Setting } from '@tendril/schemas';
import type { TriggerDefinition, TriggerKind, Weekday } from './definition.ts';
import type { Evaluate, Expression } from '../expressions/index.ts';

/** How a step is tried again; times in milliseconds. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: 'exponential' | 'fixed';
  readonly initialMs: number;
  readonly maxMs: number;
  /** Only these codes; all errors with remedy `retry` without it. */
  readonly codes: ReadonlySet<string> | undefined;
}

/** What every step has. */
export interface StepBase {
  /** Where it stands in the definition: `0`, `1.then.0`; inside a `forEach` from its `do`. */
  readonly path: string;
  readonly id: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly onTimeout: readonly CompiledStep[] | undefined;
  /** Steps by error code, `*` for the others. */
  readonly onError: ReadonlyMap<string, readonly CompiledStep[]> | undefined;
  /** How the step as a whole is tried again; of an action each of its attempts. `undefined` on others without one. */
  readonly retry: RetryPolicy | undefined;
  readonly compensate: readonly CompiledStep[] | undefined;
  /** The log's position at its start has to be journalled, for a wait behind or inside it. */
  readonly marksPosition: boolean;
}

/** A step that calls an action. */
export interface ActionStep extends StepBase {
  readonly kind: 'action';
  readonly action: string;
  readonly connection: string | undefined;
  readonly guard: Expression | undefined;
  readonly input: Evaluate<JsonObject>;
  readonly retry: RetryPolicy;
  /** What makes calls one effect over all runs of the pipeline. */
  readonly idempotencyKey: Evaluate | undefined;
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
  readonly join: 'all' | 'any';
}

/** An action that gives a list page by page. */
export interface PageSource {
  readonly action: string;
  readonly connection: string | undefined;
  readonly input: Evaluate<JsonObject>;
  /** Fields of the output and of the input. */
  readonly itemsField: string;
  readonly cursorField: string;
  readonly cursorInput: string;
  readonly maxItems: number;
}

/** A step that does steps for each element of a list. Its inner steps have paths of their own, from `do`. */
export interface ForEachStep extends StepBase {
  readonly kind: 'forEach';
  readonly list: Evaluate | undefined;
  readonly pages: PageSource | undefined;
  /** Name of the element in `each`. */
  readonly name: string;
  readonly concurrency: number;
  readonly body: readonly CompiledStep[];
  readonly collect: Evaluate | undefined;
  readonly continueOnError: boolean;
}

/** What is waited for. Time zones are a text: `person`, `tenant` or an IANA name. */
export type CompiledWait =
  | { readonly kind: 'duration'; readonly value: Evaluate }
  | { readonly kind: 'until'; readonly value: Evaluate; readonly timeZone: Evaluate }
  | { readonly kind: 'at'; readonly time: string; readonly days: ReadonlySet<Weekday> | undefined; readonly timeZone: Evaluate }
  | {
      readonly kind: 'event';
      readonly event: string;
      readonly where: Expression | undefined;
      readonly since: 'previous_step' | 'trigger' | 'now';
    };

/** A step that waits; a wait for an event has its timeout in `timeoutMs`. */
export interface WaitStep extends StepBase {
  readonly kind: 'wait';
  readonly wait: CompiledWait;
}

/** A step that waits for a person's approval; its timeout is in `timeoutMs`. */
export interface ApproveStep extends StepBase {
  readonly kind: 'approve';
  readonly by: string | undefined;
  readonly title: Evaluate | undefined;
  readonly message: Evaluate | undefined;
}

/** A step that runs another pipeline. */
export interface CallStep extends StepBase {
  readonly kind: 'call';
  readonly pipeline: string;
  readonly input: Evaluate<JsonObject>;
  readonly detached: boolean;
}

/** A step that puts an event into the log. */
export interface EmitStep extends StepBase {
  readonly kind: 'emit';
  readonly event: string;
  readonly properties: Evaluate<JsonObject>;
  readonly userId: Evaluate | undefined;
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
export type CompiledStep =
  ActionStep | IfStep | SwitchStep | ParallelStep | ForEachStep | WaitStep | ApproveStep | CallStep | EmitStep | SetStep | EndStep;

/** What starts runs. */
export interface CompiledTrigger {
  readonly kind: TriggerKind;
  /** Name of the event, of triggers that follow the log. */
  readonly event: string | undefined;
  readonly where: Expression | undefined;
  readonly maxAgeMs: number;
  readonly takesImported: boolean;
  /** Name of the segment whose change starts a run. */
  readonly segment: string | undefined;
  /** As it was written: what only the room of this kind of trigger reads. */
  readonly definition: TriggerDefinition;
}

/** A limit over `periodMs`, for each value of the key apart. */
export interface RateBound {
  readonly limit: number;
  readonly periodMs: number;
  readonly key: Expression | undefined;
}

/** What bounds the starts and the execution of runs. Keys read `event`, `profile`, `input` and `settings`. */
export interface Flow {
  readonly concurrency: { readonly limit: number; readonly key: Expression | undefined } | undefined;
  readonly serial: { readonly key: Expression; readonly max: number | undefined; readonly overflow: 'skip' | 'replace' } | undefined;
  readonly throttle: (RateBound & { readonly burst: number }) | undefined;
  readonly rateLimit: RateBound | undefined;
  readonly debounce: { readonly periodMs: number; readonly maxMs: number | undefined; readonly key: Expression | undefined } | undefined;
  readonly batch: { readonly size: number; readonly timeoutMs: number; readonly key: Expression | undefined } | undefined;
  readonly priority: number | Expression;
}

/** A pipeline, ready to run. Holds no state: one serves all runs of its version. */
export interface CompiledPipeline {
  readonly id: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting>>;
  readonly trigger: CompiledTrigger;
  readonly flow: Flow;
  /** JSON Schema of `input`, where one is declared. */
  readonly inputSchema: JsonObject | undefined;
  readonly output: Evaluate<JsonObject> | undefined;
  readonly steps: readonly CompiledStep[];
  /** Of the run; paths begin with `onError`. */
  readonly onError: readonly CompiledStep[];
  readonly timeoutMs: number | undefined;
  readonly retentionMs: number;
  readonly readsProfile: boolean;
  /** Names of the events that its steps wait for. */
  readonly awaitedEvents: ReadonlySet<string>;
}
