import type { Json, JsonObject } from '@tendril/plugin-api';
import type { Batch, Concurrency, Debounce, Pages, RateLimit, Retry, Serial, Setting, Throttle } from '@tendril/schemas';

/** A pipeline whose shape has been checked, as `pipeline.schema.json` describes it, with all kinds of steps as one type. */
export interface Definition {
  readonly pipeline: string;
  readonly title?: string;
  readonly description?: string;
  readonly settings?: Readonly<Record<string, Setting>>;
  readonly trigger: TriggerDefinition;
  readonly input?: JsonObject;
  readonly output?: JsonObject;
  readonly concurrency?: Concurrency;
  readonly serial?: Serial;
  readonly throttle?: Throttle;
  readonly rateLimit?: RateLimit;
  readonly debounce?: Debounce;
  readonly batch?: Batch;
  readonly priority?: number | string;
  readonly retention?: string;
  readonly timeout?: string;
  readonly onError?: readonly StepDefinition[];
  readonly steps: readonly StepDefinition[];
}

/** What starts a run; which members there are says what kind it is. */
export interface TriggerDefinition {
  readonly event?: string;
  readonly maxAge?: string;
  readonly imported?: boolean;
  readonly schedule?: string | ScheduleDefinition;
  readonly webhook?: WebhookDefinition;
  readonly source?: string;
  readonly connection?: string;
  readonly with?: JsonObject;
  readonly every?: string;
  readonly existing?: boolean;
  readonly manual?: object;
  readonly broadcast?: { readonly segment?: string; readonly perMinute?: number };
  readonly segment?: string;
  readonly on?: 'entered' | 'left';
  readonly where?: string;
}

/** Times of a schedule. */
export interface ScheduleDefinition {
  readonly cron: string;
  readonly timeZone?: string;
  readonly catchUp?: 'latest' | 'all' | 'none';
}

/** How a webhook takes what comes in. */
export interface WebhookDefinition {
  readonly verify?: {
    readonly scheme: 'standard_webhooks' | 'hmac_sha256' | 'github' | 'stripe' | 'slack' | 'basic' | 'bearer';
    readonly header?: string;
    readonly tolerance?: string;
  };
  readonly schema?: JsonObject | boolean;
  readonly idempotencyHeader?: string;
  readonly answer?: 'accepted' | 'result';
  readonly answerWithin?: string;
}

/** Kinds of triggers, each named after the member that makes it one. */
export const TRIGGER_KINDS = ['event', 'schedule', 'webhook', 'source', 'manual', 'broadcast', 'segment'] as const;

/** What starts a run. */
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/** What kind of trigger it is; `undefined` when it is none of the kinds. */
export function triggerKindOf(trigger: object): TriggerKind | undefined {
  return TRIGGER_KINDS.find((kind) => kind in trigger);
}

/** Steps for any error, or by its code. */
export type OnErrorDefinition = readonly StepDefinition[] | Readonly<Record<string, readonly StepDefinition[]>>;

/** What a step waits for. */
export type WaitDefinition =
  | string
  | { readonly until: string; readonly timeZone?: string }
  | { readonly at: string; readonly on?: readonly Weekday[]; readonly timeZone?: string }
  | {
      readonly event: string;
      readonly where?: string;
      readonly since?: 'previous_step' | 'trigger' | 'now';
      readonly timeout?: string;
    };

/** Days as they are written. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** One step; which members there are says what it does. */
export interface StepDefinition {
  readonly id?: string;
  readonly action?: string;
  readonly connection?: string;
  readonly idempotencyKey?: string;
  readonly with?: JsonObject;
  readonly if?: string;
  readonly then?: readonly StepDefinition[];
  readonly else?: readonly StepDefinition[];
  readonly switch?: string;
  readonly cases?: Readonly<Record<string, readonly StepDefinition[]>>;
  readonly default?: readonly StepDefinition[];
  readonly parallel?: Readonly<Record<string, readonly StepDefinition[]>>;
  readonly join?: 'all' | 'any';
  readonly forEach?: string | Pages;
  readonly as?: string;
  readonly concurrency?: number;
  readonly do?: readonly StepDefinition[];
  readonly collect?: string;
  readonly continueOnError?: boolean;
  readonly wait?: WaitDefinition;
  readonly approve?: { readonly by?: string; readonly title?: string; readonly message?: string; readonly timeout?: string };
  readonly call?: string;
  readonly detached?: boolean;
  readonly emit?: { readonly event: string; readonly properties?: JsonObject; readonly userId?: string };
  readonly set?: JsonObject;
  readonly stop?: { readonly reason?: string };
  readonly fail?: { readonly reason?: string };
  readonly retry?: Retry;
  readonly timeout?: string;
  readonly onTimeout?: readonly StepDefinition[];
  readonly onError?: OnErrorDefinition;
  readonly compensate?: readonly StepDefinition[];
}

/** Kinds of steps, each named after the member that makes it one. */
export const STEP_KINDS = [
  'action',
  'switch',
  'parallel',
  'forEach',
  'wait',
  'approve',
  'call',
  'emit',
  'set',
  'stop',
  'fail',
  'if',
] as const;

/** What a step does. */
export type StepKind = (typeof STEP_KINDS)[number];

/** What a step does; an `if` beside another kind is a guard. `undefined` when it is none of the kinds. */
export function kindOf(step: object): StepKind | undefined {
  return STEP_KINDS.find((kind) => kind in step);
}

/** Members of a step that hold a list of steps. */
export const BLOCK_MEMBERS = ['then', 'else', 'default', 'do', 'onTimeout', 'compensate'] as const;

/** Members of a step that hold lists of steps by name; `onError` may be one too. */
export const NAMED_BLOCK_MEMBERS = ['cases', 'parallel'] as const;

/** A list of steps inside a step. */
export interface Block {
  /** Its place in the step. */
  readonly place: readonly string[];
  readonly steps: readonly StepDefinition[];
}

/** Lists of steps inside a step, each with its place in the step. */
export function blocksOf(step: StepDefinition): readonly Block[] {
  const blocks: Block[] = [];
  for (const name of BLOCK_MEMBERS) {
    const steps = step[name];
    if (steps !== undefined) blocks.push({ place: [name], steps });
  }
  for (const name of NAMED_BLOCK_MEMBERS) {
    for (const [key, steps] of Object.entries(step[name] ?? {})) blocks.push({ place: [name, key], steps });
  }
  if (step.onError === undefined) return blocks;
  if (isStepList(step.onError)) blocks.push({ place: ['onError'], steps: step.onError });
  else for (const [code, steps] of Object.entries(step.onError)) blocks.push({ place: ['onError', code], steps });
  return blocks;
}

/** What decides which action a step calls: of a capability, the connection has a say. */
export function callKey({ action = '', connection = '' }: Pick<StepDefinition, 'action' | 'connection'>): string {
  return action.includes('@') ? `${action} ${connection}` : action;
}

/** Tells the two forms of `onError` apart. */
export function isStepList(onError: OnErrorDefinition): onError is readonly StepDefinition[] {
  return Array.isArray(onError);
}

/** The event that starts runs of the pipeline: of a segment's trigger the one that the hub reports. */
export function eventOf(trigger: TriggerDefinition): string | undefined {
  if (trigger.segment === undefined) return trigger.event;
  return trigger.on === 'left' ? 'tendril.segment.left' : 'tendril.segment.entered';
}

/** The text of every value inside: expressions and templates among them. */
export function* textsOf(value: Json | object | undefined): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value) as readonly Json[]) yield* textsOf(member);
}
