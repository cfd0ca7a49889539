import type { Call } from './call.ts';
import type { DriverOf, DriverContract } from './drivers.ts';
import type { EmittedEvent, LoggedEvent } from './event.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * Does what an action declares. Resolves only when the outside service has acknowledged.
 *
 * @throws TendrilError with a code of the catalogue; its remedy decides whether the engine tries again
 */
export type ActionHandler<Input = JsonObject, Output = JsonObject, Settings = JsonObject> = (
  input: Input,
  call: Call<Settings>,
) => Promise<Output>;

/** What is known of an effect whose call was cut off. With `happened`, the output that the action would have given. */
export type EffectCheck<Output = JsonObject> =
  { readonly effect: 'happened'; readonly output: Output } | { readonly effect: 'absent' } | { readonly effect: 'unknown' };

/** For actions with idempotency `check`: answers whether the effect of `call.idempotencyKey` took place. Has no effect itself. */
export type CheckHandler<Input = JsonObject, Output = JsonObject, Settings = JsonObject> = (
  input: Input,
  call: Call<Settings>,
) => Promise<EffectCheck<Output>>;

/**
 * Follows the log in batches, in position order. What it gathers in `call.changes` is committed together with its cursor;
 * after a crash it sees the same events again, with the changes of an uncommitted batch gone.
 */
export type ConsumerHandler<Settings = JsonObject> = (events: readonly LoggedEvent[], call: Call<Settings>) => Promise<void>;

/** Does what a schedule of the manifest is for. `call.idempotencyKey` is the same for one due time. */
export type ScheduleHandler<Settings = JsonObject> = (call: Call<Settings>) => Promise<void>;

/** What a poll of a source gave. */
export interface PollAnswer<Item = JsonObject> {
  /** Oldest first; ones that were given before do no harm. */
  readonly items: readonly Item[];
  /** Handed to the next poll; what is kept stays as it was without it. */
  readonly cursor?: Json;
  /** There is more: the next poll follows at once. */
  readonly hasMore?: boolean;
}

/**
 * Asks a service for what is new, for a trigger of kind `poll`. `input` is what the pipeline says; `cursor` is what the
 * poll before returned, `undefined` the first time. The cursor and the runs of the items are committed together.
 */
export type PollHandler<Input = JsonObject, Item = JsonObject, Settings = JsonObject> = (
  input: Input,
  call: Call<Settings>,
  cursor: Json | undefined,
) => Promise<PollAnswer<Item>>;

/** What came to the address of a pipeline whose trigger is of kind `push`. Its sender has proven who it is, unless the webhook's `verify` is `handler`. */
export interface PushRequest<Input = JsonObject> {
  /** What the pipeline says. */
  readonly input: Input;
  /** JSON, a form as an object, or text. */
  readonly body: Json;
  /** As it came, for signatures. */
  readonly rawBody: string;
  /** Names in lower case; all of them with `verify: handler`, none that proves anything otherwise. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: JsonObject;
}

/**
 * Makes items of what a service told, for a trigger of kind `push`.
 *
 * @throws TendrilError WEBHOOK_UNVERIFIED, with `verify: handler`, when the sender has not proven who it is
 */
export type PushHandler<Input = JsonObject, Item = JsonObject, Settings = JsonObject> = (
  request: PushRequest<Input>,
  call: Call<Settings>,
) => Promise<readonly Item[]>;

/** A request to a route of the plugin, below `/plugins/{plugin}/`. */
export interface RouteRequest<Input = JsonObject> {
  /** As the manifest writes it, `/orders/{order}`. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: JsonObject;
  /** The body, valid by the route's schema; an empty object where it has none. */
  readonly input: Input;
  /** Names in lower case, without those that prove who the caller is. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same for requests of the same key or session, or of the same network address where the route asks for neither; it does not tell which, and is another one after a restart. */
  readonly sender: string;
}

/** What a route answers. Headers that are the server's own (cookies, security policies) are dropped. */
export interface RouteAnswer<Output = Json> {
  /** 200 unless told; from 200 to 599. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Valid by the route's schema. A text goes out as it is, anything else as JSON. */
  readonly body?: Output;
}

/** Answers a route of the manifest. What it gathers is committed before the answer goes out. */
export type RouteHandler<Input = JsonObject, Output = Json, Settings = JsonObject> = (
  request: RouteRequest<Input>,
  call: Call<Settings>,
) => Promise<RouteAnswer<Output>>;

/** What came to a webhook of the plugin that is not a trigger's. */
export interface WebhookDelivery {
  /** JSON, a form as an object, or text. */
  readonly body: Json;
  /** As it came, for signatures. */
  readonly rawBody: string;
  /** Names in lower case; all of them with `verify: handler`, none that proves anything otherwise. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: JsonObject;
}

/**
 * Makes events of a delivery, for webhooks with `verify: handler` or without `event`. Names must be among `permissions.events.write`.
 *
 * @throws TendrilError WEBHOOK_UNVERIFIED, with `verify: handler`, when the sender has not proven who it is
 */
export type WebhookHandler<Settings = JsonObject> = (delivery: WebhookDelivery, call: Call<Settings>) => Promise<readonly EmittedEvent[]>;

/** What an agent sees at a tick. */
export interface AgentObservation {
  /** What happened since the tick before, of the names in the manifest, oldest first; at most 1,000. */
  readonly events: readonly LoggedEvent[];
  /** There is more: the next tick follows at once. */
  readonly hasMore: boolean;
  /** Epoch milliseconds; missing the first time. */
  readonly lastTickAt?: number;
  /** What is left of the day's bounds; a bound that the manifest does not set is missing. */
  readonly remaining: { readonly sends?: number; readonly spendCents?: number; readonly calls?: number };
}

/** What an agent chose at a tick, kept as a decision. */
export interface AgentDecision {
  /** What it chose, in a sentence. */
  readonly choice: string;
  /** On what evidence. */
  readonly evidence: Json;
  /** Among which options. */
  readonly alternatives?: readonly Json[];
  /** What it expects to come of it. */
  readonly expected?: Json;
  /** The action that it called for it, `a.b`. */
  readonly action?: string;
}

/**
 * One tick of an agent: observes, decides within its bounds, acts through `call.actions`. A call beyond the bounds is refused
 * with AGENT_BOUND_EXCEEDED, one that needs a person's approval with AGENT_NEEDS_APPROVAL. The cursor, the changes and the
 * decisions are committed together.
 */
export type AgentHandler<Settings = JsonObject> = (
  observation: AgentObservation,
  call: Call<Settings>,
) => Promise<readonly AgentDecision[]>;

/** Where a plugin registers its handlers. Every id must be declared in the manifest, and every declared one registered. */
export interface Host {
  action<Input = JsonObject, Output = JsonObject, Settings = JsonObject>(id: string, handler: ActionHandler<Input, Output, Settings>): void;
  check<Input = JsonObject, Output = JsonObject, Settings = JsonObject>(id: string, handler: CheckHandler<Input, Output, Settings>): void;
  consumer<Settings = JsonObject>(id: string, handler: ConsumerHandler<Settings>): void;
  schedule<Settings = JsonObject>(id: string, handler: ScheduleHandler<Settings>): void;
  trigger<Input = JsonObject, Item = JsonObject, Settings = JsonObject>(
    id: string,
    handler: PollHandler<Input, Item, Settings> | PushHandler<Input, Item, Settings>,
  ): void;
  route<Input = JsonObject, Output = Json, Settings = JsonObject>(id: string, handler: RouteHandler<Input, Output, Settings>): void;
  webhook<Settings = JsonObject>(id: string, handler: WebhookHandler<Settings>): void;
  agent<Settings = JsonObject>(id: string, handler: AgentHandler<Settings>): void;
  driver<Contract extends DriverContract>(id: string, driver: DriverOf<Contract>): void;
  /** Runs once when the process stops, with 5 seconds at most. */
  onStop(stop: () => Promise<void> | void): void;
}

/** What the entry module of a plugin exports as its default. */
export interface Plugin {
  /** Runs once per process, sees no tenant, only registers handlers. */
  setup(host: Host): void;
}

/** Marks the object as a plugin and types it. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
